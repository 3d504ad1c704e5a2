using System.Globalization;
using System.Text;

namespace Gateway.Jsonata.Library;

/// <summary>A literal or a marker of a date picture.</summary>
internal sealed class DatePart
{
    public string? Literal { get; init; }

    public char Component { get; init; }

    public string Presentation { get; init; } = "";

    /// <summary>The modifier after the presentation, of which 't' matters to time zones.</summary>
    public char Modifier { get; init; }

    public int? MinWidth { get; init; }

    public int? MaxWidth { get; init; }

    /// <summary>Set when the component is written as a name.</summary>
    public LetterCase? Names { get; init; }

    /// <summary>Set when the component is written as a number.</summary>
    public IntegerPicture? Number { get; init; }

    /// <summary>Digits of the year to show; -1 for all.</summary>
    public int YearDigits { get; init; } = -1;
}

/// <summary>A picture of a date and time (XPath functions 3.1, 9.8.4).</summary>
internal sealed class DatePicture
{
    public const string Numeric = "YMDdFWwXxHhmsf";
    public static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    public static readonly string[] Months =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ];

    private const string Iso8601 = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";

    private DatePicture(List<DatePart> parts) => Parts = parts;

    public List<DatePart> Parts { get; }

    public static DatePicture Parse(Evaluation run, string? picture)
    {
        picture ??= Iso8601;
        run.ChargeText(picture.Length * 16L);
        var parts = new List<DatePart>();
        var start = 0;
        for (var at = 0; at < picture.Length;)
        {
            if (picture[at] != '[')
            {
                at++;
                continue;
            }
            AddLiteral(parts, picture[start..at]);
            if (at + 1 < picture.Length && picture[at + 1] == '[')
            {
                parts.Add(new DatePart { Literal = "[" });
                at += 2;
            }
            else
            {
                var end = picture.IndexOf(']', at);
                if (end < 0)
                {
                    throw run.Fail("D3135", $"a bracket of the picture '{picture}' is not closed");
                }
                parts.Add(ParseMarker(run, string.Concat(picture[(at + 1)..end].Where(c => !char.IsWhiteSpace(c))), parts.LastOrDefault()));
                at = end + 1;
            }
            start = at;
        }
        AddLiteral(parts, picture[start..]);
        return new DatePicture(parts);
    }

    /// <param name="run">The evaluation.</param>
    /// <param name="millis">Since 1970.</param>
    /// <param name="zone">The offset as ±hhmm; null for UTC.</param>
    public string Format(Evaluation run, double millis, string? zone)
    {
        int hours = 0, minutes = 0;
        if (zone is not null)
        {
            var offset = LeadingInteger(zone);
            hours = (int)Math.Floor(offset / 100.0);
            minutes = offset % 100;
        }
        var moment = millis + (((60.0 * hours) + minutes) * 60_000);
        if (!(Math.Abs(moment) <= CivilTime.MaxMillis))
        {
            throw run.Fail("D3110", "the time lies outside the calendar");
        }
        var time = new CivilTime((long)Math.Truncate(moment));
        var result = new StringBuilder();
        foreach (var part in Parts)
        {
            result.Append(part.Literal ?? FormatPart(run, part, time, hours, minutes));
        }
        run.ChargeText(result.Length);
        return result.ToString();
    }

    public static double Fragment(CivilTime time, char component) => component switch
    {
        'Y' => time.Year,
        'M' => time.Month,
        'D' => time.Day,
        'd' => time.DayOfYear,
        'F' => time.Weekday,
        'W' => time.Week(ofMonth: false),
        'w' => time.Week(ofMonth: true),
        'X' => time.WeekYear,
        'x' => time.WeekMonth,
        'H' => time.Hour,
        'h' => time.Hour % 12 == 0 ? 12 : time.Hour % 12,
        'P' => time.Hour >= 12 ? 1 : 0,
        'm' => time.Minute,
        's' => time.Second,
        'f' => time.Millisecond,
        _ => 0,
    };

    private static void AddLiteral(List<DatePart> parts, string text)
    {
        if (text.Length > 0)
        {
            parts.Add(new DatePart { Literal = text.Replace("]]", "]") });
        }
    }

    private static DatePart ParseMarker(Evaluation run, string marker, DatePart? previous)
    {
        var component = marker.Length > 0 ? marker[0] : '\0';
        var comma = marker.LastIndexOf(',');
        int? min = null, max = null;
        if (comma > 0)
        {
            var width = marker[(comma + 1)..];
            var dash = width.IndexOf('-');
            min = Width(dash < 0 ? width : width[..dash]);
            max = dash < 0 ? null : Width(width[(dash + 1)..]);
        }
        var presentation = marker.Length == 0 ? "" : comma > 0 ? marker[1..comma] : marker[1..];
        var modifier = '\0';
        if (presentation.Length > 1 && presentation[^1] is 'a' or 't' or 'c' or 'o')
        {
            modifier = presentation[^1];
            presentation = presentation[..^1];
        }
        else if (presentation.Length == 0)
        {
            presentation = DefaultPresentation(component) ?? throw run.Fail("D3132", $"'{component}' is no component of a date");
        }
        if (presentation[0] is 'n' or 'N')
        {
            var names = presentation[0] == 'n' ? LetterCase.Lower : presentation.Length > 1 && presentation[1] == 'n' ? LetterCase.Title : LetterCase.Upper;
            return new DatePart { Component = component, Presentation = presentation, Modifier = modifier, MinWidth = min, MaxWidth = max, Names = names };
        }
        var number = Numeric.Contains(component) || component is 'Z' or 'z' ? NumberOf(run, component, presentation, modifier, min, max, previous) : null;
        return new DatePart
        {
            Component = component,
            Presentation = presentation,
            Modifier = modifier,
            MinWidth = min,
            MaxWidth = max,
            Number = number,
            YearDigits = component == 'Y' && number is not null ? YearDigitsOf(number, max) : -1,
        };
    }

    private static IntegerPicture NumberOf(Evaluation run, char component, string presentation, char modifier, int? min, int? max, DatePart? previous)
    {
        if (component is 'Z' or 'z')
        {
            return IntegerPicture.Parse(run, presentation);
        }
        var number = IntegerPicture.Parse(run, modifier == '\0' ? presentation : $"{presentation};{modifier}");
        if (number.Style == IntegerStyle.Digits && min > number.MinDigits)
        {
            number.MinDigits = min.Value;
        }
        if (component == 'Y' && max is { } width)
        {
            number.MinDigits = width;
        }
        // Numbers that follow each other without anything between can only be told apart by their width.
        if (previous?.Number is { } before)
        {
            before.ReadWidth = before.MinDigits;
        }
        return number;
    }

    private static int YearDigitsOf(IntegerPicture number, int? max)
    {
        var digits = number.MinDigits + number.OptionalDigits;
        return max ?? (number.Style == IntegerStyle.Digits && digits >= 2 ? digits : -1);
    }

    private static string? DefaultPresentation(char component) => component switch
    {
        'Y' or 'M' or 'D' or 'd' or 'W' or 'w' or 'X' or 'x' or 'H' or 'h' or 'f' => "1",
        'F' or 'P' or 'C' or 'E' => "n",
        'm' or 's' => "01",
        'Z' or 'z' => "01:01",
        _ => null,
    };

    private static int? Width(string text) => text == "*" || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var width) ? null : width;

    private static int LeadingInteger(string text)
    {
        var trimmed = text.AsSpan().TrimStart();
        var length = trimmed.Length > 0 && trimmed[0] is '+' or '-' ? 1 : 0;
        while (length < Math.Min(trimmed.Length, 9) && char.IsAsciiDigit(trimmed[length]))
        {
            length++;
        }
        return int.TryParse(trimmed[..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }

    private static string FormatPart(Evaluation run, DatePart part, CivilTime time, int hours, int minutes)
    {
        switch (part.Component)
        {
            case 'Z' or 'z':
                return FormatZone(run, part, hours, minutes);
            case 'P':
                var half = time.Hour >= 12 ? "pm" : "am";
                return part.Names == LetterCase.Upper ? half.ToUpperInvariant() : half;
            case 'C' or 'E':
                return "ISO";
        }
        var value = Fragment(time, part.Component);
        if (part.Names is { } names && part.Component != 'f')
        {
            return FormatName(run, part, names, (int)value);
        }
        if (part.Component == 'Y' && part.YearDigits >= 0)
        {
            value %= Math.Pow(10, part.YearDigits);
        }
        if (part.Number is null)
        {
            throw run.Fail("D3132", $"'{part.Component}' is no component of a date");
        }
        return part.Number.Format(run, value);
    }

    private static string FormatName(Evaluation run, DatePart part, LetterCase names, int value)
    {
        var name = part.Component switch
        {
            'M' or 'x' => Months[value - 1],
            'F' => Days[value - 1],
            _ => throw run.Fail("D3133", $"only months and days have names, not '{part.Component}'"),
        };
        name = names == LetterCase.Upper ? name.ToUpperInvariant() : names == LetterCase.Lower ? name.ToLowerInvariant() : name;
        return part.MaxWidth is { } max && name.Length > max ? name[..max] : name;
    }

    private static string FormatZone(Evaluation run, DatePart part, int hours, int minutes)
    {
        var offset = (hours * 100) + minutes;
        var number = part.Number ?? throw run.Fail("D3134", "a time zone is written as a number");
        string text;
        if (number.Interval > 0)
        {
            text = number.Format(run, offset);
        }
        else if (number.MinDigits is 1 or 2)
        {
            text = number.Format(run, hours);
            if (minutes != 0)
            {
                text += ":" + IntegerPicture.Parse(run, "00").Format(run, minutes);
            }
        }
        else if (number.MinDigits is 3 or 4)
        {
            text = number.Format(run, offset);
        }
        else
        {
            throw run.Fail("D3134", $"a time zone cannot be written with {number.MinDigits} digits");
        }
        text = (offset >= 0 ? "+" : "") + text;
        text = part.Component == 'z' ? "GMT" + text : text;
        return offset == 0 && part.Modifier == 't' ? "Z" : text;
    }
}
