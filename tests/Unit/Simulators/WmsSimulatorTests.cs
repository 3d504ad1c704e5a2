using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

public sealed class WmsSimulatorTests : IAsyncLifetime
{
    private WmsSimulator _wms = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _wms = await WmsSimulator.StartAsync();
        _http = new HttpClient { BaseAddress = _wms.Url };
        _http.DefaultRequestHeaders.Add("Authorization", "Bearer demo-wms-key");
        _http.DefaultRequestHeaders.Add("shipbob_channel_id", "100001");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _wms.DisposeAsync();
    }

    [Fact]
    public async Task An_order_is_committed_shipped_in_parts_and_fulfilled()
    {
        var (status, order) = await CreateAsync("SO-1", ("DESK0005", 3), ("FURN_7777", 2));
        Assert.Equal((201, "Processing"), (status, (string)order["status"]!));
        Assert.Equal((60, 3, 57), await StockAsync("DESK0005"));
        Assert.Null(_wms.Ship((int)order["id"]!, new Dictionary<string, int> { ["DESK0005"] = 2 }).Wrong);
        Assert.Equal("PartiallyFulfilled", (string)(await ReadAsync("SO-1"))["status"]!);
        Assert.Equal((58, 1, 57), await StockAsync("DESK0005"));
        using var rest = await _http.PostAsJsonAsync("/_ship", new { orderId = (int)order["id"]! }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, rest.StatusCode);
        var done = await ReadAsync("SO-1");
        Assert.Equal(("Fulfilled", 2), ((string)done["status"]!, done["shipments"]!.AsArray().Count));
        Assert.NotNull(_wms.Ship((int)order["id"]!).Wrong);
    }

    [Fact]
    public async Task A_known_reference_is_unprocessable_and_nothing_but_the_status_says_so()
    {
        await CreateAsync("SO-1", ("DESK0005", 1));
        var (status, error) = await CreateAsync("SO-1", ("DESK0005", 1));
        Assert.Equal((422, null), (status, error["errors"]));
        Assert.Single(_wms.Orders);
    }

    [Fact]
    public async Task Without_its_channel_an_order_is_not_taken()
    {
        _http.DefaultRequestHeaders.Remove("shipbob_channel_id");
        var (status, error) = await CreateAsync("SO-1", ("DESK0005", 1));
        Assert.Equal((400, "shipbob_channel_id"), (status, (string)error["errors"]![0]!["field"]!));
        Assert.Empty(_wms.Orders);
    }

    [Fact]
    public async Task Too_much_is_an_exception_and_a_shipped_order_cannot_be_cancelled()
    {
        var (_, large) = await CreateAsync("SO-1", ("E-COM10", 1));
        Assert.Equal("Exception", (string)large["status"]!);
        Assert.Contains("not enough", _wms.Ship((int)large["id"]!).Wrong);
        _wms.SetStock("E-COM10", "WH", 1);
        Assert.Null(_wms.Ship((int)large["id"]!).Wrong);
        using var refused = await _http.PostAsync($"/2026-01/order/{large["id"]}:cancel", null, Cancellation);
        var told = JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancellation))!;
        Assert.Equal((HttpStatusCode.OK, "Failure", false), (refused.StatusCode, (string)told["status"]!, (bool)told["canceled_shipment_results"]![0]!["is_success"]!));
        var (_, other) = await CreateAsync("SO-2", ("DESK0005", 1));
        using var cancelled = await _http.PostAsync($"/2026-01/order/{other["id"]}:cancel", null, Cancellation);
        Assert.Equal("Cancelled", (string)JsonNode.Parse(await cancelled.Content.ReadAsStringAsync(Cancellation))!["order"]!["status"]!);
    }

    [Fact]
    public async Task What_people_count_or_break_is_there_and_told_with_its_difference()
    {
        var (counted, count) = await CorrectAsync("""{"sku":"DESK0005","onHand":57,"reason":"Cycle count"}""");
        var (broken, damage) = await CorrectAsync("""{"sku":"E-COM08","center":"WH2","change":-2,"reason":"Damaged"}""");
        Assert.Equal((200, 200), (counted, broken));
        Assert.Equal((9001, "DESK0005", "WH", -3, 60, 57), ((int)count["id"]!, (string)count["sku"]!, (string)count["fulfillment_center"]!, (int)count["quantity"]!, (int)count["previous_on_hand"]!, (int)count["on_hand"]!));
        Assert.Equal((9002, "WH2", -2, 298, "Damaged"), ((int)damage["id"]!, (string)damage["fulfillment_center"]!, (int)damage["quantity"]!, (int)damage["on_hand"]!, (string)damage["reason"]!));
        var stock = JsonNode.Parse(await _http.GetStringAsync("/2026-01/inventory?sku=DESK0005", Cancellation))!.AsArray();
        Assert.Equal(57, (int)stock.First(entry => (string)entry!["fulfillment_center"]! == "WH")!["on_hand"]!);
    }

    [Theory]
    [InlineData("""{"sku":"NOPE","change":1}""", 422)]
    [InlineData("""{"sku":"DESK0005","change":-61}""", 422)]
    [InlineData("""{"sku":"DESK0005"}""", 400)]
    [InlineData("""{"sku":"DESK0005","change":1,"onHand":1}""", 400)]
    public async Task What_can_not_be_corrected_is_told(string body, int status)
    {
        var (answered, told) = await CorrectAsync(body);
        Assert.Equal(status, answered);
        Assert.NotNull(told["error"]);
    }

    [Theory]
    [InlineData("""{"products":[{"reference_id":"DESK0005","quantity":1}]}""", 400, "reference_id")]
    [InlineData("""{"reference_id":"x","products":[]}""", 400, "products")]
    [InlineData("""{"reference_id":"x","products":[{"reference_id":"NOPE","quantity":1}]}""", 422, "products[0].reference_id")]
    [InlineData("""{"reference_id":"x","products":[{"reference_id":"DESK0005","quantity":0}]}""", 400, "products[0].quantity")]
    [InlineData("""{bad""", 400, null)]
    public async Task Bad_orders_are_refused_with_the_field(string body, int status, string? field)
    {
        using var response = await _http.PostAsync("/2026-01/order", new StringContent(body), Cancellation);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["errors"]![0]!;
        Assert.Equal((status, field), ((int)response.StatusCode, (string?)error["field"]));
    }

    [Fact]
    public async Task Without_the_key_nothing_is_told()
    {
        using var stranger = new HttpClient { BaseAddress = _wms.Url };
        using var response = await stranger.GetAsync("/2026-01/order", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private async Task<(int Status, JsonObject Body)> CorrectAsync(string body)
    {
        using var response = await _http.PostAsync("/_stock", new StringContent(body), Cancellation);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!);
    }

    private async Task<(int Status, JsonObject Body)> CreateAsync(string reference, params (string Sku, int Quantity)[] products)
    {
        using var response = await _http.PostAsJsonAsync("/2026-01/order", new
        {
            reference_id = reference,
            recipient = new { name = "Acme Lager" },
            products = products.Select(product => new { reference_id = product.Sku, quantity = product.Quantity }),
        }, Cancellation);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!);
    }

    private async Task<JsonNode> ReadAsync(string reference) =>
        Assert.Single((await _http.GetFromJsonAsync<JsonArray>($"/2026-01/order?ReferenceIds={reference}", Cancellation))!)!;

    private async Task<(int OnHand, int Committed, int Fulfillable)> StockAsync(string sku)
    {
        var stock = (await _http.GetFromJsonAsync<JsonArray>($"/2026-01/inventory?sku={sku}", Cancellation))!.First(row =>
            (string)row!["fulfillment_center"]! == "WH")!;
        return ((int)stock["on_hand"]!, (int)stock["committed"]!, (int)stock["fulfillable"]!);
    }
}
