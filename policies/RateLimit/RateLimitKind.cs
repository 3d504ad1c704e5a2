using System.Threading.RateLimiting;

namespace Gateway.Policies.RateLimit;

/// <summary>How often one caller may come: a token bucket per caller, told in every answer by the RateLimit headers of the IETF draft.</summary>
public sealed class RateLimitKind : PolicyKind<RateLimitOptions>
{
    public override string Name => "rateLimit";

    public override string Summary => "Takes so many requests in so much time from each caller, and tells each answer how many are left.";

    protected override IEnumerable<PolicyStep> Compile(RateLimitOptions options, PolicyScope scope)
    {
        if (options.Window < TimeSpan.FromSeconds(1) || options.Window.Ticks % TimeSpan.TicksPerSecond != 0)
            scope.Error("GW5020", scope.PlaceOf(options, nameof(options.Window)), "a window is whole seconds, at least one", "write window: 1s, 1m or 1h");
        foreach (var (tier, limit) in options.Tiers.Where(t => t.Value is < 1 or > RateLimitOptions.MaxLimit))
            scope.Error("GW5021", scope.PlaceOf(options.Tiers, tier), $"the limit {limit} of the tier '{tier}' is not between 1 and {RateLimitOptions.MaxLimit}", "write a value in that range");
        foreach (var tier in options.Tiers.Keys.Where(t => !scope.Tiers.Contains(t)))
            scope.Error("GW2005", scope.PlaceOf(options, nameof(options.Tiers)), $"there is no tier '{tier}'", $"declare it under tiers; known: {string.Join(", ", scope.Tiers)}");
        var (name, by, window) = (scope.PolicyName, options.By, options.Window);
        var limits = options.Tiers.Count == 0 ? null : options.Tiers;
        var clock = scope.Clock;
        var limiter = scope.Kept($"rateLimit/{name}/{by}/{window.Ticks}", () => PartitionedRateLimiter.Create<(string Key, int Limit), (string, int)>(
            caller => RateLimitPartition.Get(caller, c => new TokenBucket(c.Item2, window, clock))));
        var windowSeconds = (long)window.TotalSeconds;
        return [new PolicyStep(Phase.Limit, next => exchange => Run(exchange, next))];

        ValueTask Run(Exchange exchange, ExchangeDelegate next)
        {
            var limit = options.Limit;
            if (limits is not null && exchange.Consumer?.Partner.Tier is { } tier) limit = limits.GetValueOrDefault(tier, limit);
            using var lease = (TokenBucket.Lease)limiter.AttemptAcquire((KeyOf(exchange, by), limit));
            (exchange.Limits ??= []).Add(new LimitState(name, limit, windowSeconds, lease.Remaining, (long)Math.Ceiling(lease.UntilFull.TotalSeconds)));
            return lease.IsAcquired ? next(exchange) : Refuse(exchange, name, limit, windowSeconds, lease.RetryAfter);
        }
    }

    private static string KeyOf(Exchange exchange, RateLimitKey by) => by switch
    {
        RateLimitKey.Consumer when exchange.Consumer is { } consumer => consumer.Name,
        RateLimitKey.Partner when exchange.Consumer is { } consumer => consumer.Partner.Name,
        RateLimitKey.Route => exchange.Route.Name,
        _ => exchange.Http.Connection.RemoteIpAddress?.ToString() ?? "-",
    };

    private static ValueTask Refuse(Exchange exchange, string name, int limit, long window, TimeSpan retryAfter) =>
        exchange.Refuse(new Refusal(Failure.TooManyRequests, $"More than {limit} requests in {window} s. Wait as Retry-After says.")
        {
            RetryAfter = retryAfter,
            ViolatedPolicies = [name],
            Reason = "rate-limit",
        });
}
