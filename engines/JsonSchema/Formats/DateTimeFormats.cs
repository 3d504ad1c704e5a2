namespace Gateway.JsonSchema.Formats;

/// <summary>RFC 3339: section 5.6 (date-time, full-date, full-time) and appendix A (duration).</summary>
internal static class DateTimeFormats
{
    public static bool IsDateTime(ReadOnlySpan<byte> text) => text.Length > 11 && IsDate(text[..10]) && (text[10] | 0x20) == 't' && IsTime(text[11..]);

    public static bool IsDate(ReadOnlySpan<byte> text)
    {
        if (text.Length != 10 || text[4] != '-' || text[7] != '-')
            return false;
        int year = (Two(text, 0) * 100) + Two(text, 2);
        int month = Two(text, 5);
        int day = Two(text, 8);
        if (Two(text, 0) < 0 || Two(text, 2) < 0 || month is < 1 or > 12 || day < 1)
            return false;
        // The year 0000 exists in RFC 3339 and is a leap year; DateTime does not know it.
        return day <= DateTime.DaysInMonth(year == 0 ? 4 : year, month);
    }

    public static bool IsTime(ReadOnlySpan<byte> text)
    {
        if (text.Length < 9 || text[2] != ':' || text[5] != ':')
            return false;
        int hour = Two(text, 0);
        int minute = Two(text, 3);
        int second = Two(text, 6);
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
            return false;
        int at = 8;
        if (text[at] == '.')
        {
            int digits = text[(at + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (digits <= 0)
                return false;
            at += 1 + digits;
        }
        if (!TryReadOffset(text[at..], out int offset))
            return false;
        // A leap second is inserted before midnight UTC, wherever one lives.
        return second < 60 || ((hour * 60) + minute - offset + 2880) % 1440 == 1439;
    }

    public static bool IsDuration(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] != 'P')
            return false;
        text = text[1..];
        if (text[^1] == 'W')
            return IsDigits(text[..^1]);
        int t = text.IndexOf((byte)'T');
        ReadOnlySpan<byte> date = t < 0 ? text : text[..t];
        if (t >= 0 && !IsUnits(text[(t + 1)..], "HMS"u8))
            return false;
        return (t >= 0 && date.Length == 0) || IsUnits(date, "YMD"u8);
    }

    // Numbers with units in descending order and none left out between two, as the grammar of appendix A has it.
    private static bool IsUnits(ReadOnlySpan<byte> text, ReadOnlySpan<byte> units)
    {
        int last = -1;
        while (text.Length > 0)
        {
            int digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            int unit = digits <= 0 ? -1 : units.IndexOf(text[digits]);
            if (unit < 0 || unit <= last || (last >= 0 && unit != last + 1))
                return false;
            last = unit;
            text = text[(digits + 1)..];
        }
        return last >= 0;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.Length == 1)
            return (text[0] | 0x20) == 'z';
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':')
            return false;
        int hour = Two(text, 1);
        int minute = Two(text, 4);
        minutes = ((hour * 60) + minute) * (text[0] == '-' ? -1 : 1);
        return hour is >= 0 and <= 23 && minute is >= 0 and <= 59;
    }

    private static bool IsDigits(ReadOnlySpan<byte> text) => text.Length > 0 && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    // Two digits, or a very negative number.
    private static int Two(ReadOnlySpan<byte> text, int at)
    {
        uint tens = (uint)(text[at] - '0');
        uint ones = (uint)(text[at + 1] - '0');
        return tens > 9 || ones > 9 ? -100000 : (int)((tens * 10) + ones);
    }
}
