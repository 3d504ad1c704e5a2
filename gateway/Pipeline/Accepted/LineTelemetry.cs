using System.Diagnostics.Metrics;

namespace Gateway.Pipeline.Accepted;

/// <summary>How much of what was accepted waits, as the store counted it some seconds ago.</summary>
internal static class LineTelemetry
{
    private static readonly Meter Meter = new(Telemetry.MeterName);

    private static IReadOnlyList<LineCount> _lines = [];

    static LineTelemetry()
    {
        Meter.CreateObservableGauge("gateway.accepted.waiting", () => Measure(l => l.Waiting), "{intent}", "Accepted, and not yet known to be in its backend.");
        Meter.CreateObservableGauge("gateway.accepted.by_itself", () => Measure(l => l.ByItself), "{intent}", "Of these, what could not be sent for a reason of its own, while others could: somebody should look at it.");
        Meter.CreateObservableGauge("gateway.accepted.parked", () => Measure(l => l.Parked), "{intent}", "Accepted, rejected by its backend, and not looked at yet by an operator.");
    }

    public static void Tell(IReadOnlyList<LineCount> lines) =>
        // A line that has emptied is told as empty, and not as gone.
        Volatile.Write(ref _lines, [.. lines, .. _lines.Where(l => lines.All(n => n.Backend != l.Backend)).Select(l => l with { Waiting = 0, Oldest = null, ByItself = 0, Parked = 0 })]);

    private static IEnumerable<Measurement<long>> Measure(Func<LineCount, long> count) =>
        Volatile.Read(ref _lines).Select(l => new Measurement<long>(count(l), new KeyValuePair<string, object?>("backend", l.Backend)));
}
