using System.Globalization;

namespace Gateway.Pipeline;

/// <summary>What the life of a route does to a request: 410 behind its end, and drafts that nobody but their audience can tell from nothing.</summary>
internal static class LifeSteps
{
    /// <param name="all">All routes of the Plan, once it is there: what is served under a path beside its drafts.</param>
    public static IEnumerable<PolicyStep> Of(RouteLife life, IReadOnlyList<PlanRoute> all)
    {
        var ends = life.Sunset is not null || life.Lifecycle == Lifecycle.Retired;
        if (life.Audience is { } audience)
        {
            yield return new PolicyStep(Phase.Protect, (exchange, next) => HideAsync(exchange, next, audience, all));
            yield return new PolicyStep(Phase.Authorize, (exchange, next) => LetIn(exchange, next, audience));
        }
        // What ends needs no credentials to be told; the end of a draft is for its audience.
        if (ends) yield return new PolicyStep(life.IsDraft ? Phase.Authorize : Phase.Protect, EndWith(life));
    }

    private static Func<Exchange, ExchangeDelegate, ValueTask> EndWith(RouteLife life)
    {
        var since = life.Sunset is { } sunset ? string.Create(CultureInfo.InvariantCulture, $" since {sunset.ToUniversalTime():yyyy-MM-dd HH:mm} UTC") : "";
        var gone = new Refusal(Failure.Gone, $"This is no longer served{since}.{(life.Successor is { } successor ? $" Use {successor} instead." : "")}");
        return (exchange, next) => life.HasEndedAt(exchange.StartedAt) ? exchange.Refuse(gone) : next(exchange);
    }

    /// <summary>Who is not of the audience gets what an unknown path gets, whatever it was that refused them: a 401 would tell that something is there.</summary>
    private static async ValueTask HideAsync(Exchange exchange, ExchangeDelegate next, IReadOnlySet<string> audience, IReadOnlyList<PlanRoute> all)
    {
        try
        {
            await next(exchange);
        }
        catch (BadHttpRequestException) when (!IsOf(audience, exchange.Consumer))
        {
            // Where a signature is over the body, that is read before anybody is known: what is wrong with it would tell that something is there.
        }
        if (IsOf(audience, exchange.Consumer)) return;
        exchange.Hidden = true;
        exchange.Refusal = Unserved.Of(all, exchange.Http.Request) with { Reason = $"a draft: {exchange.Refusal?.Reason ?? "not of its audience"}" };
    }

    private static ValueTask LetIn(Exchange exchange, ExchangeDelegate next, IReadOnlySet<string> audience) =>
        IsOf(audience, exchange.Consumer) ? next(exchange) : exchange.Refuse(new Refusal(Failure.NotFound, Unserved.Nothing));

    private static bool IsOf(IReadOnlySet<string> audience, Consumer? consumer) => consumer is not null && audience.Contains(consumer.Name);
}
