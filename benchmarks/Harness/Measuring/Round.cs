namespace Gateway.Benchmarks.Measuring;

/// <summary>One variant in one round: every raw figure that a row rests on.</summary>
internal sealed record Round(string Scenario, string Variant, int Number, string Metric, double Value)
{
    /// <summary>An answer that was not expected makes the round worthless; it is kept, and not counted.</summary>
    public bool Void { get; init; }
}

/// <summary>What is measured. Units are fixed, so that figures of different runs can be laid beside each other.</summary>
internal static class Metric
{
    /// <summary>CPU time of the server per request, microseconds.</summary>
    public const string Cpu = "cpu µs/request";

    public const string Rate = "requests/s";
}
