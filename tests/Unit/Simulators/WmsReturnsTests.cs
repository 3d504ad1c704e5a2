using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

public sealed class WmsReturnsTests : IAsyncLifetime
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
    public async Task What_is_accepted_goes_to_stock_and_what_is_rejected_does_not()
    {
        var made = await CreateAsync("ret-1", ("DESK0005", 3), ("CAB-2M", 5));
        Assert.Equal((201, "AwaitingArrival"), (made.Status, (string)made.Body["status"]!));
        var before = await StockAsync("DESK0005");
        using var received = await _http.PostAsync("/_receive", new StringContent("""{"returnId":5001,"accepted":{"DESK0005":2},"rejected":{"DESK0005":1},"reason":"Damaged"}"""), Cancellation);
        Assert.Equal(HttpStatusCode.OK, received.StatusCode);
        var done = await _http.GetFromJsonAsync<JsonObject>("/2026-01/return/5001", Cancellation);
        Assert.Equal("Completed", (string)done!["status"]!);
        Assert.Equal(["Restock 2 ", "Quarantine 1 Damaged"], done["inventory"]![0]!["action_taken"]!.AsArray().Select(taken => $"{taken!["action"]} {taken["quantity_processed"]} {taken["action_reason"]}"));
        Assert.Empty(done["inventory"]![1]!["action_taken"]!.AsArray());
        Assert.Equal(before + 2, await StockAsync("DESK0005"));
        Assert.NotNull(_wms.Receive(5001, new Dictionary<string, int> { ["DESK0005"] = 1 }));
        Assert.Equal(before + 2, await StockAsync("DESK0005"));
    }

    [Fact]
    public async Task A_known_reference_is_unprocessable_and_nothing_but_the_status_says_so()
    {
        await CreateAsync("ret-1", ("DESK0005", 1));
        var (status, error) = await CreateAsync("ret-1", ("DESK0005", 1));
        Assert.Equal((422, null), (status, error["errors"]));
        Assert.Equal("ret-1", (string)Assert.Single((await _http.GetFromJsonAsync<JsonArray>("/2026-01/return?ReferenceIds=ret-1,ret-2", Cancellation))!)!["reference_id"]!);
        Assert.Empty((await _http.GetFromJsonAsync<JsonArray>("/2026-01/return?ReferenceIds=ret-2", Cancellation))!);
    }

    [Fact]
    public async Task What_is_cancelled_is_not_received_and_what_was_received_is_not_cancelled()
    {
        await CreateAsync("ret-1", ("DESK0005", 1));
        await CreateAsync("ret-2", ("DESK0005", 1));
        using var cancelled = await _http.PostAsync("/2026-01/return/5001:cancel", null, Cancellation);
        Assert.Equal((HttpStatusCode.OK, ""), (cancelled.StatusCode, await cancelled.Content.ReadAsStringAsync(Cancellation)));
        Assert.NotNull(_wms.Receive(5001, new Dictionary<string, int> { ["DESK0005"] = 1 }));
        Assert.Null(_wms.Receive(5002, new Dictionary<string, int> { ["DESK0005"] = 1 }));
        using var late = await _http.PostAsync("/2026-01/return/5002:cancel", null, Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Equal(["Cancelled", "Completed"], _wms.Returns.Select(back => back.Status));
    }

    [Theory]
    [InlineData("""{"fulfillment_center":"WH","inventory":[{"sku":"DESK0005","quantity":1}]}""", 400, "reference_id")]
    [InlineData("""{"reference_id":"x","inventory":[{"sku":"DESK0005","quantity":1}]}""", 400, "fulfillment_center")]
    [InlineData("""{"reference_id":"x","fulfillment_center":"WH","inventory":[]}""", 400, "inventory")]
    [InlineData("""{"reference_id":"x","fulfillment_center":"WH","inventory":[{"sku":"NOPE","quantity":1}]}""", 422, "inventory[0].sku")]
    [InlineData("""{"reference_id":"x","fulfillment_center":"WH","inventory":[{"sku":"DESK0005","quantity":1},{"sku":"DESK0005","quantity":2}]}""", 400, "inventory[1].sku")]
    [InlineData("""{"reference_id":"x","fulfillment_center":"WH","inventory":[{"sku":"DESK0005","quantity":0}]}""", 400, "inventory[0].quantity")]
    [InlineData("""{"reference_id":"x","fulfillment_center":"WH","inventory":[{"sku":"DESK0005","quantity":1,"requested_action":"Sell"}]}""", 400, "inventory[0].requested_action")]
    [InlineData("""{bad""", 400, null)]
    public async Task Bad_returns_are_refused_with_the_field(string body, int status, string? field)
    {
        using var response = await _http.PostAsync("/2026-01/return", new StringContent(body), Cancellation);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["errors"]![0]!;
        Assert.Equal((status, field), ((int)response.StatusCode, (string?)error["field"]));
        Assert.Empty(_wms.Returns);
    }

    private async Task<(int Status, JsonObject Body)> CreateAsync(string reference, params (string Sku, int Quantity)[] items)
    {
        using var response = await _http.PostAsJsonAsync("/2026-01/return", new
        {
            reference_id = reference,
            fulfillment_center = "WH",
            inventory = items.Select(item => new { sku = item.Sku, quantity = item.Quantity }),
        }, Cancellation);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!);
    }

    private async Task<int> StockAsync(string sku) =>
        (int)(await _http.GetFromJsonAsync<JsonArray>($"/2026-01/inventory?sku={sku}", Cancellation))!.First(row => (string)row!["fulfillment_center"]! == "WH")!["on_hand"]!;
}
