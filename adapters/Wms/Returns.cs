using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Wms;

/// <summary>
/// Goods that come back to the warehouse. As orders, a return is unique by its <c>reference_id</c>, where the external id stands, so one that is there was
/// made by this call or by one with the same business key. Cancelled is what has not arrived. Requests are those of developer.shipbob.com/2026-01/api/returns:
/// create-return-order, get-return-orders, get-return-order and cancel-return-order.
/// </summary>
internal static class Returns
{
    private const string Kind = "warehouse-return";

    private const string Arrived = "The warehouse has begun with this return: what has arrived can't be cancelled.";

    public static readonly RestBinding Create = new(
        new OperationDescriptor("return.create", "Announces goods that come back to the warehouse, exactly once per external id.", Effect.Changes, Idempotent: true, ReadsBack: true, "return.cancel", Cost: 2)
        {
            Input = new Dictionary<string, string>
            {
                ["reference_id"] = "not used: the external id stands in its place",
                ["fulfillment_center"] = "where it comes to",
                ["original_shipment_id"] = "the warehouse's number of the parcel that it came with; optional",
                ["tracking_number"] = "of the parcel that it comes back in; optional",
                ["inventory"] = "sku, each once; quantity in pieces; requested_action: Default, Restock, Quarantine, Dispose",
            },
            Needs = [["fulfillment_center"], ["inventory"]],
            Makes = Kind,
        },
        CreateAsync, FindCreatedAsync)
    { WrongReference = WrongId };

    public static readonly RestBinding Cancel = new(
        new OperationDescriptor("return.cancel", "Cancels a return of which nothing has arrived at the warehouse.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 3) { About = new Subject(Kind) },
        CancelAsync, FindCancelledAsync)
    { WrongReference = WrongId };

    public static readonly RestBinding Read = new(
        new OperationDescriptor("return.read", "Reads a return at the warehouse, and what became of what came back.", Effect.Reads, Idempotent: true, ReadsBack: false) { About = new Subject(Kind) }, ReadAsync)
    {
        WrongReference = WrongId,
    };

    private static async ValueTask<RestOutcome> CreateAsync(OperationCall call, RestSession session)
    {
        if (call.ExternalId is not { Length: > 0 } externalId) return RestReply.NotSent("return.create was called without an external id");
        if (ItemsOf(call.Input) is not { } asked) return RestReply.Malformed("the request mapping's output has no inventory with sku and a whole quantity");
        var wanted = JsonObject.Create(call.Input)!;
        wanted["reference_id"] = externalId;
        var reply = await session.FindOrMakeAsync(() => FindAsync(session, externalId), () => session.ChangeAsync(HttpMethod.Post, "return", wanted));
        if (!reply.Done) return reply;
        // Nobody has called for it before, for all that the gateway knows: another return than this one was made by somebody of whom nothing is known here.
        return reply.Found && !call.GoesFirst && ItemsOf(reply.Value) is { } kept && !kept.SequenceEqual(asked)
            ? new RestReply(OperationStatus.Taken) { Reason = $"return {reply.Value.Id("id")} was there before, of other goods" }
            : Outcome(reply);
    }

    private static async ValueTask<RestOutcome> FindCreatedAsync(OperationCall call, RestSession session) =>
        call.ExternalId is { Length: > 0 } externalId ? Outcome(await FindAsync(session, externalId)) : RestReply.NotSent("read-back was called without an external id");

    /// <summary>The return under an external id. A system that does not know the filter would answer all returns: only the one that has the id counts.</summary>
    private static async ValueTask<RestReply> FindAsync(RestSession session, string externalId)
    {
        var reply = await session.GetAsync($"return?ReferenceIds={Uri.EscapeDataString(externalId)}");
        if (!reply.Done) return reply;
        if (reply.Value.ValueKind != JsonValueKind.Array) return RestReply.Unusable("a list of returns was expected");
        var found = reply.Value.Elements().Where(known => known.Text("reference_id") == externalId).ToList();
        return found is [var mine, ..] ? reply with { Value = mine } : RestReply.NotFound("");
    }

    /// <summary>What the warehouse answers is not believed, for it may say nothing: the return is read.</summary>
    private static async ValueTask<RestOutcome> CancelAsync(OperationCall call, RestSession session)
    {
        var known = await GetAsync(session, call.Reference);
        if (!known.Done) return known.Status == OperationStatus.NotFound ? RestReply.Refused("There is no such return.", known.Reason ?? "") : known.BeforeChange();
        if (IsCancelled(known.Value)) return Outcome(known);
        if (known.Value.Text("status") != "AwaitingArrival") return RestReply.Refused(Arrived, $"it is {known.Value.Text("status")}");
        var reply = await session.ChangeAsync(HttpMethod.Post, $"return/{call.Reference}:cancel");
        if (reply.Status is OperationStatus.Refused or OperationStatus.Taken) return RestReply.Refused(Arrived, reply.Reason ?? "");
        if (!reply.Done && reply.Status != OperationStatus.Unusable) return reply;
        var after = await GetAsync(session, call.Reference);
        if (!after.Done) return after.AfterChange();
        return IsCancelled(after.Value) ? Outcome(after) : new RestReply(OperationStatus.Unknown) { Reason = $"it is {after.Value.Text("status")} after it was cancelled" };
    }

    private static async ValueTask<RestOutcome> FindCancelledAsync(OperationCall call, RestSession session)
    {
        var known = await GetAsync(session, call.Reference);
        return known.Done && !IsCancelled(known.Value) ? RestReply.NotFound("") : Outcome(known);
    }

    private static async ValueTask<RestOutcome> ReadAsync(OperationCall call, RestSession session) =>
        new(await GetAsync(session, call.Reference)) { Reference = call.Reference };

    private static async ValueTask<RestReply> GetAsync(RestSession session, string? reference) => reference is null || WrongId(reference) is not null
        ? RestReply.NotFound("There is no such return.", $"'{reference}' is no id of a return")
        : (await session.GetAsync($"return/{reference}")).About("id", reference);

    private static RestOutcome Outcome(RestReply reply) => !reply.Done ? reply : new RestOutcome(reply)
    {
        Reference = reply.Value.Id("id"),
        Facts = new JsonObject { ["warehouseReference"] = reply.Value.Id("id") },
    };

    /// <summary>SKUs and pieces by SKU; null where it is no list of such.</summary>
    private static List<(string Sku, int Quantity)>? ItemsOf(JsonElement back)
    {
        var items = new List<(string Sku, int Quantity)>();
        foreach (var item in back.Items("inventory"))
        {
            if (item.Text("sku") is not { } sku || item.Member("quantity") is not { ValueKind: JsonValueKind.Number } number || !number.TryGetInt32(out var quantity)) return null;
            items.Add((sku, quantity));
        }
        return items.Count > 0 ? [.. items.OrderBy(item => item.Sku, StringComparer.Ordinal)] : null;
    }

    private static bool IsCancelled(JsonElement back) => back.Text("status") == "Cancelled";

    /// <summary>The warehouse numbers its returns.</summary>
    private static string? WrongId(string reference) =>
        int.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 && reference[0] != '0' ? null : "the warehouse's id of the return, a whole number such as 5001";
}
