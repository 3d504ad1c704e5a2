namespace Gateway.Policies.RateLimit;

/// <summary>A limit in a few words, for who reads <c>explain</c>.</summary>
internal static class LimitText
{
    public static string Of(LimitOptions options, Consumer? consumer)
    {
        var tier = consumer?.Partner.Tier is { } name && options.Tiers.ContainsKey(name) ? name : null;
        var limit = options.For(tier);
        var others = consumer is null ? string.Concat(options.Tiers.Select(t => $"; tier {t.Key}: {t.Value}")) : tier is null ? "" : $" (tier {tier})";
        var what = options.Cost is null ? "requests" : "permits";
        var amount = options.IsConcurrency ? $"{limit} requests at the same time" : $"{limit} {what} in {(long)options.Span.TotalSeconds} s{Algorithm(options.Algorithm)}";
        return $"{amount} for {CallerKey.Text(options.CountedBy)}{others}, else 429{Rest(options)}";
    }

    public static string Word(StoreFailure failure) => failure.ToString().ToLowerInvariant();

    private static string Algorithm(LimitAlgorithm algorithm) => algorithm switch
    {
        LimitAlgorithm.SlidingWindow => ", in any such time",
        LimitAlgorithm.FixedWindow => ", by the clock",
        _ => "",
    };

    private static string Rest(LimitOptions options)
    {
        var cost = options.Cost is { } text ? $"; a request takes {text.ReplaceLineEndings(" ").Trim()}" : "";
        var reserve = options.Reserve is { } kept ? $"; kept for higher priorities: {kept.Normal} % from normal, {kept.Low} % from low" : "";
        var store = options.WithoutStore == StoreFailure.Local ? "" : $"; without Redis: {Word(options.WithoutStore)}";
        return cost + reserve + store;
    }
}
