namespace Gateway.Planning;

/// <summary>What becomes of the place where state is kept. A running gateway does not take that over.</summary>
internal static class StateChanges
{
    private const string Restart = "; it needs a restart, a reload does not take it";

    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (before.Plan.State, after.Plan.State);
        if (then.IsAs(now)) yield break;
        if (now.Store != then.Store)
            yield return Of($"the store is {NameOf(now.Store)}, was {NameOf(then.Store)}{Restart}. What the one before holds stays there, and is not known any more: open intents, idempotency keys, issued keys, audit");
        else if (!StateOptions.AreSame(then.Postgresql, now.Postgresql))
            yield return Of("the database of the store is told otherwise" + Restart);
        if (!StateOptions.AreSame(then.Redis, now.Redis)) yield return Of("the Redis is told otherwise" + Restart);
        if (then.Cluster != now.Cluster) yield return Of((now.Cluster is null ? "nodes form no cluster any more" : $"nodes form the cluster {now.Cluster.Id}") + Restart);
    }

    private static Effect Of(string text) => new(EffectClass.Attention, "state", text);

    private static string NameOf(StateEngine engine) => engine.ToString().ToLowerInvariant();
}
