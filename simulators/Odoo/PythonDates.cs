using System.Globalization;

namespace Gateway.Simulators.Odoo;

/// <summary>Odoo's dates on the wire: naive UTC, one format, and Python's <c>strptime</c> words for everything else.</summary>
internal static class PythonDates
{
    private const string DatetimeFormat = "%Y-%m-%d %H:%M:%S";

    public static string Write(DateTime value) => value.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Write(DateOnly value) => value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Reads a date and time; a shorter text is read by as much of the format as it is long.</summary>
    /// <exception cref="OdooError">ValueError, as for ISO 8601 with <c>T</c>, <c>Z</c> or an offset.</exception>
    public static DateTime ReadDatetime(string text) =>
        TryRead(text, DatetimeFormat[..Math.Clamp(text.Length - 2, 0, DatetimeFormat.Length)], out var value, out var wrong)
            ? value
            : throw OdooError.Value(wrong);

    /// <summary>Reads a date; what follows the tenth character is ignored, as Odoo ignores it.</summary>
    /// <exception cref="OdooError">ValueError.</exception>
    public static DateOnly ReadDate(string text) =>
        TryRead(text.Length > 10 ? text[..10] : text, "%Y-%m-%d", out var value, out var wrong)
            ? DateOnly.FromDateTime(value)
            : throw OdooError.Value(wrong);

    private static bool TryRead(string text, string format, out DateTime value, out string wrong)
    {
        value = default;
        wrong = $"time data '{text}' does not match format '{format}'";
        var parts = new Dictionary<char, int> { ['Y'] = 1900, ['m'] = 1, ['d'] = 1, ['H'] = 0, ['M'] = 0, ['S'] = 0 };
        var at = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                if (at >= text.Length || text[at++] != format[i])
                    return false;
                continue;
            }
            var directive = format[++i];
            var most = directive == 'Y' ? 4 : 2;
            var length = 0;
            while (length < most && at + length < text.Length && char.IsAsciiDigit(text[at + length]))
                length++;
            if (length == 0 || (directive == 'Y' && length < 4))
                return false;
            parts[directive] = int.Parse(text.AsSpan(at, length), CultureInfo.InvariantCulture);
            at += length;
        }
        if (at < text.Length)
        {
            wrong = $"unconverted data remains: {text[at..]}";
            return false;
        }
        if (parts['Y'] < 1 || parts['m'] is < 1 or > 12 || parts['d'] is < 1 or > 31)
            return false;
        if (parts['H'] > 23 || parts['M'] > 59 || parts['S'] > 59)
            return false;
        if (parts['d'] > DateTime.DaysInMonth(parts['Y'], parts['m']))
        {
            wrong = "day is out of range for month";
            return false;
        }
        value = new DateTime(parts['Y'], parts['m'], parts['d'], parts['H'], parts['M'], parts['S'], DateTimeKind.Utc);
        return true;
    }
}
