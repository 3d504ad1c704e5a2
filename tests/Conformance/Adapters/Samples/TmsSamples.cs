using System.Text.Json.Nodes;
using Gateway.Adapters.Tms;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>The carrier platform's operations on its simulator.</summary>
internal static class TmsSamples
{
    public static readonly AdapterSample Adapter = new("tms", PlayAsync, Options,
    [
        new("label.create", world => ValueTask.FromResult(Label(world)))
        {
            ChangedBy = ("POST", "/v1/labels"),
            Times = (world, call) => world.Tms.Labels.Count(label => label.ExternalShipmentId == call.ExternalId),
            Refused = world => ValueTask.FromResult(Label(world, kilograms: 40)),
        },
        new("label.void", async world => world.Call("{}", $"void_{world.Next()}", (await world.DoneAsync("label.create")).Result.Reference))
        {
            ChangedBy = ("PUT", "/void"),
            Times = (world, call) => world.Tms.Labels.Count(label => label.Id == call.Reference && label.Status == "voided"),
            Refused = async world =>
            {
                var (_, bought) = await world.DoneAsync("label.create");
                world.Tms.AddEvent(world.Tms.Labels.Single(label => label.Id == bought.Reference).TrackingNumber, "AC");
                return world.Call("{}", $"void_{world.Next()}", bought.Reference);
            },
        },
        new("label.read", async world => world.Call("{}", reference: (await world.DoneAsync("label.create")).Result.Reference))
        {
            Missing = world => ValueTask.FromResult(world.Call("{}", reference: "se-999")),
        },
        new("tracking.read", world => ValueTask.FromResult(world.Call("""{ "id": "TRK-1001" }""")))
        {
            Missing = world => ValueTask.FromResult(world.Call("""{ "id": "TRK-9999" }""")),
        },
        new("tender.create", world => ValueTask.FromResult(Tender(world)))
        {
            ChangedBy = ("POST", "/v1/tenders"),
            Times = (world, call) => world.Tms.Tenders.Count(tender => tender.LoadId == call.Input.GetProperty("shipmentIdentifiers")[0].GetProperty("value").GetString()),
            Refused = world => ValueTask.FromResult(Tender(world, kilograms: 44_000)),
        },
        new("tender.change", async world => await ChangedAsync(world))
        {
            ChangedBy = ("POST", "/v1/tenders"),
            Times = (world, call) => world.Tms.Tenders.Count(tender => tender.Id == call.Reference && (string?)tender.Given["notes"] == call.ExternalId),
            Refused = async world => Collected(world, await ChangedAsync(world)),
        },
        new("tender.cancel", async world => world.Call("{}", $"cancellation_{world.Next()}", (await world.DoneAsync("tender.create")).Result.Reference))
        {
            ChangedBy = ("POST", "/v1/tenders"),
            Times = (world, call) => world.Tms.Tenders.Count(tender => tender.Id == call.Reference && tender.Status == "cancelled"),
            Refused = async world => Collected(world, world.Call("{}", $"cancellation_{world.Next()}", (await world.DoneAsync("tender.create")).Result.Reference)),
        },
        new("tender.read", async world => world.Call("{}", reference: (await world.DoneAsync("tender.create")).Result.Reference))
        {
            Missing = world => ValueTask.FromResult(world.Call("{}", reference: "tnd-999")),
        },
    ])
    {
        Key = "demo-tms-key",
        Chatter =
        [
            (422, Error("carrier", "business_rules", "package_too_heavy")),
            (400, Error("shipengine", "validation", "field_value_required")),
            (404, Error("carrier", "business_rules", "tracking_not_found")),
            (409, Error("shipengine", "business_rules", "identifier_conflict")),
            (402, Error("shipengine", "account_status", "insufficient_funds")),
            (500, Error("carrier", "system", "carrier_down")),
            (500, Error("shipengine", "system", "unspecified")),
            (500, """{ "trace": "{leak}" }"""),
            (200, """{ "surprise": "{leak}", "approved": false, "message": "{leak}" }"""),
        ],
    };

    private static string Error(string source, string type, string code) => $$"""
        { "request_id": "1", "errors": [{ "error_source": "{{source}}", "error_type": "{{type}}", "error_code": "{{code}}", "message": "{leak}", "carrier_id": null, "field_name": null }] }
        """;

    private static OperationCall Label(SampleWorld world, int kilograms = 2) => world.Call($$"""
        {
          "shipment": {
            "service_code": "express", "customer_reference": "ACME-DE",
            "ship_to": { "name": "Acme Lager", "address_line1": "Hafenstr. 1", "city_locality": "Hamburg", "postal_code": "20457", "country_code": "DE" },
            "packages": [ { "weight": { "value": {{kilograms}}, "unit": "kilogram" } } ]
          }
        }
        """, $"label_{world.Next()}");

    private static OperationCall Tender(SampleWorld world, int kilograms = 2_480) => world.Call($$"""
        {
          "tenderType": "ORIGINAL",
          "shipmentIdentifiers": [ { "type": "CUSTOMER_REFERENCE", "value": "LOAD-{{world.Next()}}" } ],
          "carrierIdentifier": { "type": "SCAC", "value": "DMOC" },
          "shipmentStops": [ { "stopNumber": 1, "stopType": "PICKUP" }, { "stopNumber": 2, "stopType": "DELIVERY" } ],
          "totalWeight": {{kilograms}}, "weightUnitOfMeasure": "KG"
        }
        """, $"tender_{world.Next()}");

    /// <summary>Another offer of a load that is tendered.</summary>
    private static async ValueTask<OperationCall> ChangedAsync(SampleWorld world)
    {
        var (made, result) = await world.DoneAsync("tender.create");
        var (changed, id) = (JsonObject.Create(made.Input)!, $"change_{world.Next()}");
        (changed["tenderType"], changed["notes"], changed["totalWeight"]) = ("UPDATE", id, 3_100);
        return world.Call(changed.ToJsonString(), id, result.Reference);
    }

    /// <summary>The carrier has the load of a tender already.</summary>
    private static OperationCall Collected(SampleWorld world, OperationCall call)
    {
        Assert.Null(world.Tms.AnswerTender(call.Reference!, "accepted").Wrong);
        Assert.Null(world.Tms.AnswerTender(call.Reference!, "collected").Wrong);
        return call;
    }

    private static async Task<PlayedBackend> PlayAsync()
    {
        var tms = await TmsSimulator.StartAsync();
        return new PlayedBackend(tms, tms.Url, tms.Chaos, () => tms.Requests, () => tms.LastTraceParent);
    }

    private static TmsOptions Options(Uri url, Secret key) => new()
    {
        Adapter = "tms",
        Url = url,
        Carrier = "demo_carrier",
        Credential = new CredentialOptions { Key = key, Header = "API-Key" },
        Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
    };
}
