using System.Globalization;

namespace Gateway.Policies.Authorize;

/// <summary>Parts of the week, one of which it must be when the request came.</summary>
internal sealed class HoursDemand(IReadOnlyList<HoursOptions> written) : Demand
{
    private readonly Window[] _windows = [.. written.Select(w => new Window(w))];

    public override string Explain(Consumer? consumer) => $"{string.Join(", or ", written.Select(w => w.Text))}; else 403";

    public override Refusal? Judge(Exchange exchange)
    {
        foreach (var window in _windows)
        {
            if (window.Holds(exchange.StartedAt, exchange.Partner.TimeZone)) return null;
        }
        return Forbid("outside-hours");
    }

    /// <summary>The zone of a name; null where this host knows none of it.</summary>
    public static TimeZoneInfo? Zone(string name) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId && zone.Id == name ? zone : null;

    /// <summary>A time of day up to and with 24:00; the binder has seen to its form.</summary>
    private static TimeSpan Time(string text) =>
        text == "24:00" ? TimeSpan.FromDays(1) : TimeSpan.TryParseExact(text, @"hh\:mm", CultureInfo.InvariantCulture, out var time) ? time : TimeSpan.Zero;

    private sealed class Window(HoursOptions options)
    {
        private readonly TimeSpan _from = Time(options.From);
        private readonly TimeSpan _to = Time(options.To);
        private readonly TimeZoneInfo? _zone = options.Zone is { } name ? Zone(name) ?? TimeZoneInfo.Utc : null;

        public bool Holds(DateTimeOffset now, TimeZoneInfo partners)
        {
            var local = TimeZoneInfo.ConvertTime(now, _zone ?? partners);
            var (today, time) = (local.DayOfWeek, local.TimeOfDay);
            if (_from < _to) return IsOn(today) && time >= _from && time < _to;
            // It began today, or yesterday.
            return (IsOn(today) && time >= _from) || (IsOn((DayOfWeek)(((int)today + 6) % 7)) && time < _to);
        }

        private bool IsOn(DayOfWeek day) => options.Days.Count == 0 || options.Days.Contains((WeekDay)day);
    }
}
