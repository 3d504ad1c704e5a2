using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Gateway.Delivery;

/// <summary>What this room tells OpenTelemetry; hosts subscribe by <see cref="Name"/>.</summary>
public static class Telemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "Gateway.Delivery";

    internal static readonly ActivitySource Source = new(Name);
    internal static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> EventsAppended = Meter.CreateCounter<long>(
        "gateway.events.appended", "{event}", "Events appended to the log by this process.");
}
