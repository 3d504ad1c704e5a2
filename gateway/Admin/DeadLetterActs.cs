using Gateway.Delivery.Webhooks;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>
/// What operators decide about many dead letters: sent again, at a rate, or skipped. It is said how many there are and which come first before
/// anything is done (<c>dryRun</c>). Act and record are one transaction.
/// </summary>
internal sealed class DeadLetterActs(IStore store, CurrentPlan plans, SubscriptionBook book, TimeProvider clock, EndpointBell bell)
{
    /// <summary>Of one act, so that the store's other writes don't wait for long.</summary>
    internal const int MostAtOnce = 10_000;

    /// <summary>A second, of one endpoint.</summary>
    private const double UsualRate = 10;

    private const double LowestRate = 0.01;

    private const double HighestRate = 1000;

    private const int Shown = 10;

    /// <summary>Told one by one; the audit keeps what is told.</summary>
    private const int MostEndpoints = 100;

    /// <summary>A group (<c>{"cause":"status 500"}</c>) or whatever else is named: each endpoint's earliest first, <c>rate</c> a second.</summary>
    public async Task<Acted> RetryAsync(OperatorRequest request)
    {
        var (wish, query, refused) = Read(request);
        if (refused is not null) return refused;
        if (wish.Rate is < LowestRate or > HighestRate or double.NaN) return Bad($"rate is how many a second each endpoint gets, from {LowestRate} to {HighestRate}.", "rate-malformed");
        var lines = await LinesAsync(query, request.Aborted);
        var rate = wish.Rate ?? UsualRate;
        var retry = new DeadLetterRetry(query, clock.GetUtcNow(), TimeSpan.FromSeconds(1 / rate))
        {
            Max = MostAtOnce,
            Late = wish.OutOfOrder,
            Never = plans.Current.EventTypes.NeverReplayed,
            Except = [.. lines.Where(l => l.Obstacle is not null).Select(l => l.Line.Key)],
        };
        var never = await NeverAsync(query, retry, request.Aborted);
        var taken = lines.Where(l => l.Obstacle is null).Select(l => TakenOf(l.Line) - never.Where(n => n.Key == l.Line.Key).Sum(TakenOf)).DefaultIfEmpty(0).ToList();
        if (wish.DryRun)
        {
            var first = await store.NextDeadAsync(retry with { Max = Shown }, request.Aborted);
            return Told(request, wish, query, Answer(Math.Min(taken.Sum(), MostAtOnce), first.Select(DeadLetterViews.Shown)));
        }
        Acted acted = null!;
        await store.RetryDeadAsync(retry, retried => request.Record(acted = Told(request, wish, query, Answer(retried, null)) with { Recorded = true }), request.Aborted);
        await bell.RetakeAsync([.. lines.Where(l => l.Obstacle is null).Select(l => l.Line.Key)]);
        return acted;

        int TakenOf(DeadLetterLine line) => wish.OutOfOrder ? line.Count : line.Count - line.Overtaken;

        object Answer(int retried, IEnumerable<object>? first) => new
        {
            wish.DryRun,
            matching = lines.Sum(l => l.Line.Count),
            retried,
            rate,
            lasts = TimeSpan.FromSeconds(Math.Max(0, Math.Min(taken.Max(), MostAtOnce) - 1) / rate),
            overtaken = lines.Where(l => l.Obstacle is null).Sum(l => l.Line.Overtaken),
            wish.OutOfOrder,
            never = never.Sum(n => n.Count),
            left = taken.Sum() - retried,
            endpoints = lines.Take(MostEndpoints).Select(l => new { endpoint = l.Line.Key, l.Line.Count, l.Line.Overtaken, l.Obstacle }),
            first,
        };
    }

    /// <summary>They stay with their history, and nobody is to look at them any more.</summary>
    public async Task<Acted> SkipAsync(OperatorRequest request)
    {
        var (wish, query, refused) = Read(request);
        if (refused is not null) return refused;
        if (wish.Rate is not null || wish.OutOfOrder) return Bad("What is skipped is not sent: leave out rate and outOfOrder.", "body-malformed");
        if (wish.DryRun)
        {
            var matching = (await store.DeadLinesAsync(query, request.Aborted)).Sum(l => l.Count);
            var first = await store.NextDeadAsync(new DeadLetterRetry(query, default, default) { Max = Shown, Late = true }, request.Aborted);
            return Told(request, wish, query, new { wish.DryRun, skipped = Math.Min(matching, MostAtOnce), left = Math.Max(0, matching - MostAtOnce), first = first.Select(DeadLetterViews.Shown) });
        }
        Acted acted = null!;
        await store.SkipDeadAsync(query, request.Note, MostAtOnce, skipped => request.Record(acted = Told(request, wish, query, new { wish.DryRun, skipped }) with { Recorded = true }), request.Aborted);
        return acted;
    }

    /// <summary>Each endpoint's letters, and why none of them can be sent; null where they can.</summary>
    private async Task<List<(DeadLetterLine Line, string? Obstacle)>> LinesAsync(DeadLetterQuery query, CancellationToken cancellation)
    {
        var lines = await store.DeadLinesAsync(query, cancellation);
        var disabled = (await store.EndpointsAsync(cancellation)).Where(e => e.DisabledAt is not null).Select(e => e.Key).ToHashSet();
        return [.. lines.Select(line => (line, NoticeLetter.IsOne(line.Key) ? null : book.Find(line.Key) is null ? "removed" : disabled.Contains(line.Key) ? "disabled" : null))];
    }

    /// <summary>Letters of types that are not sent again, of endpoints that are not left out anyway.</summary>
    private async Task<List<DeadLetterLine>> NeverAsync(DeadLetterQuery query, DeadLetterRetry retry, CancellationToken cancellation)
    {
        var lines = new List<DeadLetterLine>();
        foreach (var type in retry.Never.Where(t => query.Type is null || query.Type == t))
            lines.AddRange((await store.DeadLinesAsync(query with { Type = type }, cancellation)).Where(l => !retry.Except.Contains(l.Key)));
        return lines;
    }

    private (DeadLetterWish Wish, DeadLetterQuery Query, Acted? Refused) Read(OperatorRequest request)
    {
        if (DeadLetterWish.Of(request.Body) is not { } wish)
            return (new DeadLetterWish(), new DeadLetterQuery(), Bad("The body may say partner, endpoint, type, cause, orderingKey, since, until, all, dryRun, rate, outOfOrder and reason.", "body-malformed"));
        var (query, wrong) = wish.Query(clock.GetUtcNow());
        if (wrong is not null) return (wish, query, Bad(wrong, "query-malformed"));
        if (query.IsAll != wish.All)
            return (wish, query, Bad(wish.All ? "all stands alone: it means every dead letter there is." : "Say which are meant, or all: true for every dead letter there is.", "query-missing"));
        return (wish, query, null);
    }

    private static Acted Told(OperatorRequest request, DeadLetterWish wish, DeadLetterQuery query, object answer) =>
        new() { Target = wish.Target, Tenant = query.Tenant ?? "-", After = answer, Answer = answer };

    private static Acted Bad(string detail, string reason) => Acted.Refused(Failure.MalformedRequest, detail, reason);
}
