using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>How a backend is called again, and when it is left alone.</summary>
public sealed record ResilienceOptions
{
    [Description("Time for one attempt. Default: what is left of timeout:.")]
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan? Attempt { get; init; }

    [Description("Times a read, or a change that certainly did nothing, is sent again; forwarded requests by GET, HEAD and OPTIONS without a body.")]
    [Range(0, 10)]
    public int Retries { get; init; } = 3;

    [Description("Waiting time before the first retry, doubled for each next one; up to as much again is added by chance.")]
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(150);

    [Description("When the backend is left alone because it fails.")]
    public CircuitOptions Circuit { get; init; } = new();

    [Description("Header in which the backend is told how many milliseconds somebody still waits for its answer: X-Time-Left. Default: it is not told.")]
    [RegularExpression("^[A-Za-z0-9-]+$")]
    public string? TimeLeftHeader { get; init; }
}

/// <summary>When a circuit opens: what fails by the backend's own fault is counted, and nothing else.</summary>
public sealed record CircuitOptions
{
    [Description("Share of the calls within the window that must fail before the circuit opens.")]
    [Range(0.01, 1.0)]
    public double FailureRatio { get; init; } = 0.5;

    [Description("Calls within the window below which it never opens.")]
    [Range(2, 1_000_000)]
    public int MinimumCalls { get; init; } = 8;

    [Description("Window that failures are counted over.")]
    [Range(typeof(TimeSpan), "00:00:00.500", "1.00:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    [Description("How long an open circuit lets nothing through; then one call tries.")]
    [Range(typeof(TimeSpan), "00:00:00.500", "1.00:00:00")]
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>Whether a backend, or one of its destinations, is called.</summary>
public enum CircuitPosition
{
    /// <summary>Calls pass.</summary>
    Closed,

    /// <summary>One call tries whether it answers again; all others are turned away.</summary>
    HalfOpen,

    /// <summary>Nothing passes.</summary>
    Open,
}

/// <summary>A circuit as it stands.</summary>
/// <param name="Destination">Name of the backend's destination; empty where it has one address.</param>
/// <param name="OpenFor">How long nothing passes yet; null when a call may be tried.</param>
/// <param name="Since">When it moved there; null where it has been closed from the beginning.</param>
public sealed record CircuitReport(string Destination, CircuitPosition Position, TimeSpan? OpenFor, DateTimeOffset? Since);
