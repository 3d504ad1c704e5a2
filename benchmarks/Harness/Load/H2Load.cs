using System.Globalization;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Load;

/// <summary>Latencies of one run in milliseconds, sorted. <paramref name="Unexpected"/> counts requests without an answer 2xx.</summary>
internal sealed record LatencyResult(IReadOnlyList<double> Sorted, long Unexpected)
{
    public static IReadOnlyList<string> Metrics { get; } = ["p50 ms", "p99 ms", "p99.9 ms"];

    public IEnumerable<(string Metric, double Value)> Percentiles() =>
        [(Metrics[0], At(0.5)), (Metrics[1], At(0.99)), (Metrics[2], At(0.999))];

    /// <summary>The nearest-rank percentile.</summary>
    public double At(double share) => Sorted.Count == 0 ? double.NaN : Sorted[Math.Clamp((int)Math.Ceiling(share * Sorted.Count) - 1, 0, Sorted.Count - 1)];
}

/// <summary>
/// A paced load by h2load over HTTP/1.1: so many requests a second, spread over connections that each ask at fixed times unless they still wait for
/// an answer. Connections begin one after another, so that their requests do not come all at once: that would measure how long such a queue takes.
/// </summary>
internal sealed record H2Load(Uri Url, int RequestsPerSecond)
{
    /// <summary>h2load looks at the clock every 10 ms: a connection that is to ask more often asks several times in a row.</summary>
    private const int MostPerConnection = 95;

    private const int FewestConnections = 16;

    public IReadOnlyList<string> Headers { get; init; } = [];

    public int Connections => Math.Max(FewestConnections, (RequestsPerSecond + MostPerConnection - 1) / MostPerConnection);

    private int PerConnection => Math.Max(1, RequestsPerSecond / Connections);

    /// <summary>What was asked in a time in which all connections asked; the run itself takes longer, by the time in which they begin.</summary>
    /// <exception cref="MissingToolException">h2load is not installed.</exception>
    /// <exception cref="InvalidOperationException">It told nothing.</exception>
    public async Task<LatencyResult> RunAsync(Stage stage, TimeSpan duration)
    {
        var log = Path.Combine(stage.Folder("h2load"), "log");
        File.Delete(log);
        var apart = Apart();
        var beginning = apart * Connections;
        var requests = Connections * (int)Math.Ceiling((beginning + duration).TotalSeconds * PerConnection);
        string[] arguments =
        [
            "--h1", "-t1", "-c", Text(Connections), "-r", "1", $"--rate-period={Text((int)apart.TotalMilliseconds)}ms",
            "-n", Text(requests), "--rps", Text(PerConnection), "--log-file", log,
            .. Headers.SelectMany(h => new[] { "-H", h }), Url.AbsoluteUri,
        ];
        var said = await Tool.RunAsync("h2load", arguments, stage.Stop);
        if (!File.Exists(log)) throw new InvalidOperationException($"h2load told nothing:\n{said}");
        return Read(log, requests, beginning, duration);
    }

    /// <summary>The time between the beginnings of two connections, whole milliseconds, that keeps their requests farthest apart later on.</summary>
    private TimeSpan Apart()
    {
        var interval = 1000.0 / PerConnection;
        return TimeSpan.FromMilliseconds(Enumerable.Range(10, 20).MaxBy(apart =>
        {
            double[] at = [.. Enumerable.Range(0, Connections).Select(n => n * (double)apart % interval).Order()];
            return at.Zip([.. at.Skip(1), at[0] + interval], (one, next) => next - one).Min();
        }));
    }

    /// <summary>A line an answer: start in microseconds, status, microseconds it took. Requests of a connection that broke have no line.</summary>
    private static LatencyResult Read(string log, int requests, TimeSpan beginning, TimeSpan duration)
    {
        var answers = File.ReadLines(log).Select(line => line.Split('\t')).Where(fields => fields.Length == 3)
            .Select(fields => (At: Number(fields[0]), Ok: fields[1].StartsWith('2'), Took: Number(fields[2]))).ToList();
        if (answers.Count == 0) throw new InvalidOperationException($"none of {requests} requests was answered");
        var first = answers.Min(r => r.At);
        var within = answers.Where(r => r.At - first >= beginning.TotalMicroseconds && r.At - first < (beginning + duration).TotalMicroseconds);
        return new LatencyResult([.. within.Where(r => r.Ok).Select(r => r.Took / 1000.0).Order()], requests - answers.Count(r => r.Ok));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
