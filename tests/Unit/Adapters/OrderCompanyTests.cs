using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo;
using Xunit;
using static Gateway.OperationStatus;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Orders where we are two companies: the second keeps its books in USD, and has a warehouse with the code of the first's.</summary>
public abstract class OrderCompanyTests(OdooGeneration odoo)
{
    private const int Usd = 1, ExportList = 2, FirstWarehouse = 1, SecondWarehouse = 3;

    private static readonly Partner OfFirst = new("first", "First") { Companies = [new Company("main", 1)] };

    private static readonly Partner OfSecond = new("second", "Second") { Companies = [new Company("second", 2)] };

    private static readonly Partner OfBoth = new("both", "Both") { Companies = [.. OfSecond.Companies, .. OfFirst.Companies] };

    [Fact]
    public async Task An_order_is_made_for_the_partners_company_with_its_warehouse_and_in_its_currency()
    {
        await using var bench = await StartAsync();

        await DoneAsync(bench, OfSecond, "so_1");
        await DoneAsync(bench, OfFirst, "so_2");
        await DoneAsync(bench, OfBoth, "so_3");

        // What is in the company's currency needs no price list to be.
        Assert.Equal([(2, SecondWarehouse, Usd, null), (1, FirstWarehouse, Usd, ExportList), (2, SecondWarehouse, Usd, null)], await KeptAsync(bench));
    }

    [Fact]
    public async Task A_warehouse_of_another_company_is_none_and_nothing_is_sent()
    {
        await using var bench = await StartAsync();

        var result = await CallAsync(bench, "order.create", OfSecond, Order("WH2"), externalId: "so_1");

        Assert.Equal((NotSent, "company 2 has no warehouse 'WH2'"), (result.Status, result.Reason));
        Assert.DoesNotContain("WH2", result.Detail, StringComparison.Ordinal);
        Assert.Equal((0, 0), (bench.Odoo.Orders.Count, bench.Odoo.CallsOf("sale.order", "load")));
        Assert.Equal(Done, (await CallAsync(bench, "order.create", OfFirst, Order("WH2"), externalId: "so_2")).Status);
    }

    /// <summary>Both companies know their customer by the same name.</summary>
    [Fact]
    public async Task A_customer_of_another_company_is_none_and_does_not_hide_its_own()
    {
        await using var bench = await StartAsync();
        await bench.Odoo.DoAsync("res.partner", "write", new JsonObject { ["ids"] = new JsonArray(46), ["vals"] = new JsonObject { ["company_id"] = 1 } });
        var foreign = await CallAsync(bench, "order.create", OfSecond, Order("WH"), externalId: "so_1");
        await MakeAsync(bench, "res.partner", new JsonObject { ["name"] = "Acme", ["ref"] = "ACME-DE", ["is_company"] = true, ["company_id"] = 2 });

        await DoneAsync(bench, OfSecond, "so_2");
        await DoneAsync(bench, OfFirst, "so_3");

        Assert.Equal((Refused, "buyerParty/id: buyer 'ACME-DE' is not known"), (foreign.Status, foreign.Detail));
        Assert.Equal([false, true], bench.Odoo.Orders.Select(order => order.PartnerId == 46));
    }

    [Fact]
    public async Task An_order_of_another_company_is_not_there_and_stays_as_it_is()
    {
        await using var bench = await StartAsync();
        var (second, first) = (await DoneAsync(bench, OfSecond, "so_1"), await DoneAsync(bench, OfFirst, "so_2"));

        foreach (var (partner, foreign) in ((Partner, string)[])[(OfFirst, second), (OfSecond, first)])
        {
            Assert.Equal(NotFound, (await CallAsync(bench, "order.read", partner, [], foreign)).Status);
            foreach (var operation in (string[])["order.confirm", "order.cancel", "order.change"])
                Assert.Equal((operation, Refused), (operation, (await CallAsync(bench, operation, partner, Order("WH"), foreign, "int_1")).Status));
        }

        Assert.All(bench.Odoo.Orders, order => Assert.Equal("draft", order.State));
        Assert.Equal(Done, (await CallAsync(bench, "order.read", OfBoth, [], first)).Status);
        Assert.Equal(Done, (await CallAsync(bench, "order.read", OfBoth, [], second)).Status);
    }

    [Fact]
    public async Task Every_call_names_the_partners_companies_and_no_other_the_one_in_which_is_made_first()
    {
        var heard = new Heard();
        await using var bench = await StartAsync(heard);

        foreach (var (partner, companies) in ((Partner, string)[])[(OfBoth, "[2,1]"), (OfSecond, "[2]"), (new Partner("none", "None"), "[1]")])
        {
            heard.Companies.Clear();
            var made = await DoneAsync(bench, partner, "so_" + partner.Name);
            Assert.Equal(Done, (await CallAsync(bench, "order.confirm", partner, [], made)).Status);
            Assert.Equal(Done, (await CallAsync(bench, "order.read", partner, [], made)).Status);

            Assert.Equal([companies], heard.Companies.Distinct());
        }
    }

    private async Task<OdooBench> StartAsync(Outside? outside = null)
    {
        var bench = await odoo.StartAsync(outside: outside);
        await MakeAsync(bench, "res.company", new JsonObject { ["name"] = "Second", ["currency_id"] = Usd, ["partner_id"] = 1 });
        var place = await MakeAsync(bench, "stock.location", new JsonObject { ["name"] = "Stock of the second", ["usage"] = "internal", ["company_id"] = 2 });
        await MakeAsync(bench, "stock.warehouse", new JsonObject { ["name"] = "Second", ["code"] = "WH", ["company_id"] = 2, ["view_location_id"] = place, ["lot_stock_id"] = place, ["out_type_id"] = 2 });
        return bench;
    }

    private static async Task<int> MakeAsync(OdooBench bench, string model, JsonObject values) =>
        (int)(await bench.Odoo.DoAsync(model, "create", new JsonObject { ["vals_list"] = new JsonArray(values) }))![0]!;

    private static JsonObject Order(string warehouse)
    {
        var order = OdooBench.Order();
        (order["warehouse"], order["currency"]) = (warehouse, "USD");
        return order;
    }

    /// <summary>The reference of an order that is made.</summary>
    private static async Task<string> DoneAsync(OdooBench bench, Partner partner, string externalId)
    {
        var made = await CallAsync(bench, "order.create", partner, Order("WH"), externalId: externalId);
        Assert.True(made.Status == Done, made.Reason ?? made.Detail);
        return made.Reference!;
    }

    private static ValueTask<OperationResult> CallAsync(OdooBench bench, string operation, Partner partner, JsonObject input, string? reference = null, string? externalId = null) =>
        bench.Backend.Operations[operation].CallAsync(
            new OperationCall(OdooBench.Json(input.ToJsonString()), partner) { Reference = reference, ExternalId = externalId }, TestContext.Current.CancellationToken);

    /// <summary>Company, warehouse, currency and price list of each order, by their database ids.</summary>
    private static async Task<IReadOnlyList<(int Company, int Warehouse, int Currency, int? PriceList)>> KeptAsync(OdooBench bench)
    {
        var rows = await bench.Odoo.DoAsync("sale.order", "read", new JsonObject
        {
            ["ids"] = new JsonArray([.. bench.Odoo.Orders.Select(order => (JsonNode)order.Id)]),
            ["fields"] = new JsonArray("company_id", "warehouse_id", "currency_id", "pricelist_id"),
        });
        return [.. rows!.AsArray().Select(row => (Id(row!["company_id"])!.Value, Id(row["warehouse_id"])!.Value, Id(row["currency_id"])!.Value, Id(row["pricelist_id"])))];

        static int? Id(JsonNode? many2One) => many2One is JsonArray pair ? (int)pair[0]! : null;
    }

    /// <summary>Hears which companies each call is for; what is asked before anybody has signed in is for none.</summary>
    private sealed class Heard : Outside
    {
        public ConcurrentQueue<string> Companies { get; } = [];

        public override HttpMessageHandler Backend(string name, Func<HttpMessageHandler> connections) => new Line(this, connections());

        private static async Task<JsonNode?> ContextAsync(HttpRequestMessage request, CancellationToken cancellation)
        {
            if (request.Content is null) return null;
            var body = JsonNode.Parse(await request.Content.ReadAsByteArrayAsync(cancellation))!;
            if (request.RequestUri!.AbsolutePath.StartsWith("/json/2/", StringComparison.Ordinal)) return body["context"];
            return (string?)body["params"]!["service"] == "object" ? body["params"]!["args"]!.AsArray()[^1]!["context"] : null;
        }

        private sealed class Line(Heard heard, HttpMessageHandler connections) : DelegatingHandler(connections)
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                if (await ContextAsync(request, cancellationToken) is { } context)
                    heard.Companies.Enqueue(context["allowed_company_ids"]?.ToJsonString() ?? "none");
                return await base.SendAsync(request, cancellationToken);
            }
        }
    }
}

public sealed class OrderCompanyOverJson2() : OrderCompanyTests(new OdooGeneration(19, OdooApi.Json2));

public sealed class OrderCompanyOverJsonRpcOf19() : OrderCompanyTests(new OdooGeneration(19, OdooApi.Jsonrpc));

public sealed class OrderCompanyOverJsonRpcOf18() : OrderCompanyTests(new OdooGeneration(18, OdooApi.Auto));
