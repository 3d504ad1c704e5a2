using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Tms;

/// <summary>
/// What the carrier platform tells: <c>{"resource_url","resource_type":"API_TRACK","data":{…}}</c>, the data being what a look at the same thing would answer
/// (docs.shipstation.com/apis/docs/guides/webhooks-schemas). A parcel's news are of the time of its newest event, also where they come late. What else it
/// tells, such as <c>API_BATCH</c>, is an event of its own type, <c>tms.batch.told.v1</c>: nothing of it is refused, for the platform would repeat it.
/// </summary>
internal static partial class TmsEvents
{
    private const string Tracking = "tms.tracking.updated.v1";
    private const string Tender = "tms.tender.answered.v1";

    public static string? WrongType(string type) => type is Tracking or Tender || Other().IsMatch(type) ? null : Nearest.Cure(type, [Tracking, Tender]);

    public static HookEvent? Of(SignedMessage message)
    {
        var (id, body, received) = (message.Id, message.Body, message.Received);
        if (body.Text("resource_type") is not { } type || !Type().IsMatch(type)) return null;
        var data = body.Member("data") is { ValueKind: JsonValueKind.Object } said ? said : body;
        return type switch
        {
            "API_TRACK" when data.Text("tracking_number") is { } number => Track(id, number, data, received),
            "API_TENDER" when data.Text("id") is { } tender =>
                new HookEvent(id, Tender, tender, HookBody.TimeOf(data.Member("response") is { } response ? response.Text("respondedAt") : null, received), data),
            _ => new HookEvent(id, $"tms.{Words(type)}.told.v1", body.Text("resource_url") ?? id, received, data),
        };
    }

    /// <summary>All that was seen of a parcel until then. Scans are told to the second, so of one second the one that has more of them is the newer.</summary>
    private static HookEvent Track(string id, string number, JsonElement data, DateTimeOffset received)
    {
        var scans = data.Items("events").ToList();
        var said = HookBody.SaidTime(scans.FirstOrDefault().Text("occurred_at"), received);
        return new HookEvent(id, Tracking, number, said ?? received, data) { Standing = said?.AddTicks(scans.Count) };
    }

    private static string Words(string type) => type.StartsWith("API_", StringComparison.Ordinal) ? Words(type["API_".Length..]) : type.ToLowerInvariant().Replace('_', '.');

    [GeneratedRegex(@"^tms(\.[a-z0-9]{1,31}){1,5}\.told\.v1$")]
    private static partial Regex Other();

    [GeneratedRegex("^[A-Z][A-Z0-9]{0,30}(_[A-Z0-9]{1,30}){0,4}$")]
    private static partial Regex Type();
}
