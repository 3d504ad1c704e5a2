using System.Collections.Concurrent;

namespace Gateway.Delivery.Flows;

/// <summary>The flows of the Plan that runs now, and those of before that instances still go by.</summary>
public sealed class FlowBook(IStore store, Func<Plan> plans, TimeProvider clock)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(long Plan, string Flow, string Revision), Flow?> _revived = new();
    private readonly ConcurrentDictionary<(string Flow, string Revision), bool> _kept = new();
    private volatile IReadOnlyList<Flow> _inUse = [];
    private (long Plan, DateTimeOffset At) _looked;

    public Plan Plan => plans();

    /// <summary>Whose an instance or an event of a tenant is; null for a partner that is gone.</summary>
    public Partner? PartnerOf(string tenant) => tenant == Partner.House.Name ? Partner.House : Plan.Partner(tenant);

    /// <summary>As they are declared now.</summary>
    public IReadOnlyList<Flow> Current => Plan.Flows.All;

    /// <summary>A flow as it was declared under a revision; null where nobody knows that any more, or it can't be read by now.</summary>
    public async ValueTask<Flow?> FindAsync(string name, string revision, CancellationToken cancellation)
    {
        var plan = Plan;
        if (plan.Flows.Find(name) is { } current && current.Revision == revision) return current;
        if (_revived.TryGetValue((plan.Number, name, revision), out var known)) return known;
        var declared = await store.FindDefinitionAsync(name, revision, cancellation);
        var revived = declared is null ? null : plan.Flows.Revive(declared);
        // How it is looked at is as it is declared now.
        if (revived is not null && plan.Flows.Find(name) is { } now) revived = revived with { Figures = now.Figures, Objective = now.Objective };
        foreach (var old in _revived.Keys.Where(k => k.Plan < plan.Number)) _revived.TryRemove(old, out _);
        _revived[(plan.Number, name, revision)] = revived;
        return revived;
    }

    /// <summary>All that instances go by: what listens for them listens for these.</summary>
    public async ValueTask<IReadOnlyList<Flow>> InUseAsync(CancellationToken cancellation)
    {
        var plan = Plan;
        if (_looked.Plan == plan.Number && clock.GetUtcNow() < _looked.At + LookEvery) return _inUse;
        var flows = plan.Flows.All.ToList();
        foreach (var (name, revision) in await store.FlowRevisionsAsync(cancellation))
        {
            if (plan.Flows.Find(name)?.Revision != revision && await FindAsync(name, revision, cancellation) is { } old) flows.Add(old);
        }
        _looked = (plan.Number, clock.GetUtcNow());
        return _inUse = flows;
    }

    /// <summary>Keeps how a flow is declared, before an instance goes by it.</summary>
    public async ValueTask KeepAsync(Flow flow, CancellationToken cancellation)
    {
        if (_kept.ContainsKey((flow.Name, flow.Revision))) return;
        await store.KeepDefinitionAsync(new FlowDefinition(flow.Name, flow.Revision, flow.Document, clock.GetUtcNow()), cancellation);
        _kept[(flow.Name, flow.Revision)] = true;
    }
}
