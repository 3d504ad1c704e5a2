using System.Text.Json.Nodes;
using Xunit;
using static Gateway.OperationStatus;
using static Gateway.Tests.Unit.Adapters.LogisticsBench;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Bills and credit where a partner trades with two companies of ours: order S00001 is the first's, S00002 the second's.</summary>
public sealed class CompanyBillingTests
{
    private const string First = """{ "order": "S00001" }""";
    private const string Second = """{ "order": "S00002" }""";

    /// <summary>Journals are 9 of the first company, 11 of the second; where none is named, 1 and 10.</summary>
    private static readonly Partner Both = Acme with { Companies = [new Company("main", 1) { Journal = "PART" }, new Company("second", 2) { Journal = "PART" }] };

    [Fact]
    public async Task A_bill_stands_in_the_journal_of_the_company_whose_order_it_is()
    {
        await using var bench = await StartAsync();

        Assert.Equal(Done, (await bench.CallAsync("invoice.create", Second, "invoice_1", partner: Both)).Status);
        Assert.Equal(Done, (await bench.CallAsync("invoice.create", First, "invoice_2", partner: Both)).Status);
        await bench.DoneAsync("return.create", Back(1, delivery: "WH/OUT/00002"), "return_1");
        await bench.DoneAsync("return.receive", Received(1, delivery: "WH/OUT/00002"));
        Assert.Equal(Done, (await bench.CallAsync("credit-note.create", Second, "credit_1", partner: Both)).Status);

        Assert.Equal([(11, 2), (9, 1), (11, 2)], await BooksAsync(bench));
    }

    [Fact]
    public async Task A_company_that_names_no_journal_leaves_it_to_Odoo_whatever_the_first_names()
    {
        await using var bench = await StartAsync();

        Assert.Equal(Done, (await bench.CallAsync("invoice.create", Second, "invoice_1", partner: Both with { Companies = [Both.Companies[0], new Company("second", 2)] })).Status);

        Assert.Equal([(10, 2)], await BooksAsync(bench));
    }

    [Fact]
    public async Task A_journal_that_another_company_has_not_hinders_nobody()
    {
        await using var bench = await StartAsync();
        var partner = Both with { Companies = [new Company("main", 1) { Journal = "NOPE" }, Both.Companies[1]] };

        Assert.Equal(NotSent, (await bench.CallAsync("invoice.create", First, "invoice_1", partner: partner)).Status);
        Assert.Equal(Done, (await bench.CallAsync("invoice.create", Second, "invoice_2", partner: partner)).Status);
    }

    [Fact]
    public async Task A_month_has_an_invoice_of_each_company()
    {
        await using var bench = await StartAsync();
        var month = $$"""{ "month": "{{DateTime.UtcNow:yyyy-MM}}", "buyer": "ACME-DE" }""";

        var made = await bench.CallAsync("invoice.create", month, "invoice_1", partner: Both with { Invoicing = Invoicing.Month });

        Assert.Equal((Done, 2), (made.Status, OdooBench.Json(made.Record).GetProperty("invoices").GetArrayLength()));
        Assert.Equal([(9, 1), (11, 2)], (await BooksAsync(bench)).Order());
    }

    [Fact]
    public async Task What_is_owed_to_the_second_company_is_no_credit_of_the_first()
    {
        await using var bench = await StartAsync();
        await bench.CallAsync("invoice.create", Second, "invoice_1", partner: Both);

        Assert.Equal(("0.00", "52.00"), await CreditAsync(bench, Both));
        Assert.Equal(("52.00", "0.00"), await CreditAsync(bench, Both with { Companies = [Both.Companies[1], Both.Companies[0]] }));
    }

    private static async Task<LogisticsBench> StartAsync()
    {
        var bench = await LogisticsBench.StartAsync();
        await MakeAsync(bench, "res.company", new JsonObject { ["name"] = "Second", ["currency_id"] = 125, ["partner_id"] = 1 });
        foreach (var (name, code) in ((string, string)[])[("Sales", "INV"), ("Sales of partners", "PART")])
            await MakeAsync(bench, "account.journal", new JsonObject { ["name"] = name, ["code"] = code, ["type"] = "sale", ["company_id"] = 2 });
        await bench.OrderAsync("PO-2");
        await bench.Raw.CallAsync("sale.order", "write", new JsonObject { ["ids"] = new JsonArray(2), ["vals"] = new JsonObject { ["company_id"] = 2 } });
        await bench.ShipAsync();
        await bench.ShipAsync(name: "WH/OUT/00002");
        return bench;
    }

    private static Task MakeAsync(LogisticsBench bench, string model, JsonObject values) => bench.Raw.CallAsync(model, "create", new JsonObject { ["vals_list"] = new JsonArray(values) });

    /// <summary>Journal and company of each bill, by their database ids.</summary>
    private static async Task<IReadOnlyList<(int Journal, int Company)>> BooksAsync(LogisticsBench bench) =>
        [.. (await bench.RowsAsync("account.move", "journal_id", "company_id")).Select(bill => (bill!["journal_id"]![0]!.GetValue<int>(), bill["company_id"]![0]!.GetValue<int>()))];

    private static async Task<(string? Owed, string? Open)> CreditAsync(LogisticsBench bench, Partner partner)
    {
        var check = OdooBench.Json((await bench.CallAsync("credit.check", """{ "buyer": "ACME-DE" }""", partner: partner)).Record);
        return (check.GetProperty("credit").GetString(), check.GetProperty("open_orders").GetString());
    }
}
