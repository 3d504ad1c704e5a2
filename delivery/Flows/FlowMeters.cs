using System.Collections.Concurrent;
using System.Text.Json;

namespace Gateway.Delivery.Flows;

/// <summary>What flows make up, for the metrics: how many stand where, their figures, and how fast promises are broken. Counted every half minute.</summary>
internal sealed class FlowMeters(IStore store, FlowBook book, TimeProvider clock)
{
    private const string Other = "other";

    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(6);

    private readonly HashSet<(string Flow, FlowState State)> _states = [];
    private readonly HashSet<(string Flow, string Figure, string Group)> _groups = [];
    private readonly ConcurrentDictionary<(string Flow, string Figure), ConcurrentDictionary<string, bool>> _lasting = new();
    private DateTimeOffset _countAt;
    private DateTimeOffset _forgetAt;

    /// <summary>Counts, where it is time to.</summary>
    public async ValueTask CountAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (now < _countAt) return;
        _countAt = now + CountEvery;
        await CountStatesAsync(cancellation);
        if (book.Current.Any(f => f.Figures.Count > 0) || _groups.Count > 0) Tell(await store.FlowFiguresAsync(now, cancellation));
        var held = book.Current.Where(f => f.Objective is not null).ToList();
        if (held.Count > 0) Tell(held, await store.FlowHoursAsync(now - held.Max(f => f.Objective!.Over), cancellation), now);
        if (now < _forgetAt) return;
        _forgetAt = now + ForgetEvery;
        await store.ForgetHoursAsync(now - FlowObjective.Longest - TimeSpan.FromDays(1), cancellation);
    }

    /// <summary>What was stored of an instance: what it counts for from now on for good.</summary>
    public void Saved(FlowMove move)
    {
        foreach (var change in move.Figures.Where(f => f is { Lasts: true, Group: not null }))
        {
            var known = _lasting.GetOrAdd((move.Instance.Flow, change.Figure), _ => new ConcurrentDictionary<string, bool>(StringComparer.Ordinal));
            var told = known.ContainsKey(change.Group!) || (known.Count < FlowFigure.MostGroups && known.TryAdd(change.Group!, true));
            Telemetry.FlowFigureTotal.Add(1, Tags(move.Instance.Flow, change.Figure, change.Group!, told));
        }
    }

    private async ValueTask CountStatesAsync(CancellationToken cancellation)
    {
        var counts = (await store.FlowCountsAsync(cancellation)).ToLookup(c => (c.Flow, c.State));
        // Where there were some and are none any more, that is told.
        _states.UnionWith(counts.Select(c => c.Key));
        foreach (var (flow, state) in _states)
        {
            KeyValuePair<string, object?>[] tags = [new("flow", flow), new("state", state.ToString().ToLowerInvariant())];
            Telemetry.FlowsOpen.Record(counts[(flow, state)].Sum(c => c.Count), tags);
            Telemetry.FlowsLate.Record(counts[(flow, state)].Sum(c => c.Late), tags);
        }
    }

    /// <summary>Of each figure the largest groups; the others together.</summary>
    private void Tell(IReadOnlyList<FigureSum> sums)
    {
        var told = new Dictionary<(string Flow, string Figure, string Group), (long Count, decimal? Amount, bool Apart)>();
        foreach (var figure in sums.Where(s => !s.Lasts).GroupBy(s => (s.Flow, s.Figure)))
        {
            var largest = figure.OrderByDescending(s => s.Count).ThenBy(s => s.Group, StringComparer.Ordinal).ToList();
            foreach (var sum in largest.Take(FlowFigure.MostGroups)) told[(sum.Flow, sum.Figure, sum.Group)] = (sum.Count, sum.Amount, true);
            if (largest.Skip(FlowFigure.MostGroups).ToList() is { Count: > 0 } rest)
                told[(figure.Key.Flow, figure.Key.Figure, rest[0].Group)] = (rest.Sum(s => s.Count), rest.Any(s => s.Amount is not null) ? rest.Sum(s => s.Amount) : null, false);
        }
        foreach (var gone in _groups.Where(g => !told.ContainsKey(g))) Record(gone, 0, 0, true);
        foreach (var (group, (count, amount, apart)) in told) Record(group, count, amount, apart);
        _groups.Clear();
        _groups.UnionWith(told.Where(t => t.Value.Apart).Select(t => t.Key));
    }

    private static void Record((string Flow, string Figure, string Group) of, long count, decimal? amount, bool apart)
    {
        var tags = Tags(of.Flow, of.Figure, of.Group, apart);
        Telemetry.FlowFigure.Record(count, tags);
        if (amount is { } sum) Telemetry.FlowFigureAmount.Record((double)sum, tags);
    }

    /// <param name="apart">False for what is told together.</param>
    private static KeyValuePair<string, object?>[] Tags(string flow, string figure, string group, bool apart)
    {
        using var parsed = JsonDocument.Parse(group);
        return [new("flow", flow), new("figure", figure), .. parsed.RootElement.EnumerateObject().Select(name => new KeyValuePair<string, object?>(name.Name, apart ? name.Value.GetString() : Other))];
    }

    private static void Tell(IEnumerable<Flow> held, IReadOnlyList<FlowHour> hours, DateTimeOffset now)
    {
        foreach (var flow in held)
        {
            foreach (var burn in FlowBurn.Of(flow, hours, now)) Telemetry.FlowBurn.Record(burn.Burn ?? 0, new("flow", flow.Name), new("window", burn.Window));
        }
    }
}
