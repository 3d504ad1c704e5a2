using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Wms;

/// <summary>
/// What the warehouse tells: the topic stands in a header, <c>x-webhook-topic: order.shipped</c>, and the body is the thing itself, an order, a shipment, an
/// item (developer.shipbob.com/webhooks). Every topic becomes an event of its own type, <c>wms.order.shipped.v1</c>. The subject is the order's
/// <c>reference_id</c>, which is the gateway's external id; of what is about no order it is the thing's own id, or else that of the message: nothing that the
/// warehouse has signed is refused for that, for it would repeat it. No signature is over the topic, and the message's id is the event's under whatever topic.
/// </summary>
internal static partial class WmsEvents
{
    public const string TopicHeader = "x-webhook-topic";

    private const string Before = "wms.";
    private const string Behind = ".v1";

    /// <summary>What things are called by, an order's name first.</summary>
    private static readonly string[] Names = ["reference_id", "order_id", "id", "inventory_id", "sku"];

    public static HookEvent? Of(SignedMessage message)
    {
        if (message.Topic is not { } topic || !Topic().IsMatch(topic) || message.Body.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) return null;
        var subject = Names.Select(name => message.Body.Id(name)).FirstOrDefault(name => name is not null) ?? message.Id;
        var said = HookBody.SaidTime(TimeOf(message.Body), message.Received);
        return new HookEvent(message.Id, Before + topic + Behind, subject, said ?? message.Received, message.Body) { Standing = IsWhole(message.Body) ? said : null };
    }

    public static string? WrongType(string type) =>
        type.StartsWith(Before, StringComparison.Ordinal) && type.EndsWith(Behind, StringComparison.Ordinal) && type.Length > Before.Length + Behind.Length && Topic().IsMatch(type[Before.Length..^Behind.Length])
            ? null
            : "write the topic between wms. and .v1: wms.order.shipped.v1";

    /// <summary>An order or a return as it stands. One of its shipments is not: the next one does not take its place.</summary>
    private static bool IsWhole(JsonElement thing) => thing.Id("reference_id") is not null && thing.Id("order_id") is null;

    /// <summary>When it happened; null where the thing does not say.</summary>
    private static string? TimeOf(JsonElement thing) => thing.Text("event_time") ?? thing.Text("last_update_at") ?? thing.Text("updated_at");

    [GeneratedRegex(@"^[a-z][a-z_]{0,39}(\.[a-z][a-z_]{0,39}){1,4}\z")]
    private static partial Regex Topic();
}
