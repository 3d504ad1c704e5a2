using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Tms;

/// <summary>
/// Labels. The platform has one shipment for one <c>external_shipment_id</c>, for good (docs.shipstation.com/apis/shipengine/docs/shipping/create-a-shipment):
/// the external id stands there, so of several who buy for it one gets a label. Once that is voided, the next one is bought for a shipment of its own,
/// <c>ID.2</c> and on. It voids what no carrier has in hand.
/// </summary>
internal static partial class Labels
{
    private const string Kind = "label";
    private const int PageSize = 100;
    private const int MaxPages = 100;
    private const int MaxVoided = 50;
    private const string OnItsWay = "The carrier has the parcel already: its label can't be voided.";

    public static readonly RestBinding Create = new(
        new OperationDescriptor("label.create", "Buys a label for a shipment, exactly once per external id.", Effect.Changes, Idempotent: true, ReadsBack: true, "label.void", Cost: 2)
        {
            Input = new Dictionary<string, string>
            {
                ["shipment"] = "service_code, ship_to, packages with their weights, and what else a label says; external_shipment_id is not used: the external id stands in its place",
            },
            Needs = [["shipment"]],
            Makes = Kind,
        },
        CreateAsync, FindCreatedAsync)
    { WrongReference = WrongId };

    public static readonly RestBinding Void = new(
        new OperationDescriptor("label.void", "Voids a label whose parcel no carrier has yet.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 3)
        {
            About = new Subject(Kind),
            FreesReference = true,
        },
        VoidAsync, FindVoidedAsync)
    {
        WrongReference = WrongId,
    };

    public static readonly RestBinding Read = new(new OperationDescriptor("label.read", "Reads a label.", Effect.Reads, Idempotent: true, ReadsBack: false) { About = new Subject(Kind) }, ReadAsync)
    {
        WrongReference = WrongId,
    };

    private static async ValueTask<RestOutcome> CreateAsync(OperationCall call, RestSession session)
    {
        if (call.ExternalId is not { Length: > 0 } externalId) return RestReply.NotSent("label.create was called without an external id");
        if (call.Input.Member("shipment") is not { ValueKind: JsonValueKind.Object } given || given.Text("service_code") is not { } service)
            return RestReply.Malformed("the request mapping's output has no shipment with a service_code");
        var label = JsonObject.Create(call.Input)!;
        var reply = await session.FindOrMakeAsync(LookAsync, () => session.ChangeAsync(HttpMethod.Post, "v1/labels", label));
        if (!reply.Done) return reply;
        if (reply.Value.Text("external_shipment_id") != (string?)label["shipment"]!["external_shipment_id"]) return RestReply.Unusable($"label {reply.Value.Text("label_id")} is for another shipment");
        return reply.Found && !call.GoesFirst && reply.Value.Text("service_code") is { } bought && bought != service
            ? new RestReply(OperationStatus.Taken) { Reason = $"label {reply.Value.Text("label_id")} was there before, for the service {bought}" }
            : Outcome(reply);

        async ValueTask<RestReply> LookAsync()
        {
            var (known, free) = await FindAsync(session, externalId);
            label["shipment"]!["external_shipment_id"] = free;
            return known;
        }
    }

    private static async ValueTask<RestOutcome> FindCreatedAsync(OperationCall call, RestSession session) =>
        call.ExternalId is { Length: > 0 } externalId ? Outcome((await FindAsync(session, externalId)).Reply) : RestReply.NotSent("read-back was called without an external id");

    /// <summary>The label under an external id that holds; where there is none, the id that the next one is bought under.</summary>
    private static async ValueTask<(RestReply Reply, string Free)> FindAsync(RestSession session, string externalId)
    {
        for (var number = 1; number <= MaxVoided; number++)
        {
            var id = number == 1 ? externalId : $"{externalId}.{number}";
            var oldest = await session.GetAsync($"v1/labels/external_shipment_id/{Uri.EscapeDataString(id)}");
            if (!oldest.Done) return (oldest, id);
            var found = await HoldingAsync(session, oldest, id);
            if (found.Status != OperationStatus.NotFound) return (found, id);
        }
        return (RestReply.Unusable($"{MaxVoided} labels were bought and voided"), externalId);
    }

    /// <summary>
    /// That label, or another one of its shipment. The look by the external id tells the oldest one
    /// (docs.shipstation.com/apis/openapi/labels/get_label_by_external_shipment_id); where it is voided, people may have bought another.
    /// </summary>
    private static async ValueTask<RestReply> HoldingAsync(RestSession session, RestReply oldest, string id)
    {
        var label = oldest.Value;
        if (label.Text("external_shipment_id") != id) return RestReply.Unusable($"the answer is about {label.Text("external_shipment_id") ?? "no external id"}, and not {id}");
        if (Holds(label)) return oldest;
        return label.Text("shipment_id") is { } shipment
            ? await SearchAsync(session, $"shipment_id={Uri.EscapeDataString(shipment)}", other => other.Text("external_shipment_id") == id && Holds(other))
            : RestReply.Unusable("the label has no shipment_id");
    }

    /// <summary>
    /// The first label of a list that is looked for, over all its pages: newest first, 25 on each unless more are asked for
    /// (docs.shipstation.com/apis/shipengine/docs/reference/list-labels and …/pagination). What is bought meanwhile moves labels to later pages, where they are
    /// seen again and not missed.
    /// </summary>
    internal static async ValueTask<RestReply> SearchAsync(RestSession session, string filter, Func<JsonElement, bool> isIt)
    {
        for (var page = 1; page <= MaxPages; page++)
        {
            var reply = await session.GetAsync($"v1/labels?{filter}&page={page}&page_size={PageSize}");
            if (!reply.Done) return reply;
            if (reply.Value.Member("labels") is not { ValueKind: JsonValueKind.Array } labels || reply.Value.Member("pages") is not { ValueKind: JsonValueKind.Number } pages)
                return RestReply.Unusable("a page of labels was expected");
            if (labels.EnumerateArray().Where(isIt).ToList() is [var label, ..]) return reply with { Value = label };
            if (!pages.TryGetInt32(out var last) || page >= last) return RestReply.NotFound("");
        }
        return RestReply.Unusable($"there are more than {MaxPages} pages of labels");
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

    /// <summary>One that failed was not bought.</summary>
    private static bool Holds(JsonElement label) => !IsVoided(label) && label.Text("status") != "error";

    private static bool IsVoided(JsonElement label) => label.Flag("voided") || label.Text("status") == "voided";

    internal static string? WrongId(string reference) => Id().IsMatch(reference) ? null : "the carrier system's id of the label, such as se-1";

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    private static partial Regex Id();
}
