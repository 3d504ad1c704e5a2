using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Gateway.Pipeline.Changes;

/// <summary>How a feed is, for operators.</summary>
/// <param name="LookedAt">When a look, of whichever node, last came to its end; null before the first.</param>
/// <param name="Trouble">Why it does not go on, or what somebody has to look at; null where all is well.</param>
public sealed record FeedReport(string Feed, DateTimeOffset? LookedAt, string? Trouble);

/// <summary>What this node knows of the feeds: shown under /readyz, and as metrics.</summary>
public sealed class FeedBoard : IDisposable
{
    private readonly ConcurrentDictionary<string, FeedReport> _reports = new(StringComparer.Ordinal);
    private readonly Meter _meter = new(Telemetry.MeterName);
    private readonly Counter<long> _untold;
    private readonly TimeProvider _clock;

    public FeedBoard(TimeProvider clock)
    {
        _clock = clock;
        _meter.CreateObservableGauge("gateway.changes.lag", Lags, "s", "How long ago a feed of changes last looked to the end, by feed.");
        _untold = _meter.CreateCounter<long>("gateway.changes.untold", "{record}", "Changed records that their mapping could not tell, at each look, by feed.");
    }

    public IReadOnlyList<FeedReport> Reports => [.. _reports.Values.OrderBy(r => r.Feed, StringComparer.Ordinal)];

    /// <summary>Seconds since a feed has last looked to its end; null before the first time.</summary>
    public double? LagOf(FeedReport report) => report.LookedAt is { } at ? Math.Round(Math.Max(0, (_clock.GetUtcNow() - at).TotalSeconds), 1) : null;

    /// <summary>True where the trouble is another than before.</summary>
    public bool Tell(FeedReport report)
    {
        var before = _reports.GetValueOrDefault(report.Feed)?.Trouble;
        _reports[report.Feed] = report;
        return before != report.Trouble;
    }

    /// <summary>What another node has seen; trouble of one's own stays.</summary>
    public void Hear(FeedState state) => _reports.AddOrUpdate(
        state.Feed, new FeedReport(state.Feed, state.LookedAt, null), (_, known) => known with { LookedAt = state.LookedAt, Trouble = state.LookedAt > known.LookedAt ? null : known.Trouble });

    /// <summary>Feeds that are not declared any more are not told of.</summary>
    public void Keep(IEnumerable<string> feeds)
    {
        foreach (var gone in _reports.Keys.Except(feeds).ToList()) _reports.TryRemove(gone, out _);
    }

    public void Untold(string feed) => _untold.Add(1, new KeyValuePair<string, object?>("feed", feed));

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Lags() =>
        Reports.Where(r => r.LookedAt is not null).Select(r => new Measurement<double>(LagOf(r)!.Value, new KeyValuePair<string, object?>("feed", r.Feed)));
}
