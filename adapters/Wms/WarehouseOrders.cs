using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Wms;

/// <summary>
/// Orders of the warehouse. It takes no <c>reference_id</c> twice: the external id stands there, so one that is there was made by this call or by one
/// with the same business key. Cancelled is what nobody has picked. Requests are those of developer.shipbob.com/2026-01/api/orders: create-order, get-orders,
/// get-order and cancel-order.
/// </summary>
internal static class WarehouseOrders
{
    private const string Kind = "warehouse-order";

    private const string Gone = "The warehouse has begun with this order: what is picked or shipped can't be cancelled.";

    private const string InPart = "The warehouse has cancelled what nobody had begun with; the rest of this order is on its way.";

    public static readonly RestBinding Create = new(
        new OperationDescriptor("warehouse-order.create", "Orders goods out of the warehouse, exactly once per external id.", Effect.Changes, Idempotent: true, ReadsBack: true, "warehouse-order.cancel", Cost: 2)
        {
            Input = new Dictionary<string, string>
            {
                ["reference_id"] = "not used: the external id stands in its place",
                ["order_number"] = "our number, for people; optional",
                ["fulfillment_center"] = "where it ships from; optional",
                ["shipping_method"] = "Standard, Expedited, 2-Day, 1-Day; optional",
                ["shipping_terms"] = "payment_term; optional",
                ["retailer_program_data"] = "purchase_order_number, shipByDate, delivery_date; optional",
                ["recipient"] = "name, email, phone_number, address; optional",
                ["products"] = "reference_id (the SKU), quantity in pieces, external_line_id, name, gtin",
                ["tags"] = "name and value, for people; optional",
            },
            Needs = [["products"]],
            Makes = Kind,
        },
        CreateAsync, FindCreatedAsync)
    { WrongReference = WrongId };

    public static readonly RestBinding Cancel = new(
        new OperationDescriptor("warehouse-order.cancel", "Cancels an order of the warehouse that nobody has picked.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 2) { About = new Subject(Kind) },
        CancelAsync, FindCancelledAsync)
    { WrongReference = WrongId };

    public static readonly RestBinding Read = new(
        new OperationDescriptor("warehouse-order.read", "Reads an order of the warehouse with its shipments.", Effect.Reads, Idempotent: true, ReadsBack: false) { About = new Subject(Kind) }, ReadAsync)
    {
        WrongReference = WrongId,
    };

    /// <summary>An order by the reference that the creating call gave.</summary>
    internal static async ValueTask<RestReply> GetAsync(RestSession session, string? reference) => reference is null || WrongId(reference) is not null
        ? RestReply.NotFound("There is no such order.", $"'{reference}' is no id of an order")
        : (await session.GetAsync($"order/{reference}")).About("id", reference);

    private static async ValueTask<RestOutcome> CreateAsync(OperationCall call, RestSession session)
    {
        if (call.ExternalId is not { Length: > 0 } externalId) return RestReply.NotSent("warehouse-order.create was called without an external id");
        if (ProductsOf(call.Input) is not { } asked) return RestReply.Malformed("the request mapping's output has no products with reference_id and a whole quantity");
        var order = JsonObject.Create(call.Input)!;
        order["reference_id"] = externalId;
        var reply = await session.FindOrMakeAsync(() => FindAsync(session, externalId), () => session.ChangeAsync(HttpMethod.Post, "order", order));
        if (!reply.Done) return reply;
        // Nobody has called for it before, for all that the gateway knows: another order than this one was made by somebody of whom nothing is known here.
        return reply.Found && !call.GoesFirst && ProductsOf(reply.Value) is { } kept && !kept.SequenceEqual(asked)
            ? new RestReply(OperationStatus.Taken) { Reason = $"order {reply.Value.Id("id")} was there before, with other products" }
            : Outcome(reply);
    }

    private static async ValueTask<RestOutcome> FindCreatedAsync(OperationCall call, RestSession session) =>
        call.ExternalId is { Length: > 0 } externalId ? Outcome(await FindAsync(session, externalId)) : RestReply.NotSent("read-back was called without an external id");

    /// <summary>The order under an external id. A system that does not know the filter would answer all orders: only the one that has the id counts.</summary>
    private static async ValueTask<RestReply> FindAsync(RestSession session, string externalId)
    {
        var reply = await session.GetAsync($"order?ReferenceIds={Uri.EscapeDataString(externalId)}");
        if (!reply.Done) return reply;
        if (reply.Value.ValueKind != JsonValueKind.Array) return RestReply.Unusable("a list of orders was expected");
        var found = reply.Value.Elements().Where(order => order.Text("reference_id") == externalId).ToList();
        return found is [var order, ..] ? reply with { Value = order } : RestReply.NotFound("");
    }

    private static async ValueTask<RestOutcome> CancelAsync(OperationCall call, RestSession session)
    {
        var known = await GetAsync(session, call.Reference);
        if (!known.Done) return known.Status == OperationStatus.NotFound ? RestReply.Refused("There is no such order.", known.Reason ?? "") : known.BeforeChange();
        if (IsCancelled(known.Value)) return Outcome(known);
        if (HasLeft(known.Value)) return RestReply.Refused(Gone, $"it is {known.Value.Text("status")}");
        var reply = await session.ChangeAsync(HttpMethod.Post, $"order/{call.Reference}:cancel");
        if (reply.Status is OperationStatus.Refused or OperationStatus.Taken) return RestReply.Refused(Gone, reply.Reason ?? "");
        if (!reply.Done) return reply;
        if (reply.Value.Text("status") == "Failure") return RestReply.Refused(Gone, reply.Value.Items("canceled_shipment_results").FirstOrDefault().Text("reason") ?? "it was not cancelled");
        var after = reply.Value.Member("order") is { ValueKind: JsonValueKind.Object } order ? (reply with { Value = order }).About("id", call.Reference!) : await GetAsync(session, call.Reference);
        if (!after.Done) return after.AfterChange();
        return IsCancelled(after.Value) ? Outcome(after) : RestReply.Refused(InPart, $"{reply.Value.Text("status")}, and it is {after.Value.Text("status")} after it was cancelled");
    }

    private static async ValueTask<RestOutcome> FindCancelledAsync(OperationCall call, RestSession session)
    {
        var known = await GetAsync(session, call.Reference);
        return known.Done && !IsCancelled(known.Value) ? RestReply.NotFound("") : Outcome(known);
    }

    private static async ValueTask<RestOutcome> ReadAsync(OperationCall call, RestSession session)
    {
        var reply = await GetAsync(session, call.Reference);
        return new RestOutcome(reply) { Reference = call.Reference };
    }

    private static RestOutcome Outcome(RestReply reply) => !reply.Done ? reply : new RestOutcome(reply)
    {
        Reference = reply.Value.Id("id"),
        Facts = new JsonObject { ["warehouseReference"] = reply.Value.Id("id") },
    };

    /// <summary>SKUs and pieces in the order of the lines; null where it is no list of such.</summary>
    private static List<(string Sku, int Quantity)>? ProductsOf(JsonElement order)
    {
        var products = new List<(string, int)>();
        foreach (var product in order.Items("products"))
        {
            if (product.Text("reference_id") is not { } sku || product.Member("quantity") is not { ValueKind: JsonValueKind.Number } number || !number.TryGetInt32(out var quantity)) return null;
            products.Add((sku, quantity));
        }
        return products.Count > 0 ? products : null;
    }

    private static bool IsCancelled(JsonElement order) => order.Text("status") == "Cancelled";

    private static bool HasLeft(JsonElement order) => order.Text("status") is "PartiallyFulfilled" or "Fulfilled" || order.Items("shipments").Any();

    /// <summary>The warehouse numbers its orders.</summary>
    private static string? WrongId(string reference) =>
        int.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 && reference[0] != '0' ? null : "the warehouse's id of the order, a whole number such as 1001";
}
