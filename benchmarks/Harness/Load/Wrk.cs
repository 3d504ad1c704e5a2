using System.Globalization;
using System.Text.Json;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Load;

/// <summary>What a load run saw. <paramref name="Unexpected"/> counts errors of sockets and statuses other than 2xx and 3xx.</summary>
internal sealed record LoadResult(long Requests, double Seconds, long Unexpected)
{
    public double PerSecond => Requests / Seconds;
}

/// <summary>A closed load by wrk: so many connections, each sends its next request when it has its answer.</summary>
internal sealed record Wrk(Uri Url)
{
    public int Connections { get; init; } = 32;

    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>The Lua script that makes the requests.</summary>
    public string Script { get; init; } = Path.Combine(AppContext.BaseDirectory, "Load", "load.lua");

    public IReadOnlyList<string> ScriptArguments { get; init; } = [];

    /// <exception cref="MissingToolException">wrk is not installed.</exception>
    public async Task<LoadResult> RunAsync(TimeSpan duration, CancellationToken stop)
    {
        // wrk knows whole seconds only.
        var seconds = Math.Max(1, (int)Math.Ceiling(duration.TotalSeconds));
        string[] arguments =
        [
            "-t1", $"-c{Connections.ToString(CultureInfo.InvariantCulture)}", $"-d{seconds}s", "--timeout", "10s", "-s", Script,
            .. Headers.SelectMany(h => new[] { "-H", h }), Url.AbsoluteUri, "--", .. ScriptArguments,
        ];
        var output = await Tool.RunAsync("wrk", arguments, stop);
        var line = output.Split('\n').LastOrDefault(l => l.StartsWith("{\"requests\"", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"wrk gave no figures:\n{output}");
        using var figures = JsonDocument.Parse(line);
        var root = figures.RootElement;
        return new LoadResult(root.GetProperty("requests").GetInt64(), root.GetProperty("microseconds").GetInt64() / 1e6, root.GetProperty("unexpected").GetInt64());
    }
}
