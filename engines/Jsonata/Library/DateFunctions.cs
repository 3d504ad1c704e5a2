using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Jsonata.Library;

/// <summary>Times, as milliseconds since 1970 and as text.</summary>
internal static partial class DateFunctions
{
    public static readonly BuiltIn[] All =
    [
        new("now", "<s?s?:s>", 2, (run, a) => Format(run, run.Bindings.Now.ToUnixTimeMilliseconds(), a, 0)),
        new("millis", "<:n>", 0, (run, _) => Numeric.FromInteger(run.Bindings.Now.ToUnixTimeMilliseconds())),
        new("fromMillis", "<n-s?s?:s>", 3, (run, a) => a[0].IsUndefined ? default : Format(run, Numeric.ToDouble(a[0]), a, 1)),
        new("toMillis", "<s-s?:n>", 2, ToMillis),
    ];

    [GeneratedRegex(@"\A(\d{4})(?:-([01]\d))?(?:-([0-3]\d))?(?:T([0-2]\d):([0-5]\d):([0-5]\d))?(\.\d+)?(?:([+-])([0-2]\d):?([0-5]\d)|Z)?\z")]
    private static partial Regex Iso8601();

    private static Value Format(Evaluation run, double millis, ReadOnlySpan<Value> a, int first)
    {
        var picture = a.Length > first ? a[first].AsString() : null;
        var zone = a.Length > first + 1 ? a[first + 1].AsString() : null;
        if (picture is null && zone is null && millis is >= 0 and < 253402300800000)
        {
            return Value.From(DateTimeOffset.FromUnixTimeMilliseconds((long)millis).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        }
        return Value.From(DatePicture.Parse(run, picture).Format(run, millis, zone));
    }

    private static Value ToMillis(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var millis = a.Length > 1 && a[1].AsString() is { } picture ? DateReading.Read(run, a[0].Text, picture) : ReadIso8601(run, a[0].Text);
        return millis is { } known && !double.IsNaN(known) ? Numeric.FromInteger((long)known) : default;
    }

    private static double ReadIso8601(Evaluation run, string text)
    {
        var match = Iso8601().Match(text);
        if (!match.Success)
        {
            throw run.Fail("D3110", $"'{text}' is no time in ISO 8601");
        }
        var month = Number(match, 2, 1);
        var day = Number(match, 3, 1);
        var (hour, minute, second) = (Number(match, 4, 0), Number(match, 5, 0), Number(match, 6, 0));
        if (month is < 1 or > 12 || day is < 1 or > 31 || hour > 24 || (hour == 24 && minute + second > 0))
        {
            return double.NaN;
        }
        double millis = CivilTime.ToDays(Number(match, 1, 0), month, day) * CivilTime.MillisInDay;
        millis += (hour * 3_600_000) + (minute * 60_000) + (second * 1000);
        if (match.Groups[7].Success)
        {
            millis += Math.Truncate(decimal.ToDouble(decimal.Parse("0" + match.Groups[7].Value, CultureInfo.InvariantCulture) * 1000));
        }
        if (match.Groups[8].Success)
        {
            var offset = (Number(match, 9, 0) * 60) + Number(match, 10, 0);
            millis -= (match.Groups[8].Value == "-" ? -offset : offset) * 60_000;
        }
        return millis;
    }

    private static int Number(Match match, int group, int usual) =>
        match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : usual;
}
