using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;
using static Gateway.OperationStatus;
using static Gateway.Tests.Unit.Adapters.LogisticsBench;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>
/// Goods that came back and goods that are still to be invoiced, in one order or one month. Odoo's wizard would put both on one document; here each is billed
/// by its own, in either order.
/// </summary>
public sealed class CreditBesideInvoiceTests
{
    private const string Order = """{ "order": "S00001" }""";

    /// <summary>Lamps are 14.50 in all, a desk is 12.50: with one desk back the wizard makes an invoice, with three a credit note.</summary>
    public static TheoryData<int, string, string> Cases => new()
    {
        { 1, "invoice.create", "credit-note.create" },
        { 1, "credit-note.create", "invoice.create" },
        { 3, "invoice.create", "credit-note.create" },
        { 3, "credit-note.create", "invoice.create" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_is_billed_by_itself_whichever_comes_first(int back, string first, string second)
    {
        await using var bench = await StartAsync(back);

        await bench.DoneAsync(first, Order, "bill_1");
        await bench.DoneAsync(second, Order, "bill_2");

        await AssertBilledAsync(bench, back);
        Assert.Equal((Refused, Refused), ((await bench.CallAsync("invoice.create", Order, "bill_3")).Status, (await bench.CallAsync("credit-note.create", Order, "bill_4")).Status));
    }

    [Theory]
    [MemberData(nameof(CutOffs))]
    public async Task Wherever_one_is_cut_off_each_comes_of_it_once(int back, string operation, string other, string path, ChaosMode mode)
    {
        await using var bench = await StartAsync(back);
        bench.Odoo.Chaos.Set(new ChaosRule(mode) { Path = path, Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync(operation, Order, "bill_1")).Status);
        Assert.Equal(path.EndsWith("action_post", StringComparison.Ordinal) && mode == ChaosMode.DropAfterWork ? Done : NotFound, (await bench.ReadBackAsync(operation, Order, "bill_1")).Status);
        Assert.Equal(Done, (await bench.CallAsync(operation, Order, "bill_1", resumes: true)).Status);
        await bench.DoneAsync(other, Order, "bill_2");

        await AssertBilledAsync(bench, back);
    }

    /// <summary>Those where the draft is to be switched: a credit note of an invoice, and the other way round.</summary>
    public static TheoryData<int, string, string, string, ChaosMode> CutOffs
    {
        get
        {
            var data = new TheoryData<int, string, string, string, ChaosMode>();
            foreach (var path in (string[])["sale.advance.payment.inv/create_invoices", "account.move/write", "account.move/action_switch_move_type", "account.move/action_post"])
                foreach (var mode in (ChaosMode[])[ChaosMode.DropBefore, ChaosMode.DropAfterWork])
                {
                    data.Add(1, "credit-note.create", "invoice.create", path, mode);
                    data.Add(3, "invoice.create", "credit-note.create", path, mode);
                }
            return data;
        }
    }

    [Fact]
    public async Task What_comes_back_is_credited_within_a_month_that_is_invoiced_later()
    {
        await using var bench = await LogisticsBench.StartAsync();
        var monthly = Acme with { Invoicing = Invoicing.Month };
        var month = $$"""{ "month": "{{DateTime.UtcNow:yyyy-MM}}", "buyer": "ACME-DE" }""";
        await bench.ShipAsync();
        Assert.Equal(Done, (await bench.CallAsync("invoice.create", month, "invoice_1", partner: monthly)).Status);
        await bench.OrderAsync("PO-2");
        await bench.ShipAsync(name: "WH/OUT/00002");
        await ReturnAsync(bench, 1);

        var second = Only(OdooBench.Json((await bench.CallAsync("invoice.create", month, "invoice_2", partner: monthly)).Record), "invoices");
        var credit = Only(OdooBench.Json((await bench.CallAsync("credit-note.create", Order, "credit_1", partner: monthly)).Record), "creditNotes");

        Assert.Equal((52m, "S00002"), (second.GetProperty("amount_total").GetDecimal(), Assert.Single(second.GetProperty("sale_order_ids").EnumerateArray()).GetProperty("name").GetString()));
        Assert.Equal(12.5m, credit.GetProperty("amount_total").GetDecimal());
    }

    [Fact]
    public async Task A_down_payment_is_deducted_from_the_invoice_and_is_nothing_that_came_back()
    {
        await using var bench = await LogisticsBench.StartAsync();
        await AddServiceAsync(bench, price: 10);
        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        await WriteAsync(bench, "sale.order.line", 3, new JsonObject { ["product_uom_qty"] = 0, ["price_unit"] = 10, ["is_downpayment"] = true });
        Assert.Equal((Refused, Refused), ((await bench.CallAsync("invoice.create", Order, "invoice_2")).Status, (await bench.CallAsync("credit-note.create", Order, "credit_1")).Status));

        await bench.ShipAsync();
        var invoice = Only(await bench.DoneAsync("invoice.create", Order, "invoice_3"), "invoices");

        Assert.Equal(52m - 10m, invoice.GetProperty("amount_untaxed").GetDecimal());
        Assert.Equal(Refused, (await bench.CallAsync("credit-note.create", Order, "credit_1")).Status);
    }

    [Fact]
    public async Task What_was_ordered_below_zero_is_a_discount_of_the_invoice()
    {
        await using var bench = await LogisticsBench.StartAsync();
        await AddServiceAsync(bench, price: 5, quantity: -1);
        await bench.ShipAsync();
        Assert.Equal(Refused, (await bench.CallAsync("credit-note.create", Order, "credit_1")).Status);

        Assert.Equal(47m, Only(await bench.DoneAsync("invoice.create", Order, "invoice_1"), "invoices").GetProperty("amount_untaxed").GetDecimal());
    }

    [Fact]
    public async Task Goods_that_cost_nothing_give_nothing_to_credit()
    {
        await using var bench = await LogisticsBench.StartAsync();
        await WriteAsync(bench, "sale.order.line", 1, new JsonObject { ["price_unit"] = 0 });
        await bench.ShipAsync();
        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        await ReturnAsync(bench, 1);

        Assert.Equal((Refused, "there is nothing to credit"), (await bench.CallAsync("credit-note.create", Order, "credit_1")) is var credit ? (credit.Status, credit.Detail) : default);
        Assert.Single(await bench.RowsAsync("account.move", "name"));
    }

    /// <summary>Three desks invoiced, some of them back, and two lamps shipped since.</summary>
    private static async Task<LogisticsBench> StartAsync(int back)
    {
        var bench = await LogisticsBench.StartAsync();
        await bench.ShipAsync(desks: 3, lamps: 0);
        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        await ReturnAsync(bench, back);
        await bench.DoneAsync("shipment.validate", """
            { "name": "WH/OUT/00002", "state": "done", "context": { "skip_backorder": true },
              "move_ids": [ { "product_id": { "default_code": "FURN_8888" }, "product_uom": { "name": "Units" }, "quantity": 2, "picked": true } ] }
            """);
        return bench;
    }

    private static async Task ReturnAsync(LogisticsBench bench, int desks)
    {
        await bench.DoneAsync("return.create", Back(desks), "return_1");
        await bench.DoneAsync("return.receive", Received(desks));
    }

    /// <summary>Beside the first invoice there is one of the lamps, and a credit note of just the desks, and all is posted.</summary>
    private static async Task AssertBilledAsync(LogisticsBench bench, int back)
    {
        var invoices = (await bench.DoneAsync("invoice.read", "{}", reference: "1")).GetProperty("invoices").EnumerateArray().ToArray();
        var credit = Only(await bench.DoneAsync("credit-note.read", "{}", reference: "1"), "creditNotes");
        Assert.Equal([37.5m, 14.5m], invoices.Select(invoice => invoice.GetProperty("amount_untaxed").GetDecimal()));
        Assert.Equal(12.5m * back, credit.GetProperty("amount_untaxed").GetDecimal());
        Assert.Equal("FURN_8888", Sku(Only(invoices[1], "invoice_line_ids")));
        Assert.Equal(("DESK0005", (decimal)back), (Sku(Only(credit, "invoice_line_ids")), Only(credit, "invoice_line_ids").GetProperty("quantity").GetDecimal()));
        Assert.Equal(invoices[0].GetProperty("name").GetString(), Only(credit, "credited_move_ids").GetProperty("name").GetString());
        Assert.Equal(3, (await bench.RowsAsync("account.move", "name")).Count);
        Assert.All(await bench.RowsAsync("sale.order.line", "qty_to_invoice"), line => Assert.Equal(0, line!["qty_to_invoice"]!.GetValue<decimal>()));

        static string? Sku(JsonElement line) => line.GetProperty("product_id").GetProperty("default_code").GetString();
    }

    /// <summary>Another line, of a service that is invoiced as it was ordered.</summary>
    private static Task AddServiceAsync(LogisticsBench bench, decimal price, int quantity = 1) => WriteAsync(bench, "sale.order", 1, new JsonObject
    {
        ["order_line"] = new JsonArray(new JsonArray(0, 0, new JsonObject { ["product_id"] = 60, ["product_uom_qty"] = quantity, ["price_unit"] = price })),
    });

    private static Task WriteAsync(LogisticsBench bench, string model, int id, JsonObject values) =>
        bench.Raw.CallAsync(model, "write", new JsonObject { ["ids"] = new JsonArray(id), ["vals"] = values });

    private static JsonElement Only(JsonElement record, string name) => Assert.Single(record.GetProperty(name).EnumerateArray());
}
