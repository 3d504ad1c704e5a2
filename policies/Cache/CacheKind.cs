namespace Gateway.Policies.Cache;

/// <summary>
/// Spares a backend what it was asked a moment ago (RFC 9111), and stands in for it while it fails (RFC 5861). What is kept is what the target
/// said; who may see it, and in which form, is judged for every caller anew. One partner never gets what another was answered.
/// </summary>
public sealed class CacheKind : PolicyKind<CacheOptions>
{
    public override string Name => "cache";

    public override string Summary => "Gives the answer to a GET again to the same partner while it is fresh, and a stale one with its age where the backend fails.";

    protected override void Describe(CacheOptions options, PolicyScope scope, Surface surface)
    {
        var seconds = (long)options.For.TotalSeconds;
        surface.RequestHeaders.Add(new SurfaceHeader("If-None-Match", "Tags of answers that you have (RFC 9110 section 13.1.2): where one is still what you would get, the answer is 304 and has no body.", "\"mU0rZCkKTnGc1eW9YqkQ4g\""));
        surface.AnswerHeaders.Add(new SurfaceHeader("ETag", "Tag of this answer.", "\"mU0rZCkKTnGc1eW9YqkQ4g\"") { OnSuccess = true });
        surface.AnswerHeaders.Add(new SurfaceHeader("Age", "Seconds since the backend was asked.", "0") { OnSuccess = true });
        surface.AnswerHeaders.Add(new SurfaceHeader("Cache-Control", "How long you may keep it.", $"private, max-age={seconds}") { OnSuccess = true });
        surface.AnswerHeaders.Add(new SurfaceHeader("Cache-Status", "Where it comes from (RFC 9211): hit, or forwarded and why.", $"gateway; fwd=miss; ttl={seconds}") { OnSuccess = true });
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(CacheOptions options, Consumer? consumer)
    {
        var stale = options.StaleIfError > TimeSpan.Zero ? $"; for {Text(options.StaleIfError)} more where the backend fails" : "";
        yield return (Phase.Recall, $"what {(consumer is null ? "the partner" : consumer.Partner.Name)} was answered is given again for {Text(options.For)}{stale}");
    }

    protected override IEnumerable<PolicyEffect> Compare(CacheOptions? before, CacheOptions? after, Compared world)
    {
        if (before is null && after is null) yield break;
        if (after is null) yield return new PolicyEffect(EffectClass.Attention, "every request goes to the backend");
        else if (before?.For != after.For) yield return new PolicyEffect(before is null || after.For > before.For ? EffectClass.Attention : EffectClass.Safe, $"answers may be {Text(after.For)} old{(before is null ? "" : $", was {Text(before.For)}")}");
        if (before is not null && after is not null && before.StaleIfError != after.StaleIfError)
            yield return new PolicyEffect(EffectClass.Attention, $"where the backend fails answers may be {Text(after.For + after.StaleIfError)} old, was {Text(before.For + before.StaleIfError)}");
    }

    protected override IEnumerable<PolicyStep> Compile(CacheOptions options, PolicyScope scope)
    {
        if (scope.Method != "GET" || scope.Target is PlanTarget.Call { Operation.Descriptor.Effect: Effect.Changes })
        {
            scope.Error("GW5120", scope.PlaceOf(options, ""), "only what reads can be answered from a cache, and by GET", "remove the policy");
            yield break;
        }
        if (options.For.Ticks % TimeSpan.TicksPerSecond != 0)
            scope.Error("GW5121", scope.PlaceOf(options, nameof(options.For)), "an answer is fresh for whole seconds", "write for: 5s, or 1m");
        var changed = scope.Kept(ChangedPaths.Key, () => new ChangedPaths(scope.Clock));
        changed.Read();
        var recall = new Recall(options, scope.Kept($"cache/{scope.PolicyName}/{options.Megabytes}", () => new AnswerCache(options.Megabytes, changed)));
        yield return new PolicyStep(Phase.Recall, recall.RunAsync);
        yield return new PolicyStep(Phase.Keep, recall.KeepAsync);
    }

    private static string Text(TimeSpan time) => time.TotalHours >= 1 ? $"{time.TotalHours:0.##} h" : $"{time.TotalSeconds:0} s";
}
