using System.Text.Json;

namespace Gateway.Adapters.Rest;

/// <summary>The body of a webhook whose signature holds.</summary>
internal static class HookBody
{
    /// <summary>How far in the future a fact may lie, for clocks differ.</summary>
    private static readonly TimeSpan ClocksApart = TimeSpan.FromMinutes(5);

    public static HookVerdict Read(ReadOnlyMemory<byte> body, Func<JsonElement, HookEvent?> read)
    {
        if (!JsonBody.IsText(body.Span)) return new HookVerdict.Unreadable("it is no UTF-8");
        try
        {
            var document = JsonElement.Parse(body.Span, JsonBody.Strict);
            return read(document) is { } told ? new HookVerdict.Told([told]) : new HookVerdict.Unreadable("it does not say what it is about");
        }
        catch (JsonException)
        {
            return new HookVerdict.Unreadable("it is no JSON");
        }
    }

    /// <summary>When something happened by the sender's clock; now, where it does not say or says a time to come.</summary>
    public static DateTimeOffset TimeOf(string? said, DateTimeOffset now) => SaidTime(said, now) ?? now;

    /// <summary>The same; null where it does not say or says a time to come.</summary>
    public static DateTimeOffset? SaidTime(string? said, DateTimeOffset now) =>
        DateTimeOffset.TryParse(said, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) && time <= now + ClocksApart ? time.ToUniversalTime() : null;
}
