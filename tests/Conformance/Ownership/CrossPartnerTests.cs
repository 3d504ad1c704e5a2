using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Demo;
using Xunit;

namespace Gateway.Tests.Conformance.Ownership;

/// <summary>
/// What one partner tries on what is another's, on every route of the workspace of this repository, over real sockets and the simulated
/// backends. A route that comes new has no attempt, and fails the first test.
/// </summary>
public sealed partial class CrossPartnerTests : IAsyncLifetime
{
    private const string Acme = Demonstration.Key;
    private const string Globex = "globex-demo-key";

    /// <summary>Headers that differ from answer to answer, whatever they answer.</summary>
    private static readonly string[] Passing = ["Date", "X-Correlation-Id", "RateLimit"];

    private static readonly Dictionary<string, Func<CrossPartnerTests, Task>> Attempts = new()
    {
        ["orders.create"] = t => t.OrderForAnothersBuyerAsync(),
        ["orders.read"] = t => t.ReadAnothersOrderAsync(),
        ["orders.change"] = t => t.ChangeAnothersOrderAsync(),
        ["orders.cancel"] = t => t.CancelAnothersOrderAsync(),
        ["buyers.read"] = t => t.ReadWhatIsAnothersAsync("/v1/buyers/ACME-DE", "/v1/buyers/NOPE"),
        ["prices.read"] = t => t.ReadWhatIsAnothersAsync("/v1/buyers/ACME-DE/prices/DESK0005", "/v1/buyers/NOPE/prices/DESK0005"),
        ["warehouses.read"] = t => t.ReadWhatIsAnothersAsync("/v1/warehouses/WH2", "/v1/warehouses/NOPE"),
        ["items.read"] = t => t.ReadAnItemOfAnotherCompanyAsync(),
        ["inventory.read"] = t => t.ReadStockOfAnothersWarehouseAsync(),
        ["tracking.read"] = t => t.FollowAnothersParcelAsync(),
        ["usage.read"] = t => t.LookAtAnothersUsageAsync(),
        ["events.read"] = t => t.ReadAnothersEventsAsync(),
        ["events.find"] = t => t.FindAnothersEventAsync(),
        ["webhooks.create"] = t => t.SubscribeBesideAnotherAsync(),
        ["webhooks.list"] = t => t.SubscribeBesideAnotherAsync(),
        ["webhooks.read"] = t => t.ReachAnothersSubscriptionAsync(HttpMethod.Get, "", null),
        ["webhooks.change"] = t => t.ReachAnothersSubscriptionAsync(HttpMethod.Put, "", Subscription),
        ["webhooks.delete"] = t => t.ReachAnothersSubscriptionAsync(HttpMethod.Delete, "", null),
        ["webhooks.ping"] = t => t.ReachAnothersSubscriptionAsync(HttpMethod.Post, "/ping", "{}"),
        ["webhooks.rotate"] = t => t.ReachAnothersSubscriptionAsync(HttpMethod.Post, "/rotate-secret", "{}"),
        ["webhooks.recover"] = t => t.RecoverAnothersSubscriptionAsync(),
        ["webhooks.deliveries"] = t => t.ReachAnothersSubscriptionAsync(HttpMethod.Get, "/deliveries", null),
        ["shipments.read"] = t => t.ReadWhatIsOfAnothersOrderAsync("shipments"),
        ["invoices.read"] = t => t.ReadWhatIsOfAnothersOrderAsync("invoices"),
        ["credit-notes.read"] = t => t.ReadWhatIsOfAnothersOrderAsync("credit-notes"),
        ["returns.create"] = t => t.ReturnAnothersShipmentAsync(),
        ["returns.read"] = t => t.ReadAnothersReturnAsync(),
        ["orders.confirm"] = t => t.ConfirmAnothersOrderAsync(),
        ["shipments.book"] = t => t.BookAnothersShipmentAsync(),
        ["returns.receive"] = t => t.ReceiveAnothersReturnAsync(),
        ["invoices.create"] = t => t.BillAnothersOrderAsync("invoices"),
        ["credit-notes.create"] = t => t.BillAnothersOrderAsync("credit-notes"),
        ["warehouse-orders.create"] = t => t.OrderOutOfAnothersWarehouseAsync(),
        ["warehouse-orders.read"] = t => t.ReachAnothersWarehouseOrderAsync(),
        ["warehouse-orders.cancel"] = t => t.ReachAnothersWarehouseOrderAsync(),
        ["warehouse-stock.read"] = t => t.CountInAnothersWarehouseAsync(),
        ["labels.create"] = t => t.BuyALabelForAnothersBuyerAsync(),
        ["labels.read"] = t => t.ReachAnothersLabelAsync(),
        ["labels.void"] = t => t.ReachAnothersLabelAsync(),
    };

    private Demonstration _demo = null!;
    private HttpClient _client = null!;

    public static TheoryData<string> Routes => [.. Attempts.Keys];

    public async ValueTask InitializeAsync()
    {
        var (demo, _) = await Demonstration.StartAsync(new DemoOptions { Workspace = Repository.Root, Urls = "http://127.0.0.1:0", AdminUrls = "http://127.0.0.1:0" }, TestContext.Current.CancellationToken);
        _demo = demo ?? throw new InvalidOperationException("the demo did not start");
        _client = new HttpClient { BaseAddress = _demo.Gateway.Url };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _demo.DisposeAsync();
    }

    [Fact]
    public async Task Every_route_that_is_shipped_has_its_attempt()
    {
        var (plan, _) = await ValidateCommand.CompileAsync(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false });
        await using (plan) Assert.Equal(plan!.Routes.Select(r => r.Name).Order(StringComparer.Ordinal), Attempts.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public Task No_partner_reaches_what_is_anothers(string route) => Attempts[route](this);

    private async Task OrderForAnothersBuyerAsync()
    {
        var refused = await OrderAsync(Globex, "ACME-DE", "PO-1", "key-1");
        Assert.Equal((403, "forbidden"), (refused.Status, refused.Problem));
        Assert.Empty(_demo.Simulators.Odoo.Orders);

        Assert.Equal(201, (await OrderAsync(Acme, "ACME-DE", "PO-1", "key-1")).Status);
        var replayed = await OrderAsync(Globex, "ACME-DE", "PO-1", "key-1");
        Assert.Equal((403, false), (replayed.Status, replayed.Headers.ContainsKey("Idempotency-Replayed")));

        // The same number and the same key are another's business.
        var own = await OrderAsync(Globex, "GLOBEX-DE", "PO-1", "key-1");
        Assert.Equal((201, false), (own.Status, own.Headers.ContainsKey("Idempotency-Replayed")));
        Assert.Equal(2, _demo.Simulators.Odoo.Orders.Count);
    }

    private async Task ReadAnothersOrderAsync()
    {
        var order = (string)(await OrderAsync(Acme, "ACME-DE", "PO-1", "key-1")).Json["id"]!;

        var anothers = await GetAsync(Globex, $"/v1/orders/{order}");
        Assert.Equal((404, "not-found"), (anothers.Status, anothers.Problem));
        AssertSame(await GetAsync(Globex, "/v1/orders/ord_j1pda46bw52qb8xmhdc1d9bad6"), anothers);
        Assert.Equal(200, (await GetAsync(Acme, $"/v1/orders/{order}")).Status);

        // In Odoo it goes to another of our companies, with which the partner does not trade.
        var company = await OtherCompanyAsync();
        await OdooAsync("sale.order/write", new JsonObject { ["ids"] = new JsonArray(_demo.Simulators.Odoo.Orders.Single().Id), ["vals"] = new JsonObject { ["company_id"] = company } });
        Assert.Equal(404, (await GetAsync(Acme, $"/v1/orders/{order}")).Status);
    }

    private async Task ChangeAnothersOrderAsync()
    {
        var order = (string)(await OrderAsync(Acme, "ACME-DE", "PO-1", "key-1")).Json["id"]!;

        // Neither in its own name, nor in its owner's.
        var foreign = await ChangeAsync(Globex, order, "GLOBEX-DE", "key-1");
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await ChangeAsync(Globex, "ord_j1pda46bw52qb8xmhdc1d9bad6", "GLOBEX-DE", "key-2"), foreign);
        Assert.Equal((403, "forbidden"), (await ChangeAsync(Globex, order, "ACME-DE", "key-3")) is var named ? (named.Status, named.Problem) : default);
        // And no partner makes it another buyer's.
        Assert.Equal((422, "business-refused"), (await ChangeAsync(Acme, order, "ACME-FR", "key-4")) is var moved ? (moved.Status, moved.Problem) : default);
        Assert.Equal(1, _demo.Simulators.Odoo.Orders.Single().Lines.Single().Quantity);
        Assert.Equal(200, (await ChangeAsync(Acme, order, "ACME-DE", "key-5")).Status);

        await ToOtherCompanyAsync();
        Assert.NotEqual(200, (await ChangeAsync(Acme, order, "ACME-DE", "key-6", quantity: 9)).Status);
        Assert.Equal(2, _demo.Simulators.Odoo.Orders.Single().Lines.Single().Quantity);
    }

    private async Task CancelAnothersOrderAsync()
    {
        var order = (string)(await OrderAsync(Acme, "ACME-DE", "PO-1", "key-1")).Json["id"]!;

        var foreign = await CancelAsync(Globex, order, "key-1");
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await CancelAsync(Globex, "ord_j1pda46bw52qb8xmhdc1d9bad6", "key-2"), foreign);
        Assert.Equal("draft", _demo.Simulators.Odoo.Orders.Single().State);

        await ToOtherCompanyAsync();
        Assert.NotEqual(200, (await CancelAsync(Acme, order, "key-3")).Status);
        Assert.Equal("draft", _demo.Simulators.Odoo.Orders.Single().State);
    }

    private async Task ReadWhatIsAnothersAsync(string anothers, string nothing)
    {
        await OdooAsync("res.partner/write", new JsonObject { ["ids"] = new JsonArray(46), ["vals"] = new JsonObject { ["property_product_pricelist"] = 1 } });

        var foreign = await GetAsync(Globex, anothers);
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await GetAsync(Globex, nothing), foreign);
        Assert.Equal(200, (await GetAsync(Acme, anothers)).Status);
    }

    private async Task ToOtherCompanyAsync()
    {
        var company = await OtherCompanyAsync();
        await OdooAsync("sale.order/write", new JsonObject { ["ids"] = new JsonArray(_demo.Simulators.Odoo.Orders.Single().Id), ["vals"] = new JsonObject { ["company_id"] = company } });
    }

    private async Task ReadAnItemOfAnotherCompanyAsync()
    {
        await ItemAsync("OTHERS-1", await OtherCompanyAsync());
        await ItemAsync("OURS-1", 1);

        var foreign = await GetAsync(Acme, "/v1/items/OTHERS-1");
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await GetAsync(Acme, "/v1/items/NOPE"), foreign);
        Assert.Equal(200, (await GetAsync(Acme, "/v1/items/OURS-1")).Status);

        var line = await OrderAsync(Acme, "ACME-DE", "PO-2", "key-2", "OTHERS-1");
        Assert.Equal((422, "business-refused"), (line.Status, line.Problem));
        Assert.Equal((await OrderAsync(Acme, "ACME-DE", "PO-3", "key-3", "NOPE")).Text, line.Text.Replace("OTHERS-1", "NOPE", StringComparison.Ordinal));
        Assert.Empty(_demo.Simulators.Odoo.Orders);
    }

    private async Task ReadStockOfAnothersWarehouseAsync()
    {
        var foreign = await GetAsync(Globex, "/v1/inventory?item=DESK0005&location=WH2");
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await GetAsync(Globex, "/v1/inventory?item=DESK0005&location=NOPE"), foreign);
        Assert.Equal(200, (await GetAsync(Acme, "/v1/inventory?item=DESK0005&location=WH2")).Status);
        Assert.Equal(200, (await GetAsync(Globex, "/v1/inventory?item=DESK0005&location=WH")).Status);

        await ItemAsync("OTHERS-1", await OtherCompanyAsync());
        AssertSame(await GetAsync(Acme, "/v1/inventory?item=NOPE"), await GetAsync(Acme, "/v1/inventory?item=OTHERS-1"));
    }

    private async Task FollowAnothersParcelAsync()
    {
        var foreign = await GetAsync(Globex, "/v1/tracking/TRK-1001");
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await GetAsync(Globex, "/v1/tracking/TRK-9999"), foreign);
        AssertSame(foreign, await GetAsync(Globex, "/v1/tracking/TRK-1001", ("If-None-Match", "*"), ("Range", "bytes=0-9")));
        Assert.Equal(200, (await GetAsync(Acme, "/v1/tracking/TRK-1001")).Status);
        Assert.Equal(200, (await GetAsync(Globex, "/v1/tracking/TRK-1004")).Status);

        _demo.Simulators.Tms.AddEvent("TRK-1001", "DE", customerReference: "GLOBEX-DE");
        Assert.Equal(404, (await GetAsync(Acme, "/v1/tracking/TRK-1001")).Status);
    }

    private async Task LookAtAnothersUsageAsync()
    {
        for (var i = 0; i < 3; i++) Assert.Equal(201, (await OrderAsync(Acme, "ACME-DE", $"PO-{i}", $"key-{i}")).Status);

        Assert.NotEqual(0, UsedIn(await GetAsync(Acme, "/v1/usage")));
        // Whatever is asked for, it is one's own.
        foreach (var path in (string[])["/v1/usage", "/v1/usage?partner=acme", "/v1/usage?tenant=acme&consumer=acme-shop"])
            Assert.Equal(0, UsedIn(await GetAsync(Globex, path)));

        static int UsedIn(Answered usage) => usage.Status == 200 ? usage.Json["quotas"]!.AsArray().Sum(q => (int)q!["used"]!) : 0;
    }

    private async Task ReadAnothersEventsAsync()
    {
        Assert.Equal(201, (await OrderAsync(Acme, "ACME-DE", "PO-1", "key-1")).Status);
        var own = await GetAsync(Acme, "/v1/events");
        Assert.Equal((200, 1), (own.Status, own.Json.AsArray().Count));

        foreach (var path in (string[])["/v1/events", "/v1/events?type=order.accepted.v1", "/v1/events?wait=1s"])
            Assert.Empty((await GetAsync(Globex, path)).Json.AsArray());
        // A cursor opens nothing: another's is none.
        var foreign = await GetAsync(Globex, own.Headers["Link"].Split('<', '>')[1]);
        Assert.Equal((400, "malformed-request"), (foreign.Status, foreign.Problem));
    }

    private async Task FindAnothersEventAsync()
    {
        Assert.Equal(201, (await OrderAsync(Acme, "ACME-DE", "PO-1", "key-1")).Status);
        var id = (string)(await GetAsync(Acme, "/v1/events")).Json[0]!["id"]!;
        Assert.Equal(200, (await GetAsync(Acme, "/v1/events/" + id)).Status);

        var anothers = await GetAsync(Globex, "/v1/events/" + id);
        Assert.Equal((404, "not-found"), (anothers.Status, anothers.Problem));
        AssertSame(await GetAsync(Globex, "/v1/events/evt_j1pda46bw52qb8xmhdc1d9bad6"), anothers);
    }

    private async Task ReadWhatIsOfAnothersOrderAsync(string what)
    {
        var order = await ShippedOrderAsync();

        var anothers = await GetAsync(Globex, $"/v1/orders/{order}/{what}");
        Assert.Equal((404, "not-found"), (anothers.Status, anothers.Problem));
        AssertSame(await GetAsync(Globex, $"/v1/orders/ord_j1pda46bw52qb8xmhdc1d9bad6/{what}"), anothers);
        Assert.Equal(200, (await GetAsync(Acme, $"/v1/orders/{order}/{what}")).Status);

        var company = await OtherCompanyAsync();
        await OdooAsync("sale.order/write", new JsonObject { ["ids"] = new JsonArray(1), ["vals"] = new JsonObject { ["company_id"] = company } });
        Assert.Equal(404, (await GetAsync(Acme, $"/v1/orders/{order}/{what}")).Status);
    }

    private async Task ReturnAnothersShipmentAsync()
    {
        await ShippedOrderAsync();

        var anothers = await ReturnAsync(Globex, "WH/OUT/00001", "RET-1", "key-r1");
        Assert.Equal((422, "business-refused"), (anothers.Status, anothers.Problem));
        Assert.Equal((await ReturnAsync(Globex, "WH/OUT/09999", "RET-2", "key-r2")).Text.Replace("09999", "00001", StringComparison.Ordinal), anothers.Text);
        Assert.Equal(0, _demo.Simulators.Odoo.CallsOf("stock.return.picking", "create"));

        Assert.Equal(201, (await ReturnAsync(Acme, "WH/OUT/00001", "RET-1", "key-r1")).Status);
    }

    private async Task ReadAnothersReturnAsync()
    {
        await ShippedOrderAsync();
        var announced = await ReturnAsync(Acme, "WH/OUT/00001", "RET-1", "key-r1");
        var path = announced.Headers["Location"];
        Assert.Equal($"/v1/returns/{(string?)announced.Json["id"]}", path);

        var anothers = await GetAsync(Globex, path);
        Assert.Equal((404, "not-found"), (anothers.Status, anothers.Problem));
        AssertSame(await GetAsync(Globex, "/v1/returns/ret_j1pda46bw52qb8xmhdc1d9bad6"), anothers);
        Assert.Equal(announced.Text, (await GetAsync(Acme, path)).Text);
    }

    /// <summary>An order of Acme's that was shipped and invoiced; its id.</summary>
    private async Task<string> ShippedOrderAsync()
    {
        var order = (string)(await OrderAsync(Acme, "ACME-DE", "PO-1", "key-1")).Json["id"]!;
        var first = new JsonArray(1);
        await OdooAsync("sale.order/action_confirm", new JsonObject { ["ids"] = first.DeepClone() });
        await OdooAsync("stock.picking/button_validate", new JsonObject { ["ids"] = first.DeepClone() });
        await OdooAsync("sale.advance.payment.inv/create", new JsonObject { ["vals_list"] = new JsonArray(new JsonObject()), ["context"] = new JsonObject { ["active_ids"] = first.DeepClone() } });
        await OdooAsync("sale.advance.payment.inv/create_invoices", new JsonObject { ["ids"] = first.DeepClone() });
        await OdooAsync("account.move/action_post", new JsonObject { ["ids"] = first.DeepClone() });
        return order;
    }

    private Task<Answered> ReturnAsync(string key, string shipment, string number, string idempotencyKey) => SendAsync(HttpMethod.Post, key, "/v1/returns", $$"""
        {
          "customerReference": "{{number}}", "shipmentId": "{{shipment}}",
          "returnLines": [{ "id": "1", "quantity": 1, "unitCode": "C62", "item": { "sellersItemIdentification": "DESK0005" }, "returnReasonCode": "defective" }]
        }
        """, ("Idempotency-Key", idempotencyKey));

    /// <summary>Byte for byte, but for what differs from answer to answer.</summary>
    private static void AssertSame(Answered expected, Answered actual)
    {
        Assert.Equal(expected.Status, actual.Status);
        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(expected.Headers.Where(h => !Passing.Contains(h.Key)), actual.Headers.Where(h => !Passing.Contains(h.Key)));
    }

    private Task<Answered> OrderAsync(string key, string buyer, string number, string idempotencyKey, string item = "DESK0005") =>
        SendAsync(HttpMethod.Post, key, "/v1/orders", Order(buyer, number, 1, item), ("Idempotency-Key", idempotencyKey));

    private Task<Answered> ChangeAsync(string key, string order, string buyer, string idempotencyKey, int quantity = 2) =>
        SendAsync(HttpMethod.Put, key, $"/v1/orders/{order}", Order(buyer, "PO-1", quantity), ("Idempotency-Key", idempotencyKey));

    private Task<Answered> CancelAsync(string key, string order, string idempotencyKey) =>
        SendAsync(HttpMethod.Post, key, $"/v1/orders/{order}/cancellation", "{}", ("Idempotency-Key", idempotencyKey));

    private static string Order(string buyer, string number, int quantity, string item = "DESK0005") => $$"""
        {
          "customerReference": "{{number}}", "documentCurrencyCode": "EUR", "buyerParty": { "id": "{{buyer}}" },
          "orderLines": [{ "id": "1", "quantity": {{quantity}}, "unitCode": "C62", "item": { "sellersItemIdentification": "{{item}}" }, "price": { "priceAmount": "12.50" } }]
        }
        """;

    private Task<Answered> GetAsync(string key, string path, params (string, string)[] headers) => SendAsync(HttpMethod.Get, key, path, null, headers);

    private async Task<Answered> SendAsync(HttpMethod method, string key, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { "X-Api-Key", key } } };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null) request.Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var all = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated).ToDictionary(h => h.Key, h => h.Value.ToString());
        return new Answered((int)answer.StatusCode, all, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<int> OtherCompanyAsync() =>
        (int)(await OdooAsync("res.company/create", new JsonObject { ["vals_list"] = new JsonArray(new JsonObject { ["name"] = "Others", ["currency_id"] = 125, ["partner_id"] = 1 }) }))!.AsArray().Single()!;

    private Task ItemAsync(string sku, int company) =>
        OdooAsync("product.product/create", new JsonObject { ["vals_list"] = new JsonArray(new JsonObject { ["default_code"] = sku, ["name"] = sku, ["list_price"] = 1, ["company_id"] = company }) });

    private async Task<JsonNode?> OdooAsync(string method, JsonObject arguments)
    {
        using var odoo = new HttpClient { BaseAddress = _demo.Simulators.Odoo.Url, DefaultRequestHeaders = { { "Authorization", "Bearer demo-odoo-key" }, { "X-Odoo-Database", "demo" } } };
        using var answer = await odoo.PostAsJsonAsync($"/json/2/{method}", arguments, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text);
    }

    private sealed record Answered(int Status, IReadOnlyDictionary<string, string> Headers, string Text)
    {
        public JsonNode Json => JsonNode.Parse(Text)!;

        /// <summary>The page that the problem's type leads to.</summary>
        public string Problem => ((string?)Json["type"] ?? "").Split('/')[^1];
    }
}
