using System.Globalization;

namespace Gateway.Adapters.Resilience;

/// <summary>How a backend is told how long somebody still waits for its answer (<see cref="ResilienceOptions.TimeLeftHeader"/>): whole milliseconds, none below 0.</summary>
public static class TimeLeft
{
    public static string Text(TimeSpan left) => ((long)Math.Max(0, left.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
}
