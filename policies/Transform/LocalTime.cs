using System.Globalization;
using Gateway.Jsonata;

namespace Gateway.Policies.Transform;

/// <summary>
/// <c>$toLocal(moment)</c>: an RFC 3339 moment as the clocks of the partner's company show it, <c>2026-11-24T00:30:00+01:00</c>.
/// <c>$toUtc(time)</c>: a time on those clocks, without an offset, as a moment in UTC. Without a partner the clocks show UTC.
/// </summary>
internal static class LocalTime
{
    /// <summary>The error of what is no time.</summary>
    private const string Wrong = "U2003";

    private const string Seconds = "yyyy-MM-ddTHH:mm:ss";

    public static readonly JsonataFunction ToLocal = new("<x:s>", (arguments, bindings) => Run("toLocal", arguments[0], bindings, Local));

    public static readonly JsonataFunction ToUtc = new("<x:s>", (arguments, bindings) => Run("toUtc", arguments[0], bindings, Utc));

    private static JsonataValue Run(string name, JsonataValue value, JsonataBindings bindings, Func<string, TimeZoneInfo, string?> convert)
    {
        if (value.Kind is JsonataKind.Undefined or JsonataKind.Null) return JsonataValue.Undefined;
        var zone = (bindings.Host as Partner)?.TimeZone ?? TimeZoneInfo.Utc;
        return value.AsString() is { } text && convert(text, zone) is { } converted
            ? JsonataValue.From(converted)
            : JsonataValue.Failure(Wrong, $"${name}: {value} is not the text of such a time");
    }

    private static string? Local(string text, TimeZoneInfo zone) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? TimeZoneInfo.ConvertTime(moment, zone).ToString(Seconds + "zzz", CultureInfo.InvariantCulture)
            : null;

    /// <summary>A time that the clocks skip is taken with the offset before they do.</summary>
    private static string? Utc(string text, TimeZoneInfo zone) =>
        DateTime.TryParseExact(text, Seconds, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && IsInside(time)
            ? (time - zone.GetUtcOffset(time)).ToString(Seconds, CultureInfo.InvariantCulture) + "Z"
            : null;

    /// <summary>A day from either end of what can be counted: no zone is further from UTC.</summary>
    private static bool IsInside(DateTime time) => time > DateTime.MinValue.AddDays(1) && time < DateTime.MaxValue.AddDays(-1);
}
