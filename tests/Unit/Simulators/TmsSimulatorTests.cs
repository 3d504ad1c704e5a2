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
        var (code, body) = await SendAsync(HttpMethod.Get, $"/v1/tracking?carrier_code=demo_carrier&tracking_number={number}");
        Assert.Equal((200, status, events), (code, (string)body["status_code"]!, body["events"]!.AsArray().Count));
        Assert.Equal(status == "DE", body["actual_delivery_date"] is not null);
    }

    [Fact]
    public async Task An_unknown_parcel_is_the_carriers_fault()
    {
        var (code, body) = await SendAsync(HttpMethod.Get, "/v1/tracking?carrier_code=demo_carrier&tracking_number=NOPE");
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
                (string)(await SendAsync(HttpMethod.Get, $"/v1/tracking?carrier_code=demo_carrier&tracking_number={label["tracking_number"]}")).Body["status_code"]!));
        var (again, error) = await SendAsync(HttpMethod.Post, "/v1/labels", Shipment("SO-1", 2));
        Assert.Equal((409, "shipengine"), (again, (string)error["errors"]![0]!["error_source"]!));
        _tms.AddEvent((string)label["tracking_number"]!, "IT");
        Assert.False((bool)(await SendAsync(HttpMethod.Put, $"/v1/labels/{label["label_id"]}/void")).Body["approved"]!);
        var (_, second) = await SendAsync(HttpMethod.Post, "/v1/labels", Shipment("SO-2", 2));
        Assert.True((bool)(await SendAsync(HttpMethod.Put, $"/v1/labels/{second["label_id"]}/void")).Body["approved"]!);
        Assert.Equal(["completed", "voided"], _tms.Labels.Select(one => one.Status));
    }

    [Fact]
    public async Task A_shipment_has_one_external_id_for_good_and_may_have_another_label()
    {
        var (_, first) = await SendAsync(HttpMethod.Post, "/v1/labels", Shipment("SO-1", 2));
        await SendAsync(HttpMethod.Put, $"/v1/labels/{first["label_id"]}/void");
        Assert.Equal(409, (await SendAsync(HttpMethod.Post, "/v1/labels", Shipment("SO-1", 2))).Status);
        var (_, second) = await SendAsync(HttpMethod.Post, $"/v1/labels/shipment/{first["shipment_id"]}");
        Assert.Equal(("se-1", "SO-1"), ((string)(await SendAsync(HttpMethod.Get, "/v1/labels/external_shipment_id/SO-1")).Body["label_id"]!, (string)second["external_shipment_id"]!));
    }

    [Fact]
    public async Task Labels_come_in_pages_newest_first_and_an_invented_filter_changes_nothing()
    {
        for (var i = 1; i <= 26; i++) await SendAsync(HttpMethod.Post, "/v1/labels", Shipment($"SO-{i}", 2));
        var (_, page) = await SendAsync(HttpMethod.Get, "/v1/labels?external_shipment_id=SO-1");
        Assert.Equal((25, 26, 2, "SO-26"), (page["labels"]!.AsArray().Count, (int)page["total"]!, (int)page["pages"]!, (string)page["labels"]![0]!["external_shipment_id"]!));
        var (_, last) = await SendAsync(HttpMethod.Get, "/v1/labels?page=2");
        Assert.Equal("SO-1", (string)Assert.Single(last["labels"]!.AsArray())!["external_shipment_id"]!);
    }

    [Theory]
    [InlineData("tracking_number=TRK-1001", "carrier_code")]
    [InlineData("carrier_code=demo_carrier", "tracking_number")]
    [InlineData("carrier_code=ups&tracking_number=TRK-1001", "carrier_code")]
    public async Task A_parcel_is_followed_by_carrier_and_number(string query, string field)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, $"/v1/tracking?{query}");
        Assert.Equal((400, field), (status, (string)body["errors"]![0]!["field_name"]!));
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
    public async Task A_tender_waits_until_people_answer_it_and_is_answered_once()
    {
        var (made, tender) = await SendAsync(HttpMethod.Post, "/v1/tenders", Tender("LT-1"));
        Assert.Equal((201, "pending", "LT-1"), (made, (string)tender["status"]!, (string)tender["shipmentIdentifiers"]![0]!["value"]!));
        Assert.Null(tender["response"]);
        var (again, error) = await SendAsync(HttpMethod.Post, "/v1/tenders", Tender("LT-1"));
        Assert.Equal((409, "carrier", "duplicate_tender"), (again, (string)error["errors"]![0]!["error_source"]!, (string)error["errors"]![0]!["error_code"]!));
        var answer = new JsonObject { ["id"] = (string)tender["id"]!, ["status"] = "accepted", ["proNumber"] = "1751807", ["mood"] = "good" };
        Assert.Equal(200, (await SendAsync(HttpMethod.Post, "/_tender", answer)).Status);
        Assert.Equal(409, (await SendAsync(HttpMethod.Post, "/_tender", answer)).Status);
        var (read, accepted) = await SendAsync(HttpMethod.Get, $"/v1/tenders/{tender["id"]}");
        Assert.Equal((200, "accepted", "1751807"), (read, (string)accepted["status"]!, (string)accepted["response"]!["proNumber"]!));
        Assert.NotNull(accepted["response"]!["respondedAt"]);
        Assert.Null(accepted["response"]!["mood"]);
        Assert.Single((await SendAsync(HttpMethod.Get, "/v1/tenders?shipmentIdentifier=LT-1")).Body["tenders"]!.AsArray());
        Assert.Equal(404, (await SendAsync(HttpMethod.Get, "/v1/tenders/tnd-99")).Status);
    }

    [Fact]
    public async Task An_update_waits_again_and_what_was_called_off_can_be_tendered_anew()
    {
        await SendAsync(HttpMethod.Post, "/v1/tenders", Tender("LT-1"));
        Assert.Null(_tms.AnswerTender("tnd-1", "declined", new JsonObject { ["note"] = "no driver" }).Wrong);
        var (updated, waiting) = await SendAsync(HttpMethod.Post, "/v1/tenders", Tender("LT-1", "UPDATE"));
        Assert.Equal((200, "tnd-1", "pending"), (updated, (string)waiting["id"]!, (string)waiting["status"]!));
        Assert.Equal("cancelled", (string)(await SendAsync(HttpMethod.Post, "/v1/tenders", Tender("LT-1", "CANCEL"))).Body["status"]!);
        Assert.Equal(404, (await SendAsync(HttpMethod.Post, "/v1/tenders", Tender("LT-2", "UPDATE"))).Status);
        Assert.Equal((201, 2), ((await SendAsync(HttpMethod.Post, "/v1/tenders", Tender("LT-1"))).Status, _tms.Tenders.Count));
    }

    [Fact]
    public async Task A_tender_that_nobody_answers_in_time_expires()
    {
        await SendAsync(HttpMethod.Post, "/v1/tenders", Tender("LT-1", respondBy: "2020-01-01T00:00:00Z"));
        Assert.Equal("expired", (string)(await SendAsync(HttpMethod.Get, "/v1/tenders/tnd-1")).Body["status"]!);
        Assert.NotNull(_tms.AnswerTender("tnd-1", "accepted").Wrong);
    }

    [Theory]
    [InlineData("shipmentIdentifiers", "[]", "shipmentIdentifiers")]
    [InlineData("carrierIdentifier", """{"type":"DUNS","value":"1"}""", "carrierIdentifier")]
    [InlineData("tenderType", "\"MAYBE\"", "tenderType")]
    [InlineData("respondBy", "\"soon\"", "respondBy")]
    [InlineData("shipmentStops", """[{"stopNumber":1}]""", "shipmentStops")]
    [InlineData("shipmentStops", """[{"stopNumber":1},{"stopNumber":3}]""", "shipmentStops[1].stopNumber")]
    public async Task A_tender_that_is_none_says_which_field(string member, string value, string field)
    {
        var tender = Tender("LT-1");
        tender[member] = JsonNode.Parse(value);
        var (status, body) = await SendAsync(HttpMethod.Post, "/v1/tenders", tender);
        Assert.Equal((400, field), (status, (string)body["errors"]![0]!["field_name"]!));
        Assert.Empty(_tms.Tenders);
    }

    [Fact]
    public async Task In_the_set_the_carrier_knows_what_the_warehouse_ships()
    {
        await using var all = await SimulatorSet.StartAsync();
        using var warehouse = new HttpClient { BaseAddress = all.Wms.Url };
        warehouse.DefaultRequestHeaders.Add("Authorization", "Bearer demo-wms-key");
        warehouse.DefaultRequestHeaders.Add("shipbob_channel_id", "100001");
        using var made = await warehouse.PostAsJsonAsync("/2026-01/order",
            JsonNode.Parse("""{"reference_id":"SO-1","products":[{"reference_id":"DESK0005","quantity":1}]}"""), Cancellation);
        var number = all.Wms.Ship(all.Wms.Orders[0].Id).Shipment!.TrackingNumber;
        using var carrier = new HttpClient { BaseAddress = all.Tms.Url };
        carrier.DefaultRequestHeaders.Add("API-Key", "demo-tms-key");
        var tracked = await carrier.GetFromJsonAsync<JsonObject>($"/v1/tracking?carrier_code=demo_carrier&tracking_number={number}", Cancellation);
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

    private static JsonObject Tender(string load, string? type = null, string? respondBy = null)
    {
        var tender = new JsonObject
        {
            ["shipmentIdentifiers"] = new JsonArray(new JsonObject { ["type"] = "CUSTOMER_REFERENCE", ["value"] = load }),
            ["carrierIdentifier"] = new JsonObject { ["type"] = "SCAC", ["value"] = "DMOC" },
            ["shipmentStops"] = new JsonArray(new JsonObject { ["stopNumber"] = 1 }, new JsonObject { ["stopNumber"] = 2 }),
        };
        if (type is not null)
            tender["tenderType"] = type;
        if (respondBy is not null)
            tender["respondBy"] = respondBy;
        return tender;
    }

    private async Task<(int Status, JsonObject Body)> SendAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _http.SendAsync(request, Cancellation);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!);
    }
}
