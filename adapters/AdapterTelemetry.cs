using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Gateway.Adapters;

/// <summary>What adapters tell OpenTelemetry. Tags hold names and outcomes only, never payloads, addresses or credentials.</summary>
public static class AdapterTelemetry
{
    /// <summary>Name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string Name = "Gateway.Adapters";

    /// <summary>One span per call to a backend: <c>odoo sale.order.load</c>.</summary>
    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>Seconds of one operation, retries included; tags <c>backend</c>, <c>operation</c>, <c>status</c>.</summary>
    public static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("gateway.adapter.duration", "s", "Duration of backend operations, retries included");

    /// <summary>Calls sent again; tag <c>backend</c>.</summary>
    public static readonly Counter<long> Retries =
        Meter.CreateCounter<long>("gateway.adapter.retries", "{call}", "Calls that were sent to a backend again");

    /// <summary>Calls of token endpoints; tags <c>backend</c>, <c>outcome</c>: got, failed.</summary>
    public static readonly Counter<long> Tokens =
        Meter.CreateCounter<long>("gateway.credential.tokens", "{token}", "Tokens that were asked for at backends' authorization servers, by outcome");

    /// <summary>0 closed, 1 half open, 2 open; tags <c>backend</c>, and <c>destination</c> where it has several.</summary>
    public static readonly Gauge<int> Circuit =
        Meter.CreateGauge<int>("gateway.adapter.circuit", "{state}", "State of a backend's circuit: 0 closed, 1 half open, 2 open");

    /// <summary>Orders whose read-back is not what was asked for: somebody must look; tag <c>backend</c>.</summary>
    public static readonly Counter<long> Differences =
        Meter.CreateCounter<long>("gateway.adapter.differences", "{order}", "Orders that the backend keeps with other figures than it was sent, or has delivered beyond");
}
