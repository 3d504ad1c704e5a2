using System.Diagnostics.Metrics;

namespace Gateway.Pipeline.Backends;

/// <summary>How much waits for backends that have limits, and how long.</summary>
internal static class BackendTelemetry
{
    private static readonly Meter Meter = new(Telemetry.MeterName);

    private static readonly UpDownCounter<long> Waiting = Meter.CreateUpDownCounter<long>("gateway.backend.waiting", "{call}", "Calls that wait until their backend takes more.");

    private static readonly Histogram<double> Wait = Meter.CreateHistogram<double>("gateway.backend.wait", "s", "How long calls waited for their backend, by what they came to: served, refused, cancelled.");

    public static void Begin(string backend) => Waiting.Add(1, Tag(backend));

    public static void End(string backend, TimeSpan waited, string outcome)
    {
        Waiting.Add(-1, Tag(backend));
        Wait.Record(waited.TotalSeconds, Tag(backend), new("outcome", outcome));
    }

    /// <summary>Refused without having waited.</summary>
    public static void Refused(string backend) => Wait.Record(0, Tag(backend), new("outcome", "refused"));

    private static KeyValuePair<string, object?> Tag(string backend) => new("backend", backend);
}
