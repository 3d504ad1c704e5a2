using System.Collections.Frozen;
using System.Globalization;
using Gateway.Policies.RateLimit;

namespace Gateway.Policies.Quota;

/// <summary>How much one partner or consumer may use in a day or a month: counted in the store, over all nodes and restarts.</summary>
public sealed class QuotaKind : PolicyKind<QuotaOptions>
{
    public override string Name => "quota";

    public override string Summary => "Takes so much in each day or month of the calendar from each partner or consumer, counted in the store, and tells each answer how much is left.";

    protected override bool NeedsBody(QuotaOptions options) => options.ReadsBody;

    protected override void Describe(QuotaOptions options, PolicyScope scope, Surface surface)
    {
        var name = NameOf(scope.PolicyName, scope.RouteName, options);
        surface.Failures.Add(Failure.TooManyRequests);
        if (options.OnStoreFailure == QuotaFailing.Deny) surface.Failures.Add(Failure.StoreUnavailable);
        if (options.Cost is not null) surface.Failures.UnionWith([Failure.CostTooHigh, Failure.Internal]);
        if (options.ReadsBody && surface.Request is null) surface.Failures.Add(Failure.MappingRefused);
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
        if (options.Counted is { } cost) CheckCost(cost, scope.PlaceOf(options, nameof(options.Cost)), scope);
        var name = NameOf(scope.PolicyName, scope.RouteName, options);
        if (!RouteLimits.Of(scope).Names.Add(name))
            scope.Error("GW5026", scope.PlaceOf(options, ""), $"the route '{scope.RouteName}' has two limits called '{name}', and they would be one count", "keep one, or declare each under policies: with its own name");
        return [new PolicyStep(PhaseOf(options), new Use(options, scope, name).RunAsync)];
    }

    private static void CheckCost(QuotaCost cost, Place place, PolicyScope scope)
    {
        foreach (var found in cost.Diagnostics)
            scope.Error("GW5092", place, $"what a request costs is not valid at its line {found.Line}, column {found.Column}: {found.Message} ({found.Code})", found.Cure);
        if (cost.Diagnostics.Count > 0) return;
        if (cost.ReadsBody && scope.Method is not ("POST" or "PUT" or "PATCH"))
            scope.Error("GW5092", place, $"the cost looks at a body, and a {scope.Method} has none", "look at a variable: $params, $consumer, $partner; or remove cost:, so that each request is one");
        else if (cost.WrongWithoutData() is { } wrong)
            scope.Error("GW5092", place, $"the cost can't be counted: {wrong}", "write what counts: $count(orderLines), $sum(orderLines.quantity)");
    }

    /// <summary>What callers know it by: a policy without a name is called as its route is, which its other limits are called as well.</summary>
    internal static string NameOf(string policy, string route, QuotaOptions options) => policy == route ? $"{route}.{Word(options.Per)}" : policy;

    private static Phase PhaseOf(QuotaOptions options) => options.ReadsBody ? Phase.QuotaBody : Phase.Quota;

    internal static string Word(Enum value) => value.ToString().ToLowerInvariant();

    /// <summary>One use of the policy.</summary>
    private sealed class Use
    {
        private readonly QuotaOptions _options;
        private readonly QuotaBook _book;
        private readonly string _name;
        private readonly FrozenDictionary<string, Allowance> _tiers;
        private readonly Allowance _everybody;

        public Use(QuotaOptions options, PolicyScope scope, string name)
        {
            (_options, _name) = (options, name);
            _book = scope.Kept(QuotaBook.Key, () => new QuotaBook(scope.Clock));
            _everybody = new Allowance(_name, options.Limit);
            _tiers = options.Tiers.ToFrozenDictionary(t => t.Key, t => new Allowance(_name, t.Value));
        }

        public async ValueTask RunAsync(Exchange exchange, ExchangeDelegate next)
        {
            var (units, wrong) = _options.Counted?.Of(exchange) ?? (1, null);
            if (units is not { } cost)
            {
                exchange.Refusal = RequestCost.Untold(exchange, _options.ReadsBody, $"cost-broken: {_name}: {wrong}");
                return;
            }
            var partner = exchange.Partner;
            var allowed = partner.Tier is { } tier && _tiers.TryGetValue(tier, out var own) ? own : _everybody;
            if (cost > allowed.Limit)
            {
                exchange.Refusal = TooMuch(allowed.Limit, cost);
                return;
            }
            var counter = _book.Of(new QuotaCaller(_name, partner.Name, _options.By == QuotaBy.Consumer ? exchange.Consumer?.Name ?? "-" : "", _options.Per));
            var taken = await counter.TakeAsync(exchange.Store, cost, allowed.Limit, partner.TimeZone, _options.OnStoreFailure);
            var wait = taken.Period.Ends - exchange.Clock.GetUtcNow();
            var told = exchange.Limits ??= new List<LimitState>(1);
            var (place, state) = (told.Count, new LimitState(_name, allowed.Policy(taken.Period), taken.Left, Math.Max(0, (long)Math.Ceiling(wait.TotalSeconds))));
            told.Add(state);
            if (taken.Verdict != QuotaVerdict.Taken)
            {
                exchange.Refusal = taken.Verdict == QuotaVerdict.Unknown ? Away : Exceeded(allowed.Limit, cost, taken.Period, wait);
                return;
            }
            await next(exchange);
            if (exchange.Refusal is not { IsUncounted: true }) return;
            counter.GiveBack(taken, cost);
            told[place] = state with { Remaining = state.Remaining + cost };
        }

        private Refusal Away => new(Failure.StoreUnavailable, "The gateway can't count at the moment. Send the same request again, with the same Idempotency-Key.")
        {
            RetryAfter = TimeSpan.FromSeconds(2),
            Reason = $"quota-uncounted: {_name}",
            IsUncounted = true,
        };

        private Refusal Exceeded(long limit, long cost, QuotaPeriod period, TimeSpan wait)
        {
            var asked = _options.Cost is null ? "" : $" This request costs {cost}.";
            return new Refusal(Failure.TooManyRequests, string.Create(CultureInfo.InvariantCulture, $"The quota is {limit} {Unit} a {Word(_options.Per)}, and is used up.{asked} It is whole again at {period.Ends:yyyy-MM-ddTHH:mm:sszzz}."))
            {
                RetryAfter = wait,
                ViolatedPolicies = [_name],
                Reason = "quota",
                IsUncounted = true,
            };
        }

        /// <summary>No period is long enough, so it is no 429.</summary>
        private Refusal TooMuch(long limit, long cost) => new(Failure.CostTooHigh, string.Create(CultureInfo.InvariantCulture, $"This request takes {cost} units, and the quota '{_name}' is {limit} {Unit} a {Word(_options.Per)}. Send less at once."))
        {
            ViolatedPolicies = [_name],
            Reason = "cost-too-high",
            IsUncounted = true,
        };

        private string Unit => _options.Cost is null ? "requests" : "units";
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
