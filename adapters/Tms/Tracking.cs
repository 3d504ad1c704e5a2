using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Tms;

/// <summary>
/// Where a parcel is. The platform has to be told the carrier with the number, <c>GET /v1/tracking?carrier_code=…&amp;tracking_number=…</c>; parcels whose label
/// was bought there can be followed by that, <c>GET /v1/labels/{id}/track</c> (docs.shipstation.com/apis/shipengine/docs/tracking/tracking and
/// …/track-by-label-id). The carriers' words are mapped by code tables (transforms/codes/tracking.yaml), not here.
/// </summary>
internal static class Tracking
{
    private const int MaxNumber = 64;
    private const string None = "There is no such parcel.";

    public static readonly OperationDescriptor Descriptor = new("tracking.read", "Reads where a parcel is and what happened to it.", Effect.Reads, Idempotent: true, ReadsBack: false)
    {
        Input = new Dictionary<string, string>
        {
            ["id"] = "the tracking number",
            ["carrier"] = "the platform's code of the carrier; when left out, the backend's carrier, and where it has none, that of the label with this number",
        },
        Needs = [["id"]],
    };

    /// <param name="usual">Code of the carrier whose parcel it is where the call does not say; null where that can't be said.</param>
    public static RestBinding Read(string? usual) => new(Descriptor, (call, session) => ReadAsync(call, session, usual));

    private static async ValueTask<RestOutcome> ReadAsync(OperationCall call, RestSession session, string? usual)
    {
        if (call.Input.Text("id") is not { Length: <= MaxNumber } number || !number.All(IsPlain)) return RestReply.NotFound(None, "the number is none");
        if (call.Input.Member("carrier") is not null && call.Input.Text("carrier") is not { Length: <= MaxNumber }) return RestReply.Malformed("carrier is no code");
        var carrier = call.Input.Text("carrier") ?? usual;
        var reply = carrier is not null
            ? await session.GetAsync($"v1/tracking?carrier_code={Uri.EscapeDataString(carrier)}&tracking_number={Uri.EscapeDataString(number)}")
            : await ByLabelAsync(session, number);
        // Carriers write numbers as they please, so it need not be the same; but one there must be.
        return reply.Done && reply.Value.Text("tracking_number") is null ? RestReply.Unusable("the answer is about no parcel") : reply;
    }

    private static async ValueTask<RestReply> ByLabelAsync(RestSession session, string number)
    {
        var label = await Labels.SearchAsync(session, $"tracking_number={Uri.EscapeDataString(number)}", label => label.Text("tracking_number") == number);
        if (!label.Done) return label.Status == OperationStatus.NotFound ? RestReply.NotFound(None, "no label has that number, and nobody said which carrier's it is") : label;
        return label.Value.Text("label_id") is { } id && Labels.WrongId(id) is null ? await session.GetAsync($"v1/labels/{id}/track") : RestReply.Unusable("the label has no id");
    }

    /// <summary>A path can't be led elsewhere by these.</summary>
    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}
