using System.Collections.Frozen;
using System.Globalization;
using System.Threading.RateLimiting;

namespace Gateway.Policies.RateLimit;

/// <summary>How often one caller may come: a token bucket per caller, told in every answer by the RateLimit headers of the IETF draft.</summary>
public sealed class RateLimitKind : PolicyKind<RateLimitOptions>
{
    public override string Name => "rateLimit";

    public override string Summary => "Takes so many requests in so much time from each caller, and tells each answer how many are left.";

    protected override void Describe(RateLimitOptions options, PolicyScope scope, Surface surface)
    {
        surface.Failures.Add(Failure.TooManyRequests);
        var window = (long)options.Window.TotalSeconds;
        surface.AnswerHeaders.Add(new SurfaceHeader("RateLimit-Policy", "The limits: quota and window in seconds.", $"\"{scope.PolicyName}\";q={options.Limit};w={window}"));
        surface.AnswerHeaders.Add(new SurfaceHeader("RateLimit", "What is left of each limit, and the seconds until it is whole again.", $"\"{scope.PolicyName}\";r={options.Limit - 1};t=1"));
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(RateLimitOptions options, Consumer? consumer)
    {
        var tier = consumer?.Partner.Tier is { } name && options.Tiers.ContainsKey(name) ? name : null;
        var limit = tier is null ? options.Limit : options.Tiers[tier];
        var others = consumer is null ? string.Concat(options.Tiers.Select(t => $"; tier {t.Key}: {t.Value}")) : tier is null ? "" : $" (tier {tier})";
        yield return (Phase.Limit, $"{limit} requests in {(long)options.Window.TotalSeconds} s for each {options.By.ToString().ToLowerInvariant()}{others}, else 429");
    }

    protected override IEnumerable<PolicyEffect> Compare(RateLimitOptions? before, RateLimitOptions? after, IReadOnlyCollection<ComparedCaller> callers) =>
        LimitChanges.Compare(before, after, callers);

    protected override IEnumerable<PolicyStep> Compile(RateLimitOptions options, PolicyScope scope)
    {
        if (options.Window < TimeSpan.FromSeconds(1) || options.Window.Ticks % TimeSpan.TicksPerSecond != 0)
            scope.Error("GW5020", scope.PlaceOf(options, nameof(options.Window)), "a window is whole seconds, at least one", "write window: 1s, 1m or 1h");
        foreach (var (tier, limit) in options.Tiers.Where(t => t.Value is < 1 or > RateLimitOptions.MaxLimit))
            scope.Error("GW5021", scope.PlaceOf(options.Tiers, tier), $"the limit {limit} of the tier '{tier}' is not between 1 and {RateLimitOptions.MaxLimit}", "write a value in that range");
        foreach (var tier in options.Tiers.Keys.Where(t => !scope.Tiers.Contains(t)))
            scope.Error("GW2005", scope.PlaceOf(options, nameof(options.Tiers)), $"there is no tier '{tier}'", $"declare it under tiers; {Nearest.Cure(tier, scope.Tiers)}");
        var (name, by, window) = (scope.PolicyName, options.By, options.Window);
        var clock = scope.Clock;
        var limiter = scope.Kept($"rateLimit/{name}/{by}/{window.Ticks}", () =>
        {
            Func<(string Key, int Limit), TokenBucket> full = caller => new TokenBucket(caller.Limit, window, clock);
            return PartitionedRateLimiter.Create<(string Key, int Limit), (string, int)>(caller => RateLimitPartition.Get(caller, full));
        });
        var everybody = new Allowance(name, options.Limit, window);
        var tiers = options.Tiers.ToFrozenDictionary(t => t.Key, t => new Allowance(name, t.Value, window));
        return [new PolicyStep(Phase.Limit, next => exchange => Run(exchange, next))];

        ValueTask Run(Exchange exchange, ExchangeDelegate next)
        {
            var allowed = exchange.Consumer?.Partner.Tier is { } tier && tiers.TryGetValue(tier, out var more) ? more : everybody;
            using var lease = (TokenBucket.Lease)limiter.AttemptAcquire((KeyOf(exchange, by), allowed.Limit));
            (exchange.Limits ??= new List<LimitState>(1)).Add(new LimitState(name, allowed.Policy, lease.Remaining, (long)Math.Ceiling(lease.UntilFull.TotalSeconds)));
            return lease.IsAcquired ? next(exchange) : Refuse(exchange, name, allowed.Limit, (long)window.TotalSeconds, lease.RetryAfter);
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

    /// <summary>What one kind of caller may, and how its answers tell it.</summary>
    private sealed class Allowance(string policy, int limit, TimeSpan window)
    {
        public int Limit { get; } = limit;

        public string Policy { get; } = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";q={limit};w={(long)window.TotalSeconds}");
    }
}
