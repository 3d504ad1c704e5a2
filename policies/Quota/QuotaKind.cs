using System.Collections.Frozen;
using System.Globalization;

namespace Gateway.Policies.Quota;

/// <summary>How much one partner or consumer may use in a day or a month: counted in the store, over all nodes and restarts.</summary>
public sealed class QuotaKind : PolicyKind<QuotaOptions>
{
    public override string Name => "quota";

    public override string Summary => "Takes so much in each day or month of the calendar from each partner or consumer, counted in the store, and tells each answer how much is left.";

    protected override bool NeedsBody(QuotaOptions options) => options.Cost is not null;

    protected override void Describe(QuotaOptions options, PolicyScope scope, Surface surface)
    {
        var name = NameOf(scope.PolicyName, scope.RouteName, options);
        surface.Failures.Add(Failure.TooManyRequests);
        if (options.OnStoreFailure == QuotaFailing.Deny) surface.Failures.Add(Failure.StoreUnavailable);
        if (options.Cost is not null) surface.Failures.Add(Failure.Internal);
        var window = options.Per == QuotaSpan.Day ? 86_400 : 2_592_000;
        surface.AnswerHeaders.Add(new SurfaceHeader("RateLimit-Policy", "The limits: quota and window in seconds.", $"\"{name}\";q={options.Limit};w={window}"));
        surface.AnswerHeaders.Add(new SurfaceHeader("RateLimit", "What is left of each limit, and the seconds until it is whole again.", $"\"{name}\";r={options.Limit - 1};t={window / 2}"));
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(QuotaOptions options, Consumer? consumer)
    {
        var tier = consumer?.Partner.Tier is { } name && options.Tiers.ContainsKey(name) ? name : null;
        var others = consumer is null ? string.Concat(options.Tiers.Select(t => $"; tier {t.Key}: {t.Value}")) : tier is null ? "" : $" (tier {tier})";
        var what = options.Cost is { } cost ? $"units of {cost.ReplaceLineEndings(" ").Trim()}" : "requests";
        yield return (PhaseOf(options), $"{options.LimitOf(tier)} {what} a {Word(options.Per)} for each {Word(options.By)}{others}, else 429; without the store: {Word(options.OnStoreFailure)}");
    }

    protected override IEnumerable<PolicyEffect> Compare(QuotaOptions? before, QuotaOptions? after, Compared world) =>
        QuotaChanges.Compare(before, after, world.Callers);

    protected override IEnumerable<PolicyStep> Compile(QuotaOptions options, PolicyScope scope)
    {
        foreach (var (tier, limit) in options.Tiers.Where(t => t.Value is < 1 or > QuotaOptions.MaxLimit))
            scope.Error("GW5090", scope.PlaceOf(options.Tiers, tier), $"the limit {limit} of the tier '{tier}' is not between 1 and {QuotaOptions.MaxLimit}", "write a value in that range");
        foreach (var tier in options.Tiers.Keys.Where(t => !scope.Tiers.Contains(t)))
            scope.Error("GW2005", scope.PlaceOf(options, nameof(options.Tiers)), $"there is no tier '{tier}'", $"declare it under tiers; {Nearest.Cure(tier, scope.Tiers)}");
        var cost = options.Cost is { } text ? new QuotaCost(text) : null;
        foreach (var found in cost?.Diagnostics ?? [])
            scope.Error("GW5092", scope.PlaceOf(options, nameof(options.Cost)), $"what a request costs is not valid at its line {found.Line}, column {found.Column}: {found.Message} ({found.Code})", found.Cure);
        if (cost is not null && scope.Method is not ("POST" or "PUT" or "PATCH"))
            scope.Error("GW5092", scope.PlaceOf(options, nameof(options.Cost)), $"the cost looks at a body, and a {scope.Method} has none", "remove cost:, so that each request is one");
        return [new PolicyStep(PhaseOf(options), new Use(options, scope, cost).RunAsync)];
    }

    /// <summary>What callers know it by: a policy without a name is called as its route is, which its other limits are called as well.</summary>
    internal static string NameOf(string policy, string route, QuotaOptions options) => policy == route ? $"{route}.{Word(options.Per)}" : policy;

    private static Phase PhaseOf(QuotaOptions options) => options.Cost is null ? Phase.Limit : Phase.QuotaBody;

    internal static string Word(Enum value) => value.ToString().ToLowerInvariant();

    /// <summary>One use of the policy.</summary>
    private sealed class Use
    {
        private readonly QuotaOptions _options;
        private readonly QuotaCost? _cost;
        private readonly QuotaBook _book;
        private readonly string _name;
        private readonly FrozenDictionary<string, Allowance> _tiers;
        private readonly Allowance _everybody;

        public Use(QuotaOptions options, PolicyScope scope, QuotaCost? cost)
        {
            (_options, _cost) = (options, cost);
            _name = NameOf(scope.PolicyName, scope.RouteName, options);
            _book = scope.Kept(QuotaBook.Key, () => new QuotaBook(scope.Clock));
            _everybody = new Allowance(_name, options.Limit);
            _tiers = options.Tiers.ToFrozenDictionary(t => t.Key, t => new Allowance(_name, t.Value));
        }

        public async ValueTask RunAsync(Exchange exchange, ExchangeDelegate next)
        {
            var (units, wrong) = _cost?.Of(exchange) ?? (1, null);
            if (units is not { } cost)
            {
                exchange.Refusal = new Refusal(Failure.Internal, "The gateway could not tell what this request costs. Its operators know; quote the X-Correlation-Id.") { Reason = $"cost-broken: {_name}: {wrong}" };
                return;
            }
            var partner = exchange.Partner;
            var allowed = partner.Tier is { } tier && _tiers.TryGetValue(tier, out var own) ? own : _everybody;
            var counter = _book.Of(new QuotaCaller(_name, partner.Name, _options.By == QuotaBy.Consumer ? exchange.Consumer?.Name ?? "-" : "", _options.Per));
            var taken = await counter.TakeAsync(exchange.Store, cost, allowed.Limit, partner.TimeZone, _options.OnStoreFailure);
            var wait = taken.Period.Ends - exchange.Clock.GetUtcNow();
            (exchange.Limits ??= new List<LimitState>(1)).Add(new LimitState(_name, allowed.Policy(taken.Period), taken.Left, Math.Max(0, (long)Math.Ceiling(wait.TotalSeconds))));
            if (taken.Verdict == QuotaVerdict.Taken) await next(exchange);
            else exchange.Refusal = taken.Verdict == QuotaVerdict.Unknown ? Away : Exceeded(allowed.Limit, cost, taken.Period, wait);
        }

        private Refusal Away => new(Failure.StoreUnavailable, "The gateway can't count at the moment. Send the same request again, with the same Idempotency-Key.")
        {
            RetryAfter = TimeSpan.FromSeconds(2),
            Reason = $"quota-uncounted: {_name}",
        };

        private Refusal Exceeded(long limit, long cost, QuotaPeriod period, TimeSpan wait)
        {
            var what = _cost is null ? "requests" : "units";
            var asked = _cost is null ? "" : $" This request costs {cost}.";
            return new Refusal(Failure.TooManyRequests, string.Create(CultureInfo.InvariantCulture, $"The quota is {limit} {what} a {Word(_options.Per)}, and is used up.{asked} It is whole again at {period.Ends:yyyy-MM-ddTHH:mm:sszzz}."))
            {
                RetryAfter = wait,
                ViolatedPolicies = [_name],
                Reason = "quota",
            };
        }
    }

    /// <summary>What one kind of caller may, and how its answers tell it.</summary>
    private sealed class Allowance(string name, long limit)
    {
        private Item? _item;

        public long Limit { get; } = limit;

        /// <summary>The item of <c>RateLimit-Policy</c>: the window is the period, and no two months need be as long.</summary>
        public string Policy(QuotaPeriod period)
        {
            var told = Volatile.Read(ref _item);
            if (told is null || told.Seconds != period.Seconds)
                _item = told = new Item(period.Seconds, string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={Limit};w={period.Seconds}"));
            return told.Text;
        }

        private sealed record Item(long Seconds, string Text);
    }
}
