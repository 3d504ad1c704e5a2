using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>Canonical documents go to a warehouse and a carrier that are running, and what these answer becomes canonical documents; every side keeps its contract.</summary>
public sealed class SimulatorRoundTests : IAsyncLifetime
{
    private const string Order = """
        {
          "id": "WH/OUT/00047", "recordId": "53", "warehouseOrderTypeCode": "outbound",
          "orderReference": { "customerReference": "PO-4711", "salesOrderId": "S00079" },
          "warehouse": { "id": "WH", "name": "Main Warehouse" }, "buyerParty": { "id": "ACME-DE" },
          "deliveryParty": { "id": "ACME-DE", "name": "Acme Lager", "contact": { "name": "Jana Petersen", "telephone": "+49 40 555 0100" },
            "postalAddress": { "streetName": "Hafenstr. 1", "cityName": "Hamburg", "postalZone": "20457", "countryCode": "DE" } },
          "requestedDespatchTime": "2026-11-25T16:00:00+01:00", "latestDespatchTime": "2026-11-26T16:00:00+01:00",
          "requestedDeliveryPeriod": { "startDate": "2026-11-26", "endDate": "2026-11-27" },
          "shippingPriorityLevelCode": "urgent", "partialDeliveryIndicator": true, "backOrderAllowedIndicator": true,
          "carrierServiceCode": "express", "freightPaymentCode": "prepaid", "note": "stack no higher than 1.20 m",
          "warehouseOrderLines": [
            { "id": "155", "orderLineReference": { "lineId": "1" }, "quantity": 3, "unitCode": "C62", "item": { "sellersItemIdentification": "DESK0005", "name": "Desk" } },
            { "id": "156", "quantity": 4, "unitCode": "C62", "item": { "sellersItemIdentification": "MON-27" } },
            { "id": "157", "quantity": 2, "unitCode": "C62", "item": { "sellersItemIdentification": "DESK0005" } }
          ]
        }
        """;

    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    private static readonly ConcurrentDictionary<string, Mapping> Compiled = new();

    private WmsSimulator _wms = null!;
    private TmsSimulator _tms = null!;
    private HttpClient _warehouse = null!;
    private HttpClient _carrier = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _tms = await TmsSimulator.StartAsync();
        _wms = await WmsSimulator.StartAsync(new WmsSimulatorOptions { Shipped = shipment => _tms.AddEvent(shipment.TrackingNumber, "AC") });
        _warehouse = new HttpClient { BaseAddress = _wms.Url };
        _warehouse.DefaultRequestHeaders.Add("Authorization", "Bearer demo-wms-key");
        _warehouse.DefaultRequestHeaders.Add("shipbob_channel_id", "100001");
        _carrier = new HttpClient { BaseAddress = _tms.Url };
        _carrier.DefaultRequestHeaders.Add("API-Key", "demo-tms-key");
    }

    public async ValueTask DisposeAsync()
    {
        _warehouse.Dispose();
        _carrier.Dispose();
        await _wms.DisposeAsync();
        await _tms.DisposeAsync();
    }

    [Fact]
    public async Task An_order_leaves_in_two_parts_and_its_confirmation_has_the_right_quantities()
    {
        var asked = Json(Order);
        var id = (int)(await PostAsync(_warehouse, "/2026-01/order", Map("wms/warehouse-order.to", asked), 201))["id"]!;
        var waiting = Map("wms/warehouse-order.from", await GetAsync(_warehouse, $"/2026-01/order/{id}"), asked);
        Assert.Equal(("ready", $"{id}"), ((string)waiting["warehouseStatusCode"]!, (string)waiting["warehouseReference"]!));
        Assert.Equal(["- - -", "- - -", "- - -"], Quantities(waiting));

        Assert.Null(_wms.Ship(id, new Dictionary<string, int> { ["DESK0005"] = 4, ["MON-27"] = 1 }).Wrong);
        var partial = Map("wms/warehouse-order.from", await GetAsync(_warehouse, $"/2026-01/order/{id}"), asked);
        Assert.Equal("partiallyDone", (string)partial["warehouseStatusCode"]!);
        Assert.Equal(["3 - -", "1 3 -", "1 1 -"], Quantities(partial));

        Assert.Null(_wms.Ship(id).Wrong);
        var read = await GetAsync(_warehouse, $"/2026-01/order/{id}");
        var done = Map("wms/warehouse-order.from", read, asked);
        Assert.Equal("done", (string)done["warehouseStatusCode"]!);
        Assert.Equal(["3 - -", "4 - -", "2 - -"], Quantities(done));
        Assert.Null(Lost(asked, done));

        var parcels = read["shipments"]!.AsArray().Select(shipment =>
        {
            var parcel = (JsonObject)shipment!.DeepClone();
            parcel["order"] = read.DeepClone();
            return Map("wms/shipment.from", parcel, asked);
        }).ToList();
        Assert.Equal(["155:3 156:1 157:1", "156:3 157:1"],
            parcels.Select(p => string.Join(' ', p["despatchLines"]!.AsArray().Select(l => $"{l!["id"]}:{l["deliveredQuantity"]}"))));
        Assert.All(parcels, p => Assert.Equal("WH/OUT/00047", (string)p["warehouseOrderId"]!));
        var tracked = Map("tms/tracking.from", await GetAsync(_carrier, $"/v1/tracking?carrier_code=demo_carrier&tracking_number={parcels[0]["trackingId"]}"), parcels[0]);
        Assert.Equal(("accepted", (string)parcels[0]["id"]!), ((string)tracked["transportEventTypeCode"]!, (string)tracked["transportEvents"]![0]!["shipmentId"]!));
    }

    [Fact]
    public async Task What_the_warehouse_was_told_it_tells_who_does_not_have_our_order()
    {
        var asked = Json(Order);
        await PostAsync(_warehouse, "/2026-01/order", Map("wms/warehouse-order.to", asked), 201);
        var told = Map("wms/warehouse-order.from", await GetAsync(_warehouse, "/2026-01/order/1001"));
        foreach (var ours in new[] { "recordId", "buyerParty" }) asked.Remove(ours);
        ((JsonObject)asked["warehouse"]!).Remove("name");
        ((JsonObject)asked["deliveryParty"]!).Remove("id");
        ((JsonObject)asked["requestedDeliveryPeriod"]!).Remove("startDate");
        foreach (var line in asked["warehouseOrderLines"]!.AsArray())
        {
            ((JsonObject)line!).Remove("orderLineReference");
            // The simulator keeps the number of a line and not the words on it.
            ((JsonObject)line["item"]!).Remove("name");
        }
        Assert.Null(Lost(asked, told));
    }

    [Fact]
    public async Task What_is_short_is_on_hold_and_what_is_called_off_is_cancelled()
    {
        var asked = Json(Order);
        asked["warehouseOrderLines"]![1]!["quantity"] = 1000;
        await PostAsync(_warehouse, "/2026-01/order", Map("wms/warehouse-order.to", asked), 201);
        Assert.Equal("onHold", (string)Map("wms/warehouse-order.from", await GetAsync(_warehouse, "/2026-01/order/1001"), asked)["warehouseStatusCode"]!);

        var cancelled = Map("wms/warehouse-order.from", (JsonObject)(await PostAsync(_warehouse, "/2026-01/order/1001:cancel", [], 200))["order"]!.DeepClone(), asked);
        Assert.Equal("cancelled", (string)cancelled["warehouseStatusCode"]!);
        Assert.Equal(["0 - 3", "0 - 1000", "0 - 2"], Quantities(cancelled));
    }

    [Fact]
    public async Task A_return_is_expected_looked_at_and_told_line_by_line()
    {
        var asked = Json("""
            {
              "id": "ret_1", "returnStatusCode": "approved", "shipmentId": "WH/OUT/00047", "deliveryLocation": { "id": "WH" }, "trackingId": "RET-1",
              "returnLines": [
                { "id": "1", "item": { "sellersItemIdentification": "DESK0005" }, "unitCode": "C62", "quantity": 2 },
                { "id": "2", "item": { "sellersItemIdentification": "MON-27" }, "unitCode": "C62", "quantity": 1 },
                { "id": "3", "item": { "sellersItemIdentification": "DESK0005" }, "unitCode": "C62", "quantity": 3 }
              ]
            }
            """);
        var made = await PostAsync(_warehouse, "/2026-01/return", Map("wms/return.to", asked), 201);
        var awaited = Map("wms/return.from", made, asked);
        Assert.True(JsonNode.DeepEquals(asked, awaited), awaited.ToJsonString());

        await PostAsync(_warehouse, "/_receive", Json("""{ "returnId": 5001, "accepted": { "DESK0005": 3 }, "rejected": { "DESK0005": 1, "MON-27": 1 }, "action": "Dispose", "reason": "Damaged" }"""), 200);
        var judged = Map("wms/return.from", await GetAsync(_warehouse, "/2026-01/return/5001"), asked);
        Assert.Equal("received", (string)judged["returnStatusCode"]!);
        Assert.Equal(["2 - -", "1 1 -", "2 1 1"], judged["returnLines"]!.AsArray().Select(l => $"{l!["receivedQuantity"]} {l["rejectedQuantity"] ?? "-"} {l["shortQuantity"] ?? "-"}"));
    }

    [Fact]
    public async Task Every_order_that_the_warehouse_takes_comes_home()
    {
        var random = new Random(4711);
        var schema = Shipped.Contract("warehouse-order@1")!.Schema!;
        foreach (var sku in Skus) _wms.SetStock(sku, "WH", 1_000_000);
        var number = 0;
        foreach (var made in new CanonicalDocuments("warehouse-order@1", schema, seed: 4711).Take(80))
        {
            var asked = ForTheWarehouse((JsonObject)JsonNode.Parse(made.GetRawText())!, ++number, random);
            var order = await PostAsync(_warehouse, "/2026-01/order", Map("wms/warehouse-order.to", asked), 201);
            var id = (int)order["id"]!;
            for (var parcel = random.Next(3); parcel > 0; parcel--)
            {
                var open = Skus.ToDictionary(sku => sku, sku => random.Next(_wms.Orders[^1].Open(sku) + 1));
                if (open.Values.Sum() > 0) Assert.Null(_wms.Ship(id, open).Wrong);
            }
            var read = await GetAsync(_warehouse, $"/2026-01/order/{id}");
            var confirmed = Map("wms/warehouse-order.from", read, asked);
            Assert.True(Lost(asked, confirmed) is null, $"{Lost(asked, confirmed)}\nasked {asked}\nread  {read}\nis    {confirmed}");
            var lines = confirmed["warehouseOrderLines"]!.AsArray();
            var left = _wms.Orders[^1].Shipments.SelectMany(s => s.Products).ToList();
            foreach (var sku in Skus)
                Assert.Equal(left.Where(p => p.Sku == sku).Sum(p => p.Quantity), lines.Where(l => (string)l!["item"]!["sellersItemIdentification"]! == sku).Sum(l => (int?)l!["doneQuantity"] ?? 0));
            if (left.Count > 0)
                Assert.All(lines, l => Assert.Equal((int)l!["quantity"]!, (int)l["doneQuantity"]! + ((int?)l["backorderQuantity"] ?? 0)));
        }
    }

    [Fact]
    public async Task Stock_is_what_lies_there_less_what_is_promised()
    {
        await PostAsync(_warehouse, "/2026-01/order", Map("wms/warehouse-order.to", Json(Order)), 201);
        using var answer = await _warehouse.GetAsync("/2026-01/inventory", Cancellation);
        var stock = (await answer.Content.ReadFromJsonAsync<JsonArray>(Cancellation))!.Select(entry => Map("wms/stock.from", (JsonObject)entry!)).ToList();
        Assert.Equal(16, stock.Count);
        var desks = stock.Single(s => (string)s["item"]!["sellersItemIdentification"]! == "DESK0005" && (string)s["inventoryLocation"]!["id"]! == "WH");
        Assert.Equal((60, 55, 5), ((int)desks["quantity"]!, (int)desks["availableQuantity"]!, (int)desks["reservedQuantity"]!));
    }

    [Fact]
    public async Task A_shipment_gets_a_label_and_its_events_are_told_in_our_words()
    {
        var shipment = Json("""
            {
              "id": "WH/OUT/00047", "shipmentStatusCode": "ready", "carrierParty": { "id": "demo_carrier" }, "carrierServiceCode": "express",
              "deliveryParty": { "name": "Acme Lager", "postalAddress": { "streetName": "Hafenstr. 1", "cityName": "Hamburg", "countryCode": "DE" } },
              "transportHandlingUnits": [{ "id": "PACK0000007", "grossWeightMeasure": 1.5 }, { "id": "PACK0000008", "grossWeightMeasure": 0.25 }],
              "despatchLines": [{ "id": "155", "item": { "sellersItemIdentification": "DESK0005" }, "unitCode": "C62", "deliveredQuantity": 0 }]
            }
            """);
        var bought = await PostAsync(_carrier, "/v1/labels", Map("tms/shipment.to", shipment), 200);
        var labelled = Map("tms/label.from", bought, shipment);
        Assert.Equal(("se-1", "TRK-2001", "5.60", "EUR"),
            ((string)labelled["labelId"]!, (string)labelled["trackingId"]!, (string)labelled["freightAmount"]!, (string)labelled["documentCurrencyCode"]!));
        await PostAsync(_carrier, "/v1/labels", Map("tms/shipment.to", shipment), 409);

        foreach (var code in new[] { "AC", "IT", "IT", "SP", "AT", "EX", "DE" }) _tms.AddEvent("TRK-2001", code);
        var tracked = Map("tms/tracking.from", await GetAsync(_carrier, "/v1/tracking?carrier_code=demo_carrier&tracking_number=TRK-2001"), labelled);
        var events = tracked["transportEvents"]!.AsArray();
        Assert.Equal(["created", "accepted", "in_transit", "in_transit", "available_for_pickup", "attempt_failed", "exception", "delivered"],
            events.Select(e => (string)e!["transportEventTypeCode"]!));
        Assert.Equal(("delivered", true), ((string)tracked["transportEventTypeCode"]!, (bool)tracked["completionIndicator"]!));
        Assert.Equal(events.Count, events.Select(e => (string)e!["identificationId"]!).Distinct().Count());
        Assert.All(events, e => Assert.Equal("WH/OUT/00047", (string)e!["shipmentId"]!));

        await SendAsync(_carrier, HttpMethod.Put, "/v1/labels/se-1/void", null, 200);
        Assert.Equal("completed", (string)(await GetAsync(_carrier, "/v1/labels/se-1"))["status"]!);
        shipment["id"] = "WH/OUT/00048";
        await PostAsync(_carrier, "/v1/labels", Map("tms/shipment.to", shipment), 200);
        await SendAsync(_carrier, HttpMethod.Put, "/v1/labels/se-2/void", null, 200);
        Assert.Null(Map("tms/label.from", await GetAsync(_carrier, "/v1/labels/se-2"), shipment)["trackingId"]);
    }

    [Theory]
    [InlineData("TRK-1001", "in_transit", "accepted in_transit")]
    [InlineData("TRK-1002", "delivered", "accepted in_transit delivered")]
    [InlineData("TRK-1003", "exception", "accepted in_transit exception")]
    [InlineData("TRK-1004", "created", "created")]
    public async Task Seeded_parcels_are_told_in_our_words(string number, string status, string events)
    {
        var tracked = Map("tms/tracking.from", await GetAsync(_carrier, $"/v1/tracking?carrier_code=demo_carrier&tracking_number={number}"));
        Assert.Equal((status, events), ((string)tracked["transportEventTypeCode"]!, string.Join(' ', tracked["transportEvents"]!.AsArray().Select(e => (string)e!["transportEventTypeCode"]!))));
    }

    [Fact]
    public async Task A_tender_is_answered_and_tendered_anew_when_the_carrier_wants_another_price()
    {
        var load = Json(Shipped.File("transforms/canonical/load-tender@1.schema.json")!.Value)["examples"]![0]!.AsObject();
        load["responseDeadline"] = "2099-11-24T15:00:00+01:00";
        var tender = await PostAsync(_carrier, "/v1/tenders", Map("tms/load-tender.to", load), 201);
        var path = $"/v1/tenders/{tender["id"]}";
        Assert.Contains("has not answered", Refused("tms/tender-response.from", await GetAsync(_carrier, path)));

        Assert.Null(_tms.AnswerTender((string)tender["id"]!, "accepted", Json("""{"rate":{"currency":"EUR","amount":560},"proNumber":"1751807"}""")).Wrong);
        var answer = Map("tms/tender-response.from", await GetAsync(_carrier, path), load);
        Assert.Equal(("LT-75027674", "acceptedWithChanges", "560.00", "DMOC"),
            ((string)answer["loadTenderId"]!, (string)answer["responseCode"]!, (string)answer["freightAmount"]!, (string)answer["carrierParty"]!["standardCarrierAlphaCode"]!));

        (load["messageFunctionCode"], load["freightAmount"]) = ("replace", "560.00");
        await PostAsync(_carrier, "/v1/tenders", Map("tms/load-tender.to", load), 200);
        Assert.Null(_tms.AnswerTender((string)tender["id"]!, "accepted", Json("""
            {"rate":{"currency":"EUR","amount":560},"shipmentStops":[{"stopNumber":2,"appointmentWindow":{"startDateTime":"2026-11-26T09:00:00Z","endDateTime":"2026-11-26T10:00:00Z"}}]}
            """)).Wrong);
        answer = Map("tms/tender-response.from", await GetAsync(_carrier, path), load);
        Assert.Equal(("accepted", "2"), ((string)answer["responseCode"]!, (string)answer["stops"]![0]!["id"]!));
    }

    [Fact]
    public async Task A_tender_is_declined_expires_or_is_called_off()
    {
        var load = Json(Shipped.File("transforms/canonical/load-tender@1.schema.json")!.Value)["examples"]![0]!.AsObject();
        (load["id"], load["responseDeadline"]) = ("LT-1", "2099-11-24T15:00:00+01:00");
        await PostAsync(_carrier, "/v1/tenders", Map("tms/load-tender.to", load), 201);
        await PostAsync(_carrier, "/_tender", Json("""{"id":"tnd-1","status":"declined","declineReason":{"code":"NO_EQUIPMENT"},"note":"no tail lift"}"""), 200);
        var answer = Map("tms/tender-response.from", await GetAsync(_carrier, "/v1/tenders/tnd-1"), load);
        Assert.Equal(("declined", "equipment", "no tail lift"), ((string)answer["responseCode"]!, (string)answer["declineReasonCode"]!, (string)answer["note"]!));

        (load["id"], load["responseDeadline"]) = ("LT-2", "2020-11-24T15:00:00+01:00");
        await PostAsync(_carrier, "/v1/tenders", Map("tms/load-tender.to", load), 201);
        Assert.Contains("ran out", Refused("tms/tender-response.from", await GetAsync(_carrier, "/v1/tenders/tnd-2")));
        load["messageFunctionCode"] = "cancellation";
        await PostAsync(_carrier, "/v1/tenders", Map("tms/load-tender.to", load), 200);
        Assert.Contains("called off", Refused("tms/tender-response.from", await GetAsync(_carrier, "/v1/tenders/tnd-2")));
    }

    [Theory]
    [InlineData("tms/shipment.to", "shipment@1", "/v1/labels", 50)]
    [InlineData("tms/load-tender.to", "load-tender@1", "/v1/tenders", 50)]
    public async Task What_is_not_refused_has_the_shape_that_the_carrier_wants(string mapping, string contract, string path, int atLeast)
    {
        var mapped = 0;
        foreach (var made in new CanonicalDocuments(contract, Shipped.Contract(contract)!.Schema!, seed: 1147).Take(150))
        {
            var document = ForTheCarrier(Json(made.GetRawText()), mapped);
            if (Run(mapping, JsonSerializer.SerializeToElement(document), null).Error is { IsRefusal: true }) continue;
            using var response = await _carrier.PostAsJsonAsync(path, Map(mapping, document), Cancellation);
            // More than the carrier takes, or no tender that could be changed: that is business. A field that is missing or wrong is not.
            Assert.True((int)response.StatusCode is 200 or 201 or 404 or 422, await response.Content.ReadAsStringAsync(Cancellation));
            mapped++;
        }
        Assert.True(mapped >= atLeast, $"only {mapped} were sent at all");
    }

    private static readonly string[] Skus = ["DESK0005", "MON-27", "CAB-2M"];

    /// <summary>A made-up order as the warehouse may get it: what it refuses is not what these tests are about.</summary>
    private static JsonObject ForTheWarehouse(JsonObject order, int number, Random random)
    {
        order["id"] = $"WH/OUT/{number:00000}";
        order["warehouseOrderTypeCode"] = "outbound";
        order.Remove("messageFunctionCode");
        order["warehouse"] = new JsonObject { ["id"] = "WH" };
        if (order.ContainsKey("carrierServiceCode")) order["carrierServiceCode"] = "express";
        var lines = order["warehouseOrderLines"]!.AsArray();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i]!.AsObject();
            (line["id"], line["quantity"], line["unitCode"]) = (random.Next(2) == 0 ? $"{155 + i}" : $"line {i}", random.Next(1, 9), "C62");
            line["item"]!["sellersItemIdentification"] = Skus[random.Next(Skus.Length)];
            line.Remove("itemInstances");
        }
        return order;
    }

    /// <summary>A made-up shipment or load that has the least that a carrier wants to know.</summary>
    private static JsonObject ForTheCarrier(JsonObject document, int number)
    {
        document["id"] = $"made-up {number}";
        if (document["stops"] is JsonArray stops)
        {
            document["carrierParty"] = new JsonObject { ["id"] = "demo_carrier" };
            for (var i = 0; i < stops.Count; i++) (stops[i]!["id"], stops[i]!["stopTypeCode"]) = ($"{i}", i % 2 == 0 ? "load" : "unload");
            return document;
        }
        (document["shipmentStatusCode"], document["carrierServiceCode"], document["grossWeightMeasure"]) = ("ready", "express", 2.5);
        var party = document["deliveryParty"] as JsonObject ?? [];
        party["name"] = "Acme Lager";
        party["postalAddress"] = Json("""{ "streetName": "Hafenstr. 1", "cityName": "Hamburg", "countryCode": "DE" }""");
        if (document["deliveryParty"] is null) document["deliveryParty"] = party;
        foreach (var unit in (document["transportHandlingUnits"] as JsonArray ?? []).Cast<JsonObject>()) unit["grossWeightMeasure"] ??= 1.25;
        return document;
    }

    /// <summary>What of an order is not in its confirmation, but for what the confirmation is there to say, or what the warehouse decided.</summary>
    private static string? Lost(JsonObject asked, JsonObject confirmed)
    {
        var (expected, actual) = ((JsonObject)asked.DeepClone(), (JsonObject)confirmed.DeepClone());
        foreach (var document in new[] { expected, actual })
        {
            foreach (var said in new[] { "warehouseReference", "warehouseStatusCode", "statusTime", "statusNote", "lastChangeDateTime", "messageFunctionCode", "carrierParty" }) document.Remove(said);
            foreach (var line in document["warehouseOrderLines"]!.AsArray().Cast<JsonObject>())
                foreach (var said in new[] { "reservedQuantity", "doneQuantity", "backorderQuantity", "backorderReason", "cancelledQuantity", "lineStatusCode" }) line.Remove(said);
            foreach (var time in new[] { "requestedDespatchTime", "latestDespatchTime" })
                if (document[time] is { } moment) document[time] = DateTimeOffset.Parse((string)moment!, null).UtcDateTime.ToString("O");
            // Where nobody said how to ship, the warehouse ships in its standard way.
            if (!asked.ContainsKey("carrierServiceCode")) document.Remove("carrierServiceCode");
        }
        return JsonDifference.Find(JsonSerializer.SerializeToElement(expected), JsonSerializer.SerializeToElement(actual));
    }

    /// <summary>Per line what is done, still to come and cancelled.</summary>
    private static IEnumerable<string> Quantities(JsonObject order) =>
        order["warehouseOrderLines"]!.AsArray().Select(l => $"{Said(l!, "doneQuantity")} {Said(l!, "backorderQuantity")} {Said(l!, "cancelledQuantity")}");

    private static string Said(JsonNode line, string quantity) => line[quantity]?.ToString() ?? "-";

    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;

    private static JsonObject Json(ReadOnlyMemory<byte> text) => (JsonObject)JsonNode.Parse(text.Span)!;

    private static JsonObject Map(string mapping, JsonObject input, JsonObject? accepted = null)
    {
        var contracts = MappingCases.Of(mapping, Shipped)!.Document!.Contracts;
        var document = JsonSerializer.SerializeToElement(input);
        Assert.True(Broken(contracts.Input, document) is null, $"{mapping} gets what breaks {contracts.Input}: {Broken(contracts.Input, document)}\n{input}");
        var (output, error) = Run(mapping, document, accepted);
        Assert.True(output is not null, $"{mapping}: {error}\n{input}");
        using var mapped = JsonDocument.Parse(output.Value);
        Assert.True(Broken(contracts.Output, mapped.RootElement) is null, $"{mapping} makes what breaks {contracts.Output}: {Broken(contracts.Output, mapped.RootElement)}\n{mapped.RootElement}");
        return Json(output.Value);
    }

    private static string Refused(string mapping, JsonObject input)
    {
        var (_, error) = Run(mapping, JsonSerializer.SerializeToElement(input), null);
        Assert.True(error is { IsRefusal: true }, $"{mapping} does not refuse {input}");
        return error.Message;
    }

    private static (ReadOnlyMemory<byte>? Output, MappingError? Error) Run(string mapping, JsonElement input, JsonObject? accepted) =>
        Compiled.GetOrAdd(mapping, name => Shipped.Find(name)!).Run(input, new MappingFacts(DateTimeOffset.UnixEpoch, "test") { Accepted = accepted is null ? null : JsonSerializer.SerializeToElement(accepted) });

    private static string? Broken(string contract, JsonElement document) =>
        Shipped.Contract(contract)!.Schema!.Validate(document, 1) is [var first, ..] ? $"{first.InstancePointer}: {first.Message}" : null;

    private static Task<JsonObject> GetAsync(HttpClient backend, string path) => SendAsync(backend, HttpMethod.Get, path, null, 200);

    private static Task<JsonObject> PostAsync(HttpClient backend, string path, JsonObject body, int status) => SendAsync(backend, HttpMethod.Post, path, body, status);

    private static async Task<JsonObject> SendAsync(HttpClient backend, HttpMethod method, string path, JsonObject? body, int status)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await backend.SendAsync(request, Cancellation);
        var answer = (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!;
        Assert.True((int)response.StatusCode == status, $"{path}: {(int)response.StatusCode} {answer}");
        return answer;
    }
}
