using Gateway.Policies.Quota;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>When days and months begin and end, by the clocks of whoever counts by them.</summary>
public sealed class QuotaPeriodTests
{
    [Theory]
    [InlineData("2026-11-29T22:59:59Z", QuotaSpan.Day, "UTC", "2026-11-29", "2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z")]
    [InlineData("2026-11-29T22:59:59Z", QuotaSpan.Day, "Europe/Berlin", "2026-11-29", "2026-11-28T23:00:00Z", "2026-11-29T23:00:00Z")]
    [InlineData("2026-11-29T23:00:00Z", QuotaSpan.Day, "Europe/Berlin", "2026-11-30", "2026-11-29T23:00:00Z", "2026-11-30T23:00:00Z")]
    [InlineData("2026-11-30T23:00:00Z", QuotaSpan.Month, "Europe/Berlin", "2026-12", "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z")]
    [InlineData("2026-11-30T23:00:00Z", QuotaSpan.Month, "UTC", "2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")]
    // Clocks are put back, and forward: such days have 25 and 23 hours.
    [InlineData("2026-10-25T12:00:00Z", QuotaSpan.Day, "Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    [InlineData("2026-03-29T12:00:00Z", QuotaSpan.Day, "Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData("2026-10-05T12:00:00Z", QuotaSpan.Month, "Europe/Berlin", "2026-10", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z")]
    // There is no midnight on this day, clocks go from 00:00 to 01:00; and on that one they show it twice.
    [InlineData("2026-09-06T12:00:00Z", QuotaSpan.Day, "America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z")]
    [InlineData("2026-11-01T06:00:00Z", QuotaSpan.Day, "America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]
    [InlineData("2028-02-29T12:00:00Z", QuotaSpan.Month, "UTC", "2028-02", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z")]
    public void A_moment_is_in_one_period(string now, QuotaSpan span, string zone, string name, string start, string ends)
    {
        var period = QuotaPeriod.At(At(now), span, TimeZoneInfo.FindSystemTimeZoneById(zone));

        Assert.Equal((name, At(start), At(ends)), (period.Name, period.Start, period.Ends));
        Assert.True(period.Includes(At(now)));
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/Santiago")]
    [InlineData("America/Havana")]
    [InlineData("Asia/Beirut")]
    [InlineData("Pacific/Auckland")]
    [InlineData("Australia/Lord_Howe")]
    public void Days_follow_each_other_without_a_gap_for_years(string zone)
    {
        var clocks = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var period = QuotaPeriod.At(At("2024-01-01T12:00:00Z"), QuotaSpan.Day, clocks);

        for (var day = 0; day < 3 * 366; day++)
        {
            var last = QuotaPeriod.At(period.Ends.AddTicks(-1), QuotaSpan.Day, clocks);
            var next = QuotaPeriod.At(period.Ends, QuotaSpan.Day, clocks);
            Assert.Equal(period, last);
            Assert.Equal(period.Ends, next.Start);
            Assert.NotEqual(period.Name, next.Name);
            period = next;
        }
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
