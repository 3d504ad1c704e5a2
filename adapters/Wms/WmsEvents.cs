using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Wms;

/// <summary>
/// What the warehouse tells: <c>{"type":"order.shipped","timestamp","data":{…}}</c>, the payload that Standard Webhooks recommend. Every topic becomes an
/// event of its own type, <c>wms.order.shipped.v1</c>; the subject is the order's <c>reference_id</c>, which is the gateway's external id.
/// </summary>
internal static partial class WmsEvents
{
    public static HookEvent? Of(string id, JsonElement body, DateTimeOffset received)
    {
        if (body.Text("type") is not { } topic || !Topic().IsMatch(topic) || body.Member("data") is not { ValueKind: JsonValueKind.Object } data) return null;
        var subject = data.Text("reference_id") ?? data.Id("order_id") ?? data.Id("id");
        return subject is null ? null : new HookEvent(id, $"wms.{topic}.v1", subject, HookBody.TimeOf(body.Text("timestamp"), received), data);
    }

    [GeneratedRegex(@"^[a-z][a-z_]{0,39}(\.[a-z][a-z_]{0,39}){1,4}$")]
    private static partial Regex Topic();
}
