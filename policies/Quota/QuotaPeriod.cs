using System.Globalization;

namespace Gateway.Policies.Quota;

/// <summary>A day or a month of the calendar of one time zone: from its first midnight up to the next one's. A day has 23 to 25 hours.</summary>
/// <param name="Name">Its day, <c>2026-11-29</c>, or its month, <c>2026-11</c>.</param>
/// <param name="Ends">The first moment that is no longer in it.</param>
public sealed record QuotaPeriod(string Name, DateTimeOffset Start, DateTimeOffset Ends)
{
    public long Seconds => (long)(Ends - Start).TotalSeconds;

    public bool Includes(DateTimeOffset now) => now >= Start && now < Ends;

    /// <summary>The period that a moment is in.</summary>
    public static QuotaPeriod At(DateTimeOffset now, QuotaSpan span, TimeZoneInfo zone)
    {
        var day = TimeZoneInfo.ConvertTime(now, zone).Date;
        var first = span == QuotaSpan.Day ? day : new DateTime(day.Year, day.Month, 1);
        var next = span == QuotaSpan.Day ? first.AddDays(1) : first.AddMonths(1);
        return new QuotaPeriod(first.ToString(span == QuotaSpan.Day ? "yyyy-MM-dd" : "yyyy-MM", CultureInfo.InvariantCulture), Midnight(first, zone), Midnight(next, zone));
    }

    /// <summary>When a day begins: where clocks are put forward over midnight, at the first moment there is; where they show it twice, at the first.</summary>
    private static DateTimeOffset Midnight(DateTime day, TimeZoneInfo zone)
    {
        var local = day;
        while (zone.IsInvalidTime(local)) local = local.AddMinutes(15);
        return new DateTimeOffset(local, zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local));
    }
}
