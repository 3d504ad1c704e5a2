using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Jsonata.Library;

/// <summary>
/// Reading times: what the picture captures is put together to a moment. Larger units that are missing come from now,
/// smaller ones are zero, and a gap between given ones is error D3136.
/// </summary>
internal static class DateReading
{
    private const string DateUnits = "YXMxWwdD";
    private const string TimeUnits = "PHhmsf";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Milliseconds since 1970; null when the text doesn't follow the picture.</summary>
    public static double? Read(Evaluation run, string text, string picture)
    {
        var parsed = DatePicture.Parse(run, picture);
        var pattern = new StringBuilder("^");
        foreach (var part in parsed.Parts)
        {
            pattern.Append('(').Append(PatternOf(run, part)).Append(')');
        }
        run.ChargeText(text.Length);
        run.CheckTime();
        var match = Regex.Match(text, pattern.Append("\\z").ToString(), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Patience);
        if (!match.Success)
        {
            return null;
        }
        var found = new Dictionary<char, double>();
        for (var i = 0; i < parsed.Parts.Count; i++)
        {
            if (parsed.Parts[i].Literal is null)
            {
                found[parsed.Parts[i].Component] = ValueOf(run, parsed.Parts[i], match.Groups[i + 1].Value);
            }
        }
        return found.Count == 0 ? null : Assemble(run, found);
    }

    private static string PatternOf(Evaluation run, DatePart part)
    {
        if (part.Literal is { } literal)
        {
            return Regex.Escape(literal);
        }
        switch (part.Component)
        {
            case 'Z' or 'z':
                var separator = SeparatorOf(part) is { } text ? Regex.Escape(text) + "[0-9]+" : "";
                return $"{(part.Component == 'z' ? "GMT" : "")}[-+][0-9]+{separator}";
            case 'f':
                return "[0-9]+";
        }
        if (part.Number is not null)
        {
            return part.Number.ToPattern(run);
        }
        return part.Component is 'M' or 'x' or 'F' or 'P'
            ? "[a-zA-Z]+"
            : throw run.Fail("D3133", $"'{part.Component}' cannot be read as a name");
    }

    private static string? SeparatorOf(DatePart part) => part.Number is { Interval: > 0 } number ? number.FirstSeparator : null;

    private static double ValueOf(Evaluation run, DatePart part, string text)
    {
        switch (part.Component)
        {
            case 'Z' or 'z':
                return ReadZone(part.Component == 'z' ? text[3..] : text, SeparatorOf(part));
            case 'f':
                return Math.Round(double.Parse("0." + text[..Math.Min(3, text.Length)], CultureInfo.InvariantCulture) * 1000, 9);
        }
        if (part.Number is not null)
        {
            return part.Number.Read(run, text);
        }
        if (part.Component == 'P')
        {
            return text is "am" or "AM" ? 0 : text is "pm" or "PM" ? 1 : double.NaN;
        }
        var names = part.Component == 'F' ? DatePicture.Days : DatePicture.Months;
        var at = Array.FindIndex(names, name => (part.MaxWidth is > 0 and var max && max < name.Length ? name[..max] : name) == text);
        return at < 0 ? double.NaN : at + 1;
    }

    private static double ReadZone(string text, string? separator)
    {
        double hours, minutes = 0;
        if (separator is not null)
        {
            var at = text.IndexOf(separator, StringComparison.Ordinal);
            hours = ReadNumber(text[..at]);
            minutes = ReadNumber(text[(at + separator.Length)..]);
        }
        else if (text.Length <= 3)
        {
            hours = ReadNumber(text);
        }
        else
        {
            hours = ReadNumber(text[..3]);
            minutes = ReadNumber(text[3..]);
        }
        return (hours * 60) + minutes;
    }

    private static double ReadNumber(string text) => double.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static double Assemble(Evaluation run, Dictionary<char, double> found)
    {
        // A unit read as zero doesn't count as given when the kinds of date and time are told apart.
        var isOrdinalDate = !FitsIn(found, DateUnits, "YMD") && FitsIn(found, DateUnits, "Yd");
        var isMonthWeek = FitsIn(found, DateUnits, "Xxw");
        var isWeek = !isMonthWeek && FitsIn(found, DateUnits, "XW");
        var isHalfDay = !FitsIn(found, TimeUnits, "Hmsf") && FitsIn(found, TimeUnits, "Phmsf");
        if (isMonthWeek || isWeek)
        {
            throw run.Fail("D3136", "dates given by week cannot be read");
        }
        var units = (isOrdinalDate ? "YD" : "YMD") + (isHalfDay ? "Phmsf" : "Hmsf");
        FillIn(run, found, units);
        var year = found['Y'];
        var month = Math.Max(found.GetValueOrDefault('M', 1), 1);
        var day = isOrdinalDate ? found['d'] : found['D'];
        month = isOrdinalDate ? 1 : month;
        var hour = isHalfDay ? (found['h'] == 12 ? 0 : found['h']) + (found['P'] == 1 ? 12 : 0) : found['H'];
        if (double.IsNaN(year + month + day + hour + found['m'] + found['s'] + found['f']))
        {
            return double.NaN;
        }
        // ECMAScript takes years below 100 to be of the twentieth century.
        year = year is >= 0 and < 100 ? year + 1900 : year;
        var millis = (CivilTime.ToDays((long)year, (long)month, (long)day) * (double)CivilTime.MillisInDay)
            + (hour * 3_600_000) + (found['m'] * 60_000) + (found['s'] * 1000) + Math.Truncate(found['f']);
        var zone = found.GetValueOrDefault('Z') is not 0 and var z ? z : found.GetValueOrDefault('z');
        return millis - (zone * 60_000);
    }

    private static void FillIn(Evaluation run, Dictionary<char, double> found, string units)
    {
        var now = new CivilTime(run.Bindings.Now.ToUnixTimeMilliseconds());
        bool started = false, ended = false;
        foreach (var unit in units)
        {
            if (found.TryGetValue(unit, out var value) && !double.IsNaN(value))
            {
                started = true;
                if (ended)
                {
                    throw run.Fail("D3136", "the picture leaves out a unit between others");
                }
            }
            else if (started)
            {
                found[unit] = unit is 'M' or 'D' or 'd' ? 1 : 0;
                ended = true;
            }
            else
            {
                found[unit] = DatePicture.Fragment(now, unit);
            }
        }
    }

    private static bool FitsIn(Dictionary<char, double> found, string all, string wanted)
    {
        var any = false;
        foreach (var unit in all)
        {
            var given = found.TryGetValue(unit, out var value) && value is not 0 && !double.IsNaN(value);
            if (given && !wanted.Contains(unit))
            {
                return false;
            }
            any |= given;
        }
        return any;
    }
}
