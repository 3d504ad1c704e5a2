using System.Text.Json;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Tms;

/// <summary>
/// What the carrier platform tells: <c>{"resource_url","resource_type":"API_TRACK","data":{…}}</c>, the data being what a look at the same thing would answer
/// (ShipEngine, Webhooks). A parcel's news are of the time of its newest event, also where they come late.
/// </summary>
internal static class TmsEvents
{
    public static HookEvent? Of(string id, JsonElement body, DateTimeOffset received)
    {
        if (body.Member("data") is not { ValueKind: JsonValueKind.Object } data) return null;
        return body.Text("resource_type") switch
        {
            "API_TRACK" when data.Text("tracking_number") is { } number =>
                new HookEvent(id, "tms.tracking.updated.v1", number, HookBody.TimeOf(data.Items("events").FirstOrDefault().Text("occurred_at"), received), data),
            "API_TENDER" when data.Text("id") is { } tender =>
                new HookEvent(id, "tms.tender.answered.v1", tender, HookBody.TimeOf(data.Member("response") is { } response ? response.Text("respondedAt") : null, received), data),
            _ => null,
        };
    }
}
