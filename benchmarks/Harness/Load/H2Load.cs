using System.Globalization;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Load;

/// <summary>Latencies of one run in milliseconds, sorted. <paramref name="Unexpected"/> counts answers other than 2xx.</summary>
internal sealed record LatencyResult(IReadOnlyList<double> Sorted, long Unexpected)
{
    public static IReadOnlyList<string> Metrics { get; } = ["p50 ms", "p99 ms", "p99.9 ms"];

    public IEnumerable<(string Metric, double Value)> Percentiles() =>
        [(Metrics[0], At(0.5)), (Metrics[1], At(0.99)), (Metrics[2], At(0.999))];

    /// <summary>The nearest-rank percentile.</summary>
    public double At(double share) => Sorted.Count == 0 ? double.NaN : Sorted[Math.Clamp((int)Math.Ceiling(share * Sorted.Count) - 1, 0, Sorted.Count - 1)];
}

/// <summary>An open load by h2load over HTTP/1.1: each connection sends so many requests a second, whatever the answers take.</summary>
internal sealed record H2Load(Uri Url, int Connections, int RequestsPerSecondPerConnection)
{
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <exception cref="MissingToolException">h2load is not installed.</exception>
    public async Task<LatencyResult> RunAsync(Stage stage, TimeSpan duration)
    {
        var log = Path.Combine(stage.Folder("h2load"), "log");
        File.Delete(log);
        string[] arguments =
        [
            "--h1", "-t1", "-c", Text(Connections), "-D", Text((int)Math.Ceiling(duration.TotalSeconds)), "--rps", Text(RequestsPerSecondPerConnection), "--log-file", log,
            .. Headers.SelectMany(h => new[] { "-H", h }), Url.AbsoluteUri,
        ];
        await Tool.RunAsync("h2load", arguments, stage.Stop);
        return Read(log);
    }

    /// <summary>A line a request: start in microseconds, status (-1: none), microseconds it took.</summary>
    private static LatencyResult Read(string log)
    {
        var latencies = new List<double>();
        var unexpected = 0L;
        foreach (var line in File.ReadLines(log))
        {
            if (line.Split('\t') is not [_, var status, var microseconds]) continue;
            if (status.StartsWith('2')) latencies.Add(double.Parse(microseconds, CultureInfo.InvariantCulture) / 1000);
            else unexpected++;
        }
        latencies.Sort();
        return new LatencyResult(latencies, unexpected);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
