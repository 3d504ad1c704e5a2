using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Tms;

/// <summary>
/// Tenders that are changed and called off, by <c>tenderType</c> UPDATE and CANCEL (X12 204 B2A-01: 04 and 01). The platform finds the tender by our number of
/// the load, so that stays as it is. The id of a change stands among the identifiers, so that it is known to be done, also where it offers the same again.
/// </summary>
internal static partial class Tenders
{
    private const string NoTender = "There is no such tender.";

    /// <summary>Type of the identifier that holds the id of the last change.</summary>
    private const string Change = "CHANGE_ID";

    /// <summary>What is the platform's own, and no part of what was offered.</summary>
    private static readonly string[] Theirs = ["id", "status", "createdAt", "response"];

    public static readonly RestBinding Update = new(
        new OperationDescriptor("tender.change", "Offers a load anew, in place of what was offered; the carrier has to answer again.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 2)
        {
            Input = new Dictionary<string, string>(Members) { ["tenderType"] = "UPDATE, or left out" },
            Needs = [["shipmentIdentifiers"], ["carrierIdentifier"], ["shipmentStops"]],
            About = new Subject(Kind),
        },
        ChangeAsync, FindChangedAsync)
    { WrongReference = WrongId };

    public static readonly RestBinding Cancel = new(
        new OperationDescriptor("tender.cancel", "Calls a load off that no carrier has collected.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 2)
        {
            About = new Subject(Kind),
            FreesReference = true,
        },
        CancelAsync, FindCancelledAsync)
    { WrongReference = WrongId };

    private static async ValueTask<RestOutcome> ChangeAsync(OperationCall call, RestSession session)
    {
        if (call.ExternalId is not { Length: > 0 } externalId) return RestReply.NotSent("tender.change was called without an external id");
        if (LoadOf(call.Input) is not { } load) return RestReply.Malformed("the request mapping's output has no shipmentIdentifiers, each with type and value");
        if (call.Input.Text("tenderType") is not (null or "UPDATE")) return RestReply.Malformed("tender.change changes tenders, and makes and calls off none");
        var known = await BeforeAsync(session, call.Reference);
        if (!known.Done || Has(known.Value, Change, externalId)) return Outcome(known);
        if (IsCancelled(known.Value)) return RestReply.Refused("The load was called off: it can be tendered anew, and not changed.", "the tender is cancelled");
        if (LoadOf(known.Value) is { } offered && offered != load) return RestReply.Refused("The number of a load can't be changed.", $"the tender is for {offered}, and the change for {load}");
        var tender = JsonObject.Create(call.Input)!;
        tender["tenderType"] = "UPDATE";
        var identifiers = tender["shipmentIdentifiers"]!.AsArray();
        foreach (var ours in known.Value.Items("shipmentIdentifiers").Where(one => one.Text("type") == Ours)) identifiers.Add(Identifier(Ours, ours.Text("value")));
        identifiers.Add(Identifier(Change, externalId));
        return About(await session.ChangeAsync(HttpMethod.Post, "v1/tenders", tender), call.Reference);
    }

    private static async ValueTask<RestOutcome> FindChangedAsync(OperationCall call, RestSession session)
    {
        if (call.ExternalId is not { Length: > 0 } externalId) return RestReply.NotSent("read-back was called without an external id");
        var known = await GetAsync(session, call.Reference);
        return known.Done && !Has(known.Value, Change, externalId) ? RestReply.NotFound("") : Outcome(known);
    }

    private static async ValueTask<RestOutcome> CancelAsync(OperationCall call, RestSession session)
    {
        var known = await BeforeAsync(session, call.Reference);
        if (!known.Done || IsCancelled(known.Value)) return Outcome(known);
        var tender = JsonObject.Create(known.Value)!;
        foreach (var member in Theirs) tender.Remove(member);
        tender["tenderType"] = "CANCEL";
        var reply = await session.ChangeAsync(HttpMethod.Post, "v1/tenders", tender);
        if (reply.Status != OperationStatus.Refused) return About(reply, call.Reference);
        // Of several at once, all but the first are told that the load has no tender.
        var now = await GetAsync(session, call.Reference);
        return now.Done && IsCancelled(now.Value) ? Outcome(now) : reply;
    }

    private static async ValueTask<RestOutcome> FindCancelledAsync(OperationCall call, RestSession session)
    {
        var known = await GetAsync(session, call.Reference);
        return known.Done && !IsCancelled(known.Value) ? RestReply.NotFound("") : Outcome(known);
    }

    /// <summary>The tender as it is before it is changed; to change what is not there is refused.</summary>
    private static async ValueTask<RestReply> BeforeAsync(RestSession session, string? reference)
    {
        var known = await GetAsync(session, reference);
        return known.Status == OperationStatus.NotFound ? RestReply.Refused(NoTender, known.Reason ?? "") : known.BeforeChange();
    }

    private static async ValueTask<RestReply> GetAsync(RestSession session, string? reference) => reference is null || WrongId(reference) is not null
        ? RestReply.NotFound(NoTender, $"'{reference}' is no id of a tender")
        : (await session.GetAsync($"v1/tenders/{reference}")).About("id", reference);

    /// <summary>Another tender of the load was changed where somebody has called this one off, and tendered it anew, in between.</summary>
    private static RestOutcome About(RestReply reply, string? reference) => reply.Done && reply.Value.Text("id") != reference
        ? RestReply.Unusable($"tender {reply.Value.Text("id")} was changed, and {reference} was meant")
        : Outcome(reply);

    private static JsonObject Identifier(string type, string? value) => new() { ["type"] = type, ["value"] = value };

    private static bool IsCancelled(JsonElement tender) => tender.Text("status") == "cancelled";

    private static bool Has(JsonElement tender, string type, string value) =>
        tender.Items("shipmentIdentifiers").Any(one => one.Text("type") == type && one.Text("value") == value);
}
