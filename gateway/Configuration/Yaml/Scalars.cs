using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;

namespace Gateway.Configuration.Yaml;

/// <summary>
/// Text to values. A string stays what was written: <c>no</c>, <c>1.10</c> and <c>0123</c> are those characters.
/// Numbers are decimal without leading zeros, booleans only <c>true</c> and <c>false</c>, durations a number and a unit
/// (<c>500ms 30s 5m 24h 7d</c>), sizes bytes or <c>KB MB</c> (1024), dates a day (its midnight in UTC) or RFC 3339.
/// </summary>
internal static class Scalars
{
    private const long MaxCount = 100_000_000;
    private const long MaxDays = 36_500;

    private static readonly string[] Dates = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    public static bool Handles(Type type) =>
        type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(long) || type == typeof(decimal) || type == typeof(double)
        || type == typeof(TimeSpan) || type == typeof(DateTimeOffset) || type == typeof(Uri) || type.IsEnum;

    public static object? Parse(Node.Scalar scalar, Type type)
    {
        var text = scalar.Text;
        if (type == typeof(string)) return text;
        if (type == typeof(Uri)) return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;
        if (type.IsEnum) return Enum.GetNames(type).FirstOrDefault(n => Camel(n) == text) is { } name ? Enum.Parse(type, name) : null;
        if (type == typeof(TimeSpan)) return Duration(text);
        if (type == typeof(DateTimeOffset))
            return DateTimeOffset.TryParseExact(text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
        if (type == typeof(bool)) return text switch { "true" => true, "false" => false, _ => null };
        if (LeadingZero(text)) return null;
        if (type == typeof(int)) return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) ? i : null;
        if (type == typeof(decimal))
            return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var d) ? d : null;
        if (type == typeof(double))
            return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var f) && double.IsFinite(f) ? f : null;
        return Size(text);
    }

    public static string Expected(Type type) => Shape(type) switch
    {
        { IsEnum: true } e => "one of " + string.Join(", ", Enum.GetNames(e).Select(Camel)),
        var t when t == typeof(string) => "text",
        var t when t == typeof(bool) => "true or false",
        var t when t == typeof(TimeSpan) => "a duration",
        var t when t == typeof(DateTimeOffset) => "a date",
        var t when t == typeof(Uri) => "an absolute http or https address",
        var t when t == typeof(long) => "a whole number or a size",
        var t when t == typeof(int) => "a whole number",
        var t when t == typeof(decimal) || t == typeof(double) => "a number",
        _ => "a mapping",
    };

    public static string Example(Type type) => Shape(type) switch
    {
        { IsEnum: true } e => Camel(Enum.GetNames(e)[0]),
        var t when t == typeof(bool) => "true",
        var t when t == typeof(TimeSpan) => "30s",
        var t when t == typeof(DateTimeOffset) => "2027-01-31",
        var t when t == typeof(Uri) => "https://host.example",
        var t when t == typeof(long) => "256KB",
        var t when t == typeof(int) || t == typeof(decimal) || t == typeof(double) => "100",
        var t when t == typeof(Secret) => "secret://env/NAME",
        { IsGenericType: true } => "[…]",
        _ => "…",
    };

    public static string Cure(Node.Scalar scalar, Type type)
    {
        type = Shape(type);
        if (type.IsEnum) return Nearest.Cure(scalar.Text, Enum.GetNames(type).Select(Camel));
        if (type == typeof(bool)) return "write true or false; YAML 1.2 knows no yes and no";
        if (LeadingZero(scalar.Text)) return "remove the leading zero";
        return $"write it like {Example(type)}";
    }

    /// <summary>What a rule demands, as the end of a sentence.</summary>
    public static string Demand(ValidationAttribute rule) => rule switch
    {
        RangeAttribute range => $"must be between {Written(range.Minimum)} and {Written(range.Maximum)}",
        MinLengthAttribute least => $"must have {least.Length} characters or more",
        RegularExpressionAttribute form => $"must have the form {form.Pattern}",
        _ => rule.FormatErrorMessage("it").TrimEnd('.'),
    };

    /// <summary>A value as one would write it: a duration in the largest unit that needs no fraction.</summary>
    public static string Written(object value) => value switch
    {
        TimeSpan time when time.Ticks % TimeSpan.TicksPerDay == 0 => $"{time.TotalDays}d",
        TimeSpan time when time.Ticks % TimeSpan.TicksPerHour == 0 => $"{time.TotalHours}h",
        TimeSpan time when time.Ticks % TimeSpan.TicksPerMinute == 0 => $"{time.TotalMinutes}m",
        TimeSpan time when time.Ticks % TimeSpan.TicksPerSecond == 0 => $"{time.TotalSeconds}s",
        TimeSpan time => $"{time.TotalMilliseconds}ms",
        DateTimeOffset at => at.ToUniversalTime().ToString(at.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        Enum => Camel(value.ToString()!),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static Type Shape(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    public static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static bool LeadingZero(string text) => text.AsSpan().TrimStart("+-") is ['0', >= '0' and <= '9', ..];

    private static TimeSpan? Duration(string text)
    {
        var digits = text.AsSpan().IndexOfAnyExcept("0123456789");
        if (digits <= 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > MaxCount)
            return null;
        return text[digits..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(count),
            "s" => TimeSpan.FromSeconds(count),
            "m" => TimeSpan.FromMinutes(count),
            "h" => TimeSpan.FromHours(count),
            "d" when count <= MaxDays => TimeSpan.FromDays(count),
            _ => null,
        };
    }

    private static long? Size(string text)
    {
        var factor = text.EndsWith("KB", StringComparison.Ordinal) ? 1L << 10 : text.EndsWith("MB", StringComparison.Ordinal) ? 1L << 20 : 1;
        var digits = factor == 1 ? text : text[..^2];
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var size) && size <= long.MaxValue / factor && size >= long.MinValue / factor
            ? size * factor
            : null;
    }
}
