using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

public sealed class TmsSimulatorTests : IAsyncLifetime
{
    private TmsSimulator _tms = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _tms = await TmsSimulator.StartAsync();
        _http = new HttpClient { BaseAddress = _tms.Url };
        _http.DefaultRequestHeaders.Add("API-Key", "demo-tms-key");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _tms.DisposeAsync();
    }

    [Theory]
    [InlineData("TRK-1001", "IT", 2)]
    [InlineData("TRK-1002", "DE", 3)]
    [InlineData("TRK-1003", "EX", 3)]
    [InlineData("TRK-1004", "NY", 1)]
    public async Task Seeded_parcels_have_their_status(string number, string status, int events)
    {
        var (code, body) = await SendAsync(HttpMethod.Get, $"/v1/tracking/{number}");
        Assert.Equal((200, status, events), (code, (string)body["status_code"]!, body["events"]!.AsArray().Count));
        Assert.Equal(status == "DE", body["actual_delivery_date"] is not null);
    }

    [Fact]
    public async Task An_unknown_parcel_is_the_carriers_fault()
    {
        var (code, body) = await SendAsync(HttpMethod.Get, "/v1/tracking/NOPE");
        var error = body["errors"]![0]!;
        Assert.Equal((404, "carrier", "business_rules", "tracking_not_found"),
            (code, (string)error["error_source"]!, (string)error["error_type"]!, (string)error["error_code"]!));
        Assert.False(string.IsNullOrEmpty((string?)body["request_id"]));
    }

    [Fact]
    public async Task A_label_is_bought_once_tracked_and_voided_only_before_it_leaves()
    {
        var (bought, label) = await SendAsync(HttpMethod.Post, "/v1/labels", Shipment("SO-1", 2));
        Assert.Equal((200, "completed", "NY"),
            (bought, (string)label["status"]!,
                (string)(await SendAsync(HttpMethod.Get, $"/v1/tracking/{label["tracking_number"]}")).Body["status_code"]!));
        var (again, error) = await SendAsync(HttpMethod.Post, "/v1/labels", Shipment("SO-1", 2));
        Assert.Equal((409, "shipengine"), (again, (string)error["errors"]![0]!["error_source"]!));
        _tms.AddEvent((string)label["tracking_number"]!, "IT");
        Assert.False((bool)(await SendAsync(HttpMethod.Put, $"/v1/labels/{label["label_id"]}/void")).Body["approved"]!);
        var (_, second) = await SendAsync(HttpMethod.Post, "/v1/labels", Shipment("SO-2", 2));
        Assert.True((bool)(await SendAsync(HttpMethod.Put, $"/v1/labels/{second["label_id"]}/void")).Body["approved"]!);
        Assert.Equal(["completed", "voided"], _tms.Labels.Select(one => one.Status));
    }

    [Fact]
    public async Task Too_heavy_is_the_carriers_rule_and_a_missing_field_the_callers_mistake()
    {
        var (heavy, carrier) = await SendAsync(HttpMethod.Post, "/v1/labels", Shipment("SO-1", 40));
        Assert.Equal((422, "carrier", "package_too_heavy"),
            (heavy, (string)carrier["errors"]![0]!["error_source"]!, (string)carrier["errors"]![0]!["error_code"]!));
        var (missing, ours) = await SendAsync(HttpMethod.Post, "/v1/labels", new JsonObject { ["shipment"] = new JsonObject() });
        Assert.Equal((400, "shipengine", "shipment.ship_to"),
            (missing, (string)ours["errors"]![0]!["error_source"]!, (string)ours["errors"]![0]!["field_name"]!));
    }

    [Fact]
    public async Task In_the_set_the_carrier_knows_what_the_warehouse_ships()
    {
        await using var all = await SimulatorSet.StartAsync();
        using var warehouse = new HttpClient { BaseAddress = all.Wms.Url };
        warehouse.DefaultRequestHeaders.Add("Authorization", "Bearer demo-wms-key");
        using var made = await warehouse.PostAsJsonAsync("/orders",
            JsonNode.Parse("""{"reference_id":"SO-1","products":[{"reference_id":"DESK0005","quantity":1}]}"""), Cancellation);
        var number = all.Wms.Ship(all.Wms.Orders[0].Id).Shipment!.TrackingNumber;
        using var carrier = new HttpClient { BaseAddress = all.Tms.Url };
        carrier.DefaultRequestHeaders.Add("API-Key", "demo-tms-key");
        var tracked = await carrier.GetFromJsonAsync<JsonObject>($"/v1/tracking/{number}", Cancellation);
        Assert.Equal("AC", (string)tracked!["status_code"]!);
        Assert.Equal(4, new[] { all.Odoo.Url, all.Wms.Url, all.Tms.Url, all.Partner.Url }.Distinct().Count());
    }

    [Fact]
    public async Task A_taken_port_stops_those_already_started()
    {
        var before = await TmsSimulator.StartAsync();
        var free = before.Url.Port;
        await before.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() =>
            SimulatorSet.StartAsync(new SimulatorSetOptions { OdooPort = free, WmsPort = _tms.Url.Port }));
        using var caller = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() =>
            caller.GetAsync($"http://127.0.0.1:{free}/web/version", Cancellation));
    }

    private static JsonObject Package(int kilograms) =>
        new() { ["weight"] = new JsonObject { ["value"] = kilograms, ["unit"] = "kilogram" } };

    private static JsonObject Shipment(string reference, int kilograms) => new()
    {
        ["shipment"] = new JsonObject
        {
            ["external_shipment_id"] = reference,
            ["service_code"] = "parcel",
            ["ship_to"] = new JsonObject { ["name"] = "Acme Lager" },
            ["packages"] = new JsonArray(Package(kilograms)),
        },
    };

    private async Task<(int Status, JsonObject Body)> SendAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _http.SendAsync(request, Cancellation);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!);
    }
}
