using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Demo;
using Gateway.Simulators;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Changes;

/// <summary>
/// Orders after they exist, and what partners read beside them: the routes of this repository's workspace over real sockets, with the simulated Odoo
/// behind them.
/// </summary>
public sealed class OrderChangesTests : IAsyncLifetime
{
    private Demonstration _demo = null!;
    private HttpClient _client = null!;
    private string _order = "";

    private IStore Store => _demo.Gateway.Services.GetRequiredService<IStore>();

    public async ValueTask InitializeAsync()
    {
        var (demo, _) = await Demonstration.StartAsync(new DemoOptions { Workspace = Repository.Root, Urls = "http://127.0.0.1:0", AdminUrls = "http://127.0.0.1:0" }, TestContext.Current.CancellationToken);
        _demo = demo ?? throw new InvalidOperationException("the demo did not start");
        _client = new HttpClient { BaseAddress = _demo.Gateway.Url, DefaultRequestHeaders = { { "X-Api-Key", Demonstration.Key } } };
        _order = (string)(await SendAsync(HttpMethod.Post, "/v1/orders", SampleOrder.Json(), "k-0")).Json["id"]!;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _demo.DisposeAsync();
    }

    [Fact]
    public async Task A_change_is_answered_read_told_and_replayed()
    {
        var changed = await ChangeAsync(SampleOrder.Json(quantity: 5, note: "at the gate"), "k-1");
        var replayed = await ChangeAsync(SampleOrder.Json(quantity: 5, note: "at the gate"), "k-1");
        var read = await SendAsync(HttpMethod.Get, $"/v1/orders/{_order}");

        Assert.Equal((200, _order, 5, "at the gate", "62.50"), (changed.Status, (string?)changed.Json["id"], (int)changed.Json["orderLines"]![0]!["quantity"]!, (string?)changed.Json["note"],
            (string?)changed.Json["legalMonetaryTotal"]!["lineExtensionAmount"]));
        Assert.Equal((200, changed.Text, true), (replayed.Status, replayed.Text, replayed.Replayed));
        Assert.Equal(changed.Text, read.Text);
        var told = (await EventsAsync())[^1].Event;
        Assert.Equal(("order.changed.v1", _order), (told.Type, told.Subject));
        var data = JsonNode.Parse(told.Data.Span)!;
        Assert.Equal((_order, "PO-4711", 5, "S00001"), ((string?)data["id"], (string?)data["customerReference"], (int)data["orderLines"]![0]!["quantity"]!, (string?)data["salesOrderId"]));
    }

    [Fact]
    public async Task A_line_that_is_taken_out_is_told_no_more_and_the_others_keep_their_ids()
    {
        var two = JsonNode.Parse(SampleOrder.Json())!;
        var more = two["orderLines"]![0]!.DeepClone();
        more["id"] = "2.1";
        two["orderLines"]!.AsArray().Insert(0, more);

        Assert.Equal(["2.1", "1"], LinesOf(await ChangeAsync(two.ToJsonString(), "k-1")));
        two["orderLines"]!.AsArray().RemoveAt(1);
        Assert.Equal(["2.1"], LinesOf(await ChangeAsync(two.ToJsonString(), "k-2")));
        Assert.Equal(["2.1"], LinesOf(await SendAsync(HttpMethod.Get, $"/v1/orders/{_order}")));
        Assert.Equal([0m, 3m], _demo.Simulators.Odoo.Orders.Single().Lines.Select(line => line.Quantity));

        static IEnumerable<string> LinesOf(Answered answer) => answer.Json["orderLines"]!.AsArray().Select(line => (string)line!["id"]!);
    }

    [Fact]
    public async Task Changes_at_once_follow_each_other_and_each_is_whole()
    {
        _demo.Simulators.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Latency) { Milliseconds = 30, Path = "sale.order/load" });
        async Task<int> UntilDoneAsync(int quantity)
        {
            for (var waits = 0; ; waits++)
            {
                var answer = await ChangeAsync(SampleOrder.Json(quantity: quantity), $"k-{quantity}");
                if (answer.Status == 200) return waits;
                Assert.Equal((409, "still-running", "1"), (answer.Status, answer.Problem, answer.Header("Retry-After")));
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        var waits = await Task.WhenAll(Enumerable.Range(10, 6).Select(UntilDoneAsync));

        Assert.NotEqual(0, waits.Sum());
        var changes = (await EventsAsync()).Where(e => e.Event.Type == "order.changed.v1").OrderBy(e => e.Position).ToList();
        Assert.Equal(Enumerable.Range(10, 6), changes.Select(QuantityOf).Order());
        // Who was last has the last word, in Odoo and at the gateway.
        Assert.Equal(QuantityOf(changes[^1]), _demo.Simulators.Odoo.Orders.Single().Lines.Single().Quantity);
        Assert.Equal(QuantityOf(changes[^1]), (int)(await SendAsync(HttpMethod.Get, $"/v1/orders/{_order}")).Json["orderLines"]![0]!["quantity"]!);

        static int QuantityOf(StoredEvent told) => (int)JsonNode.Parse(told.Event.Data.Span)!["orderLines"]![0]!["quantity"]!;
    }

    [Fact]
    public async Task A_change_whose_answer_was_lost_is_looked_for_while_its_caller_waits_and_is_done_once()
    {
        _demo.Simulators.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = "sale.order/load", Count = 1 });

        var lost = await ChangeAsync(SampleOrder.Json(quantity: 7), "k-1");
        var next = await ChangeAsync(SampleOrder.Json(quantity: 8), "k-2");
        var replayed = await ChangeAsync(SampleOrder.Json(quantity: 7), "k-1");

        Assert.Equal((200, 7), (lost.Status, (int)lost.Json["orderLines"]![0]!["quantity"]!));
        Assert.Equal((200, 200, true), (next.Status, replayed.Status, replayed.Replayed));
        Assert.Equal(7, (int)replayed.Json["orderLines"]![0]!["quantity"]!);
        Assert.Equal(8, _demo.Simulators.Odoo.Orders.Single().Lines.Single().Quantity);
    }

    [Fact]
    public async Task A_cancelled_order_is_told_once_and_not_changed_any_more()
    {
        var cancelled = await CancelAsync("k-1", """{"cancellationNote":"ordered twice"}""");
        var replayed = await CancelAsync("k-1", """{"cancellationNote":"ordered twice"}""");
        var again = await CancelAsync("k-2", "{}");
        var changed = await ChangeAsync(SampleOrder.Json(quantity: 5), "k-3");

        Assert.Equal((200, "cancelled", "PO-4711"), (cancelled.Status, (string?)cancelled.Json["orderStatusCode"], (string?)cancelled.Json["customerReference"]));
        Assert.Equal((200, true), (replayed.Status, replayed.Replayed));
        Assert.Equal((200, false), (again.Status, again.Replayed));
        Assert.Equal((422, "business-refused", "This order is cancelled, so it can't be changed any more. Place a new order."), (changed.Status, changed.Problem, (string?)changed.Json["detail"]));
        Assert.Equal(1, _demo.Simulators.Odoo.CallsOf("sale.order", "action_cancel"));
        var told = (await EventsAsync()).First(e => e.Event.Type == "order.cancelled.v1").Event;
        var data = JsonNode.Parse(told.Data.Span)!;
        Assert.Equal((_order, "ordered twice", "PO-4711", "cancelled"),
            (told.Subject, (string?)data["cancellationNote"], (string?)data["customerReference"], (string?)data["orderStatusCode"]));
    }

    [Fact]
    public async Task What_has_been_shipped_is_neither_cancelled_nor_made_less()
    {
        await OdooAsync("sale.order/action_confirm", new JsonObject { ["ids"] = new JsonArray(1) });
        await OdooAsync("stock.picking/button_validate", new JsonObject { ["ids"] = new JsonArray(1) });

        var cancelled = await CancelAsync("k-1", "{}");
        var less = await ChangeAsync(SampleOrder.Json(quantity: 2), "k-2");

        Assert.Equal((422, "business-refused"), (cancelled.Status, cancelled.Problem));
        Assert.Equal((422, "orderLines/0/quantity: it can't be less, for 3 of it have been shipped"), (less.Status, (string?)less.Json["detail"]));
        Assert.Equal((3, "sale"), (_demo.Simulators.Odoo.Orders.Single().Lines.Single().Quantity, _demo.Simulators.Odoo.Orders.Single().State));
        // The refusal is the key's answer, and the object is free.
        Assert.Equal((422, true), ((await CancelAsync("k-1", "{}")) is var same ? (same.Status, same.Replayed) : default));
        Assert.Equal(200, (await ChangeAsync(SampleOrder.Json(quantity: 4), "k-3")).Status);
    }

    [Fact]
    public async Task What_is_asked_of_no_order_leaves_nothing_behind()
    {
        var before = (await Store.IntentsAsync(null, 10, TestContext.Current.CancellationToken)).Count;

        var change = await SendAsync(HttpMethod.Put, "/v1/orders/ord_none", SampleOrder.Json(), "k-1");
        var cancel = await SendAsync(HttpMethod.Post, "/v1/orders/ord_none/cancellation", "{}", "k-1");

        Assert.Equal((404, 404), (change.Status, cancel.Status));
        Assert.Equal(before, (await Store.IntentsAsync(null, 10, TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task Buyers_prices_and_warehouses_are_read()
    {
        await OdooAsync("res.partner/write", new JsonObject { ["ids"] = new JsonArray(46), ["vals"] = new JsonObject { ["property_product_pricelist"] = 1 } });

        var buyer = await SendAsync(HttpMethod.Get, "/v1/buyers/ACME-DE");
        var prices = await SendAsync(HttpMethod.Get, "/v1/buyers/ACME-DE/prices/DESK0005");
        var warehouse = await SendAsync(HttpMethod.Get, "/v1/warehouses/WH2");

        Assert.Equal((200, "ACME-DE", "DE"), (buyer.Status, (string?)buyer.Json["id"], (string?)buyer.Json["postalAddress"]!["countryCode"]));
        Assert.Equal((200, "ACME-DE", "690.00", 10), (prices.Status, (string?)prices.Json["buyerParty"]!["id"], (string?)prices.Json["priceLines"]![0]!["price"]!["priceAmount"],
            (int)prices.Json["priceLines"]![0]!["minimumQuantity"]!));
        Assert.Equal((200, "WH2", "WH2/Stock"), (warehouse.Status, (string?)warehouse.Json["id"], (string?)warehouse.Json["stockLocationId"]));
        Assert.Equal(404, (await SendAsync(HttpMethod.Get, "/v1/buyers/ACME-FR/prices/DESK0005")).Status);
    }

    private Task<Answered> ChangeAsync(string order, string key) => SendAsync(HttpMethod.Put, $"/v1/orders/{_order}", order, key);

    private Task<Answered> CancelAsync(string key, string body) => SendAsync(HttpMethod.Post, $"/v1/orders/{_order}/cancellation", body, key);

    private async Task<IReadOnlyList<StoredEvent>> EventsAsync() => await Store.ReadEventsAsync(0, 100, TestContext.Current.CancellationToken);

    private async Task<Answered> SendAsync(HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        if (body is not null) request.Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var headers = answer.Headers.NonValidated.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        return new Answered((int)answer.StatusCode, headers, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task OdooAsync(string method, JsonObject arguments)
    {
        using var odoo = new HttpClient { BaseAddress = _demo.Simulators.Odoo.Url, DefaultRequestHeaders = { { "Authorization", "Bearer demo-odoo-key" } } };
        using var answer = await odoo.PostAsJsonAsync($"/json/2/{method}", arguments, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private sealed record Answered(int Status, IReadOnlyDictionary<string, string> Headers, string Text)
    {
        public JsonNode Json => JsonNode.Parse(Text)!;

        public string Problem => ((string?)Json["type"] ?? "").Split('/')[^1];

        public bool Replayed => Header("Idempotency-Replayed") == "true";

        public string Header(string name) => Headers.GetValueOrDefault(name, "");
    }
}
