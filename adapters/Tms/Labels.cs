using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Tms;

/// <summary>
/// Labels. The platform buys none twice for one <c>external_shipment_id</c>, as long as the first is not voided: the external id stands there. It voids
/// what no carrier has in hand.
/// </summary>
internal static partial class Labels
{
    private const string OnItsWay = "The carrier has the parcel already: its label can't be voided.";

    public static readonly RestBinding Create = new(
        new OperationDescriptor("label.create", "Buys a label for a shipment, exactly once per external id.", Effect.Changes, Idempotent: true, ReadsBack: true, "label.void", Cost: 2)
        {
            Input = new Dictionary<string, string>
            {
                ["shipment"] = "service_code, ship_to, packages with their weights, and what else a label says; external_shipment_id is not used: the external id stands in its place",
            },
        },
        CreateAsync, FindCreatedAsync)
    { WrongReference = WrongId };

    public static readonly RestBinding Void = new(
        new OperationDescriptor("label.void", "Voids a label whose parcel no carrier has yet.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 3), VoidAsync, FindVoidedAsync)
    {
        WrongReference = WrongId,
    };

    public static readonly RestBinding Read = new(new OperationDescriptor("label.read", "Reads a label.", Effect.Reads, Idempotent: true, ReadsBack: false), ReadAsync)
    {
        WrongReference = WrongId,
    };

    private static async ValueTask<RestOutcome> CreateAsync(OperationCall call, RestSession session)
    {
        if (call.ExternalId is not { Length: > 0 } externalId) return RestReply.NotSent("label.create was called without an external id");
        if (call.Input.Member("shipment") is not { ValueKind: JsonValueKind.Object } given || given.Text("service_code") is not { } service)
            return RestReply.Malformed("the request mapping's output has no shipment with a service_code");
        var label = JsonObject.Create(call.Input)!;
        label["shipment"]!["external_shipment_id"] = externalId;
        var reply = await session.FindOrMakeAsync(() => FindAsync(session, externalId), () => session.ChangeAsync(HttpMethod.Post, "v1/labels", label));
        if (!reply.Done) return reply;
        return reply.Found && !call.GoesFirst && reply.Value.Text("service_code") is { } bought && bought != service
            ? new RestReply(OperationStatus.Taken) { Reason = $"label {reply.Value.Text("label_id")} was there before, for the service {bought}" }
            : Outcome(reply);
    }

    private static async ValueTask<RestOutcome> FindCreatedAsync(OperationCall call, RestSession session) =>
        call.ExternalId is { Length: > 0 } externalId ? Outcome(await FindAsync(session, externalId)) : RestReply.NotSent("read-back was called without an external id");

    /// <summary>The label under an external id that is not voided; only one that says that id counts, whatever the filter did.</summary>
    private static async ValueTask<RestReply> FindAsync(RestSession session, string externalId)
    {
        var reply = await session.GetAsync($"v1/labels?external_shipment_id={Uri.EscapeDataString(externalId)}");
        if (!reply.Done) return reply;
        if (reply.Value.Member("labels") is not { ValueKind: JsonValueKind.Array } labels) return RestReply.Unusable("a page of labels was expected");
        var found = labels.Elements().Where(label => label.Text("external_shipment_id") == externalId && !IsVoided(label)).ToList();
        return found is [var label, ..] ? reply with { Value = label } : RestReply.NotFound("");
    }

    private static async ValueTask<RestOutcome> VoidAsync(OperationCall call, RestSession session)
    {
        var known = await GetAsync(session, call.Reference);
        if (!known.Done) return known.Status == OperationStatus.NotFound ? RestReply.Refused("There is no such label.", known.Reason ?? "") : known.BeforeChange();
        if (IsVoided(known.Value)) return Outcome(known);
        var reply = await session.ChangeAsync(HttpMethod.Put, $"v1/labels/{call.Reference}/void");
        if (!reply.Done) return reply;
        if (!reply.Value.Flag("approved")) return RestReply.Refused(OnItsWay, reply.Value.Text("message") ?? "not approved");
        return Outcome((await GetAsync(session, call.Reference)).AfterChange());
    }

    private static async ValueTask<RestOutcome> FindVoidedAsync(OperationCall call, RestSession session)
    {
        var known = await GetAsync(session, call.Reference);
        return known.Done && !IsVoided(known.Value) ? RestReply.NotFound("") : Outcome(known);
    }

    private static async ValueTask<RestOutcome> ReadAsync(OperationCall call, RestSession session) => new(await GetAsync(session, call.Reference)) { Reference = call.Reference };

    private static async ValueTask<RestReply> GetAsync(RestSession session, string? reference) => reference is null || WrongId(reference) is not null
        ? RestReply.NotFound("There is no such label.", $"'{reference}' is no id of a label")
        : (await session.GetAsync($"v1/labels/{reference}")).About("label_id", reference);

    private static RestOutcome Outcome(RestReply reply) => !reply.Done ? reply : new RestOutcome(reply)
    {
        Reference = reply.Value.Text("label_id"),
        Facts = new JsonObject { ["labelId"] = reply.Value.Text("label_id"), ["trackingId"] = reply.Value.Text("tracking_number") },
    };

    private static bool IsVoided(JsonElement label) => label.Flag("voided") || label.Text("status") == "voided";

    private static string? WrongId(string reference) => Id().IsMatch(reference) ? null : "the carrier system's id of the label, such as se-1";

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    private static partial Regex Id();
}
