namespace Gateway.Policies.Authenticate;

/// <summary>
/// Who calls: finds the consumer by the ways in that the route takes, or refuses with 401 and those ways (RFC 9110 section 11.6.1).
/// Credentials end here: they are taken off the request, so that no backend ever sees them.
/// </summary>
public sealed class AuthenticateKind : PolicyKind<AuthenticateOptions>
{
    public override string Name => "authenticate";

    public override string Summary => "Lets in only known consumers, by the credentials they bring.";

    protected override void Describe(AuthenticateOptions options, PolicyScope scope, Surface surface)
    {
        surface.Failures.UnionWith([Failure.Unauthenticated, Failure.TooManyRequests]);
        surface.Failures.UnionWith(options.AllWays.SelectMany(way => way.Failures));
        surface.AnswerHeaders.Add(new SurfaceHeader("WWW-Authenticate", "The ways in (RFC 9110 section 11.6.1).", Challenge(options)) { Status = 401 });
        surface.Credentials.AddRange(Credentials(options, scope));
    }

    /// <summary>What callers may come with; each entry is enough by itself.</summary>
    private static IEnumerable<SurfaceCredential> Credentials(AuthenticateOptions options, PolicyScope scope)
    {
        var any = options.Ways.SelectMany(way => way.Credentials(scope)).Concat(options.AnyOf.SelectMany(set => Credentials(set, scope)));
        if (options.AllOf.Count == 0) return any;
        var all = options.AllOf.Select(set => Credentials(set, scope)).Aggregate((some, more) => some.SelectMany(_ => more, SurfaceCredential (one, other) => new SurfaceCredential.Both(one, other)));
        return any.Concat(all);
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(AuthenticateOptions options, Consumer? consumer)
    {
        yield return (Phase.Authenticate, $"{Text(options, consumer, ", or ")}, else 401");
    }

    private static string Text(AuthenticateOptions options, Consumer? consumer, string or) => string.Join(or,
    [
        .. options.Ways.Select(way => way.Explain(consumer)),
        .. options.AnyOf.Select(set => Text(set, consumer, " or ")),
        .. options.AllOf.Count == 0 ? (IEnumerable<string>)[] : [$"all of: {string.Join("; ", options.AllOf.Select(set => Text(set, consumer, " or ")))}"],
    ]);

    protected override bool NeedsBytes(AuthenticateOptions options) => options.AllWays.Any(way => way.NeedsBytes);

    protected override IEnumerable<PolicyStep> Compile(AuthenticateOptions options, PolicyScope scope)
    {
        var (way, challenge, failed) = (Open(options, scope), Challenge(options), FailedAttempts.Of(scope));
        var inAddress = AddressCredentials.Names(options);
        var authenticate = new PolicyStep(Phase.Authenticate, next => exchange => Run(exchange, next));
        // Who is not listened to has no body read either.
        return NeedsBytes(options) ? [new PolicyStep(Phase.ReadBytes, next => exchange => failed.Wait(exchange, way) is { } wait ? exchange.Refuse(TooOften(wait)) : next(exchange)), authenticate] : [authenticate];

        ValueTask Run(Exchange exchange, ExchangeDelegate next)
        {
            if (AddressCredentials.StandIn(exchange.Http.Request.QueryString, inAddress)) return Fail(exchange, Verdict.Refuse("credentials-in-address", "Credentials don't belong into the address: send them in a header, and change those that were sent."));
            if (!way.IsPresented(exchange)) return Refuse(exchange, Verdict.Refuse("credentials-missing", "Credentials are missing."), challenge);
            if (failed.Wait(exchange, way) is { } wait) return exchange.Refuse(TooOften(wait));
            var judged = way.JudgeAsync(exchange);
            return judged.IsCompletedSuccessfully ? Go(exchange, next, judged.Result) : WaitAsync(exchange, next, judged);
        }

        async ValueTask WaitAsync(Exchange exchange, ExchangeDelegate next, ValueTask<Verdict> judged) => await Go(exchange, next, await judged);

        ValueTask Go(Exchange exchange, ExchangeDelegate next, in Verdict verdict)
        {
            if (verdict.Consumer is not { } consumer) return Fail(exchange, verdict);
            exchange.Consumer = consumer;
            way.TakeOff(exchange);
            return next(exchange);
        }

        ValueTask Fail(Exchange exchange, in Verdict verdict)
        {
            if (!verdict.Unavailable) failed.Note(exchange, way);
            return Refuse(exchange, verdict, challenge);
        }
    }

    private static WayIn Open(AuthenticateOptions options, PolicyScope scope)
    {
        List<WayIn> ways = [.. options.Ways.Select(way => way.Open(scope)), .. options.AnyOf.Select(set => Open(set, scope))];
        if (options.AllOf.Count > 0) ways.Add(new EveryWay([.. options.AllOf.Select(set => Open(set, scope))]));
        if (ways.Count == 0)
            scope.Error("GW5010", scope.PlaceOf(options, ""), "authenticate names no way in", "add apiKey: {} or bearer: { issuers: [NAME] }");
        return ways is [var one] ? one : new AnyWay(ways);
    }

    /// <summary>Bearer's comes last: what is wrong with a token is said at its end.</summary>
    private static string Challenge(AuthenticateOptions options) =>
        string.Join(", ", options.AllWays.OrderBy(way => way is BearerOptions).Select(way => way.Challenge).Distinct());

    private static Refusal TooOften(TimeSpan wait) => new(Failure.TooManyRequests, "Too many attempts with credentials that are not valid.")
    {
        Reason = "failed-attempts",
        RetryAfter = wait,
        ViolatedPolicies = ["failed-attempts"],
    };

    private static ValueTask Refuse(Exchange exchange, in Verdict verdict, string challenge) => exchange.Refuse(verdict.Unavailable
        ? new Refusal(Failure.IssuerUnavailable, verdict.Detail) { Reason = verdict.Reason, RetryAfter = TimeSpan.FromSeconds(5) }
        : new Refusal(Failure.Unauthenticated, verdict.Detail) { Reason = verdict.Reason, Challenge = verdict.Error is { } error ? $"{challenge}, error=\"{error}\"" : challenge });
}
