using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Tms;

/// <summary>
/// Loads that are offered to a carrier. The first of their <c>shipmentIdentifiers</c> is our number of the load, which people at the carrier read, and of
/// which there is one tender that is not called off. The external id stands behind it, so that a tender is known to be this call's.
/// </summary>
internal static partial class Tenders
{
    private const string Kind = "tender";

    /// <summary>Type of the identifier that holds the external id.</summary>
    private const string Ours = "EXTERNAL_ID";

    /// <summary>What a load is offered with, in whichever call.</summary>
    private static Dictionary<string, string> Members => new()
    {
        ["shipmentIdentifiers"] = "type and value; the first is our number of the load",
        ["carrierIdentifier"] = "type SCAC and value",
        ["shipmentStops"] = "stopNumber from 1, stopType, appointmentWindow, location, lineItems",
        ["tenderedAt"] = "optional, as everything behind it",
        ["respondBy"] = "until when it may be answered",
        ["serviceLevel"] = "as agreed with the carrier",
        ["paymentTerms"] = "PREPAID, COLLECT, THIRD_PARTY",
        ["billTo"] = "contact and address",
        ["transportMode"] = "OCEAN, RAIL, ROAD, AIR",
        ["equipmentType"] = "as agreed with the carrier",
        ["loadingLength"] = "in centimetres",
        ["temperatureRange"] = "minimum, maximum, unit C",
        ["hazmat"] = "whether dangerous goods are in it",
        ["totalWeight"] = "in kilograms",
        ["totalVolume"] = "in cubic metres",
        ["totalPackages"] = "how many",
        ["weightUnitOfMeasure"] = "KG",
        ["lengthUnitOfMeasure"] = "CM",
        ["volumeUnitOfMeasure"] = "M3",
        ["rate"] = "amount and currency",
        ["notes"] = "plain text",
    };

    public static readonly RestBinding Create = new(
        new OperationDescriptor("tender.create", "Offers a load to a carrier, exactly once per external id.", Effect.Changes, Idempotent: true, ReadsBack: true, "tender.cancel", Cost: 2)
        {
            Input = new Dictionary<string, string>(Members)
            {
                ["tenderType"] = "ORIGINAL, or left out",
            },
            Needs = [["shipmentIdentifiers"], ["carrierIdentifier"], ["shipmentStops"]],
            Makes = Kind,
        },
        CreateAsync, FindCreatedAsync)
    { WrongReference = WrongId };

    public static readonly RestBinding Read = new(new OperationDescriptor("tender.read", "Reads a tender, and what the carrier answered.", Effect.Reads, Idempotent: true, ReadsBack: false) { About = new Subject(Kind) }, ReadAsync)
    {
        WrongReference = WrongId,
    };

    private static async ValueTask<RestOutcome> CreateAsync(OperationCall call, RestSession session)
    {
        if (call.ExternalId is not { Length: > 0 } externalId) return RestReply.NotSent("tender.create was called without an external id");
        if (LoadOf(call.Input) is not { } load) return RestReply.Malformed("the request mapping's output has no shipmentIdentifiers, each with type and value");
        if (call.Input.Text("tenderType") is not (null or "ORIGINAL")) return RestReply.Malformed("tender.create makes tenders, and changes and calls off none");
        var tender = JsonObject.Create(call.Input)!;
        tender["shipmentIdentifiers"]!.AsArray().Add(Identifier(Ours, externalId));
        var reply = await session.FindOrMakeAsync(() => FindAsync(session, load), () => session.ChangeAsync(HttpMethod.Post, "v1/tenders", tender));
        if (!reply.Done) return reply;
        return Has(reply.Value, Ours, externalId) ? Outcome(reply) : new RestReply(OperationStatus.Taken) { Reason = $"tender {reply.Value.Text("id")} is for {load} already" };
    }

    private static async ValueTask<RestOutcome> FindCreatedAsync(OperationCall call, RestSession session)
    {
        if (call.ExternalId is not { Length: > 0 } externalId || LoadOf(call.Input) is not { } load) return RestReply.NotSent("read-back was called without an external id, or without the load");
        var known = await FindAsync(session, load);
        return known.Done && !Has(known.Value, Ours, externalId) ? RestReply.NotFound("") : Outcome(known);
    }

    /// <summary>The tender for a load that is not called off.</summary>
    private static async ValueTask<RestReply> FindAsync(RestSession session, string load)
    {
        var reply = await session.GetAsync($"v1/tenders?shipmentIdentifier={Uri.EscapeDataString(load)}");
        if (!reply.Done) return reply;
        if (reply.Value.Member("tenders") is not { ValueKind: JsonValueKind.Array } tenders) return RestReply.Unusable("a list of tenders was expected");
        var found = tenders.Elements().Where(tender => LoadOf(tender) == load && !IsCancelled(tender)).ToList();
        return found is [.., var tender] ? reply with { Value = tender } : RestReply.NotFound("");
    }

    private static async ValueTask<RestOutcome> ReadAsync(OperationCall call, RestSession session) => new(await GetAsync(session, call.Reference)) { Reference = call.Reference };

    private static RestOutcome Outcome(RestReply reply) => !reply.Done ? reply : new RestOutcome(reply)
    {
        Reference = reply.Value.Text("id"),
        Facts = new JsonObject { ["tenderReference"] = reply.Value.Text("id") },
    };

    /// <summary>Our number of the load; null where an identifier is none.</summary>
    private static string? LoadOf(JsonElement tender)
    {
        var identifiers = tender.Items("shipmentIdentifiers").ToList();
        return identifiers.Count > 0 && identifiers.All(one => one.Text("type") is not null && one.Text("value") is not null) ? identifiers[0].Text("value") : null;
    }

    private static string? WrongId(string reference) => Id().IsMatch(reference) ? null : "the carrier system's id of the tender, such as tnd-1";

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    private static partial Regex Id();
}
