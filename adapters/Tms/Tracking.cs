using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Tms;

/// <summary>Where a parcel is. The carriers' words are mapped by code tables (transforms/codes/tracking.yaml), not here.</summary>
internal static class Tracking
{
    private const int MaxNumber = 64;

    public static readonly RestBinding Read = new(
        new OperationDescriptor("tracking.read", "Reads where a parcel is and what happened to it.", Effect.Reads, Idempotent: true, ReadsBack: false)
        {
            Input = new Dictionary<string, string> { ["id"] = "the tracking number" },
        },
        ReadAsync);

    private static async ValueTask<RestOutcome> ReadAsync(OperationCall call, RestSession session)
    {
        if (call.Input.Text("id") is not { Length: <= MaxNumber } number || !number.All(IsPlain)) return RestReply.NotFound("There is no such parcel.", "the number is none");
        var reply = await session.GetAsync($"v1/tracking/{Uri.EscapeDataString(number)}");
        // Carriers write numbers as they please, so it need not be the same; but one there must be.
        return reply.Done && reply.Value.Text("tracking_number") is null ? RestReply.Unusable("the answer is about no parcel") : reply;
    }

    /// <summary>A path can't be led elsewhere by these.</summary>
    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}
