using System.Text.Json.Nodes;
using Gateway.Demo;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>Work that was done before and is asked for once more, under another key, on the workspace of this repository: what was done once is told once.</summary>
public sealed class RepeatedWorkTests : IAsyncLifetime
{
    private const string Line = """ "id": "a", "item": { "sellersItemIdentification": "DESK0005" }, "unitCode": "C62" """;

    private Demonstration _demo = null!;
    private HttpClient _client = null!;
    private int _keys;

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
    public async Task Orders_and_shipments_are_told_once_however_often_they_are_done()
    {
        var order = await OrderAsync("PO-1");

        await TwiceAsync($"{order}/confirmation", "{}", "order.confirmed.v1");
        await TwiceAsync($"{order}/shipments", Left(1), "shipment.booked.v1");

        var other = await OrderAsync("PO-2");
        await TwiceAsync($"{other}/cancellation", "{}", "order.cancelled.v1", Demonstration.Key);
    }

    [Fact]
    public async Task What_is_told_of_a_shipment_later_is_told()
    {
        var order = await OrderAsync("PO-1");
        await DoAsync($"{order}/confirmation", "{}");
        await TwiceAsync($"{order}/shipments", Left(1), "shipment.booked.v1");

        Assert.Equal(200, (await DoAsync($"{order}/shipments", Left(1, ", \"trackingId\": \"TRK-9\""))).Status);
        Assert.Equal(2, await ToldAsync("shipment.booked.v1"));
    }

    [Fact]
    public async Task A_change_that_changes_nothing_is_not_told()
    {
        var order = await OrderAsync("PO-1");

        Assert.Equal(200, (await SendAsync(HttpMethod.Put, Demonstration.Key, order, Order("PO-1", 1))).Status);
        Assert.Equal(0, await ToldAsync("order.changed.v1"));
        for (var i = 0; i < 2; i++) Assert.Equal(200, (await SendAsync(HttpMethod.Put, Demonstration.Key, order, Order("PO-1", 2))).Status);
        Assert.Equal(1, await ToldAsync("order.changed.v1"));
    }

    [Theory]
    [InlineData(ChaosMode.DropAfterWork)]
    [InlineData(ChaosMode.ErrorAfterWork)]
    public async Task What_was_cut_off_is_told_once_whoever_finds_that_it_is_so(ChaosMode chaos)
    {
        var order = await OrderAsync("PO-1");
        _demo.Simulators.Odoo.Chaos.Set(new ChaosRule(chaos) { Path = "sale.order/action_confirm", Count = 1, Status = 502 });

        // Found at once, or settled without its caller; another key may meanwhile wait for it, and never does it anew.
        await DoAsync($"{order}/confirmation", "{}");
        var (tries, settled) = (0, false);
        for (; !settled && tries < 600; tries++)
        {
            settled = (await DoAsync($"{order}/confirmation", "{}")).Status == 200;
            if (!settled) await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.True(settled);
        Assert.Equal(200, (await DoAsync($"{order}/confirmation", "{}")).Status);
        Assert.Equal(1, await ToldAsync("order.confirmed.v1"));
        Assert.Equal("sale", _demo.Simulators.Odoo.Orders.Single().State);
    }

    [Fact]
    public async Task A_voided_label_can_be_bought_again_in_another_weight_and_under_another_id()
    {
        var first = await DoAsync("/v1/labels", Parcel("9.5"));
        Assert.Equal(409, (await DoAsync("/v1/labels", Parcel("19"))).Status);
        for (var i = 0; i < 2; i++) Assert.Equal(200, (await DoAsync(first.Location + "/void", "{}")).Status);

        var second = await DoAsync("/v1/labels", Parcel("19"));

        Assert.Equal((201, 201), (first.Status, second.Status));
        Assert.NotEqual(first.Location, second.Location);
        Assert.NotEqual((string?)first.Json["trackingId"], (string?)second.Json["trackingId"]);
        // The first one is over already: voiding it takes nothing from the second, which is there once.
        Assert.Equal(200, (await DoAsync(first.Location + "/void", "{}")).Status);
        var again = await DoAsync("/v1/labels", Parcel("19"));
        Assert.Equal((200, (string?)second.Json["labelId"]), (again.Status, (string?)again.Json["labelId"]));
        Assert.Equal(["completed", "voided"], _demo.Simulators.Tms.Labels.Select(label => label.Status).Order(StringComparer.Ordinal));

        // So is one that was bought and voided in the same weight.
        Assert.Equal(200, (await DoAsync(second.Location + "/void", "{}")).Status);
        Assert.Equal(201, (await DoAsync("/v1/labels", Parcel("19"))).Status);
    }

    private async Task TwiceAsync(string path, string body, string type, string key = Demonstration.FulfilmentKey)
    {
        for (var i = 0; i < 2; i++) Assert.Equal((200, ""), (await SendAsync(HttpMethod.Post, key, path, body)) is var done ? (done.Status, done.Status == 200 ? "" : done.Text) : default);
        Assert.Equal(1, await ToldAsync(type));
    }

    /// <summary>How many events of a type there are.</summary>
    private async Task<int> ToldAsync(string type)
    {
        using var operators = new HttpClient { BaseAddress = _demo.Gateway.AdminUrl, DefaultRequestHeaders = { Authorization = new("Bearer", Demonstration.OperatorToken) } };
        return (await operators.GetStringAsync("/events", TestContext.Current.CancellationToken)).Split($"\"{type}\"").Length - 1;
    }

    /// <summary>Its path.</summary>
    private async Task<string> OrderAsync(string number) =>
        (await SendAsync(HttpMethod.Post, Demonstration.Key, "/v1/orders", Order(number, 1))).Location ?? throw new InvalidOperationException("there is no order");

    private Task<Answered> DoAsync(string path, string body) => SendAsync(HttpMethod.Post, Demonstration.FulfilmentKey, path, body);

    /// <summary>Each request has a key of its own.</summary>
    private async Task<Answered> SendAsync(HttpMethod method, string key, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { "X-Api-Key", key }, { "Idempotency-Key", $"k-{_keys++}" } } };
        request.Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answered((int)answer.StatusCode, answer.Headers.Location?.ToString(), await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static string Order(string number, int quantity) => $$"""
        {
          "customerReference": "{{number}}", "documentCurrencyCode": "EUR", "buyerParty": { "id": "ACME-DE" },
          "orderLines": [{ "id": "1", "quantity": {{quantity}}, "unitCode": "C62", "item": { "sellersItemIdentification": "DESK0005" }, "price": { "priceAmount": "12.50" } }]
        }
        """;

    private static string Left(int quantity, string more = "") =>
        $$"""{ "id": "WH/OUT/00001", "shipmentStatusCode": "shipped", "despatchLines": [{ {{Line}}, "deliveredQuantity": {{quantity}} }]{{more}} }""";

    private static string Parcel(string weight) => $$"""
        {
          "id": "WH/OUT/00001", "shipmentStatusCode": "ready", "buyerParty": { "id": "ACME-DE" }, "carrierServiceCode": "standard", "grossWeightMeasure": {{weight}},
          "deliveryParty": { "name": "Lager", "postalAddress": { "streetName": "Hafenstr. 1", "cityName": "Hamburg", "countryCode": "DE" } },
          "despatchLines": [{ {{Line}}, "deliveredQuantity": 0 }]
        }
        """;

    private sealed record Answered(int Status, string? Location, string Text)
    {
        public JsonNode Json => JsonNode.Parse(Text)!;
    }
}
