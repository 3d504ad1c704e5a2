namespace Gateway.Jsonata.Library;

/// <summary>
/// A moment in the proleptic Gregorian calendar at UTC, for any year: <see cref="DateTime"/> ends where JSONata's
/// milliseconds go on.
/// </summary>
internal readonly struct CivilTime
{
    public const long MillisInDay = 86_400_000;

    /// <summary>The farthest moment ECMAScript knows, either way.</summary>
    public const double MaxMillis = 8.64e15;

    private readonly long _days;

    public CivilTime(long millis)
    {
        Millis = millis;
        _days = Math.DivRem(millis, MillisInDay, out var rest);
        if (rest < 0)
        {
            _days--;
            rest += MillisInDay;
        }
        TimeOfDay = (int)rest;
        (Year, Month, Day) = FromDays(_days);
    }

    public long Millis { get; }

    public int TimeOfDay { get; }

    public long Year { get; }

    /// <summary>From 1.</summary>
    public int Month { get; }

    public int Day { get; }

    public int Hour => TimeOfDay / 3_600_000;

    public int Minute => TimeOfDay / 60_000 % 60;

    public int Second => TimeOfDay / 1000 % 60;

    public int Millisecond => TimeOfDay % 1000;

    /// <summary>Monday is 1, Sunday 7.</summary>
    public int Weekday => (int)((((_days + 3) % 7) + 7) % 7) + 1;

    public int DayOfYear => (int)(_days - ToDays(Year, 1, 1)) + 1;

    /// <summary>The week of the year (ISO 8601) or, by the same rule, of the month.</summary>
    public int Week(bool ofMonth)
    {
        var today = _days;
        var (year, month) = (Year, ofMonth ? Month : 1);
        var week = WeeksBetween(FirstWeek(year, month), today);
        if (week > (ofMonth ? 4 : 52))
        {
            var next = ofMonth ? FirstWeek(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1) : FirstWeek(year + 1, 1);
            return today >= next ? 1 : week;
        }
        if (week >= 1)
        {
            return week;
        }
        var before = ofMonth ? FirstWeek(month == 1 ? year - 1 : year, month == 1 ? 12 : month - 1) : FirstWeek(year - 1, 1);
        return WeeksBetween(before, today);
    }

    /// <summary>The year the week belongs to.</summary>
    public long WeekYear => _days < FirstWeek(Year, 1) ? Year - 1 : _days >= FirstWeek(Year + 1, 1) ? Year + 1 : Year;

    /// <summary>The month the week belongs to.</summary>
    public int WeekMonth
    {
        get
        {
            if (_days < FirstWeek(Year, Month))
            {
                return Month == 1 ? 12 : Month - 1;
            }
            var (nextYear, nextMonth) = Month == 12 ? (Year + 1, 1) : (Year, Month + 1);
            return _days >= FirstWeek(nextYear, nextMonth) ? nextMonth : Month;
        }
    }

    /// <summary>Days since 1970 of a date; months and days beyond their range carry over, as in ECMAScript's MakeDay.</summary>
    public static long ToDays(long year, long month, long day)
    {
        year += Math.DivRem(month - 1, 12, out var rest);
        month = rest + 1;
        if (month < 1)
        {
            month += 12;
            year--;
        }
        // Years are counted from March, so that the leap day comes last; eras of 400 years repeat.
        var shifted = month <= 2 ? year - 1 : year;
        var era = (shifted >= 0 ? shifted : shifted - 399) / 400;
        var yearOfEra = shifted - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097) + dayOfEra - 719_468;
    }

    private static (long Year, int Month, int Day) FromDays(long days)
    {
        days += 719_468;
        var era = (days >= 0 ? days : days - 146_096) / 146_097;
        var dayOfEra = days - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shifted = ((5 * dayOfYear) + 2) / 153;
        var month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
        var day = (int)(dayOfYear - (((153 * shifted) + 2) / 5) + 1);
        return (yearOfEra + (era * 400) + (month <= 2 ? 1 : 0), month, day);
    }

    /// <summary>The Monday of the week that holds the first Thursday, in days.</summary>
    private static long FirstWeek(long year, int month)
    {
        var first = ToDays(year, month, 1);
        var weekday = ((((first + 3) % 7) + 7) % 7) + 1;
        return weekday > 4 ? first + 8 - weekday : first - weekday + 1;
    }

    private static int WeeksBetween(long start, long today) => (int)Math.Floor(((today - start) / 7.0) + 1);
}
