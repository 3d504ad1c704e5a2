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

    private static async ValueTask<RestOutcome> ReadAsync(OperationCall call, RestSession session) => call.Input.Text("id") is { Length: <= MaxNumber } number && number.All(IsPlain)
        ? await session.GetAsync($"v1/tracking/{Uri.EscapeDataString(number)}")
        : RestReply.NotFound("There is no such parcel.", "the number is none");

    /// <summary>A path can't be led elsewhere by these.</summary>
    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}
