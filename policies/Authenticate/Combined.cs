namespace Gateway.Policies.Authenticate;

/// <summary>Several ways, of which the first that is presented decides.</summary>
internal sealed class AnyWay(IReadOnlyList<WayIn> ways) : WayIn
{
    public override bool IsPresented(Exchange exchange) => Presented(exchange) is not null;

    public override ValueTask<Verdict> JudgeAsync(Exchange exchange) => Presented(exchange)!.JudgeAsync(exchange);

    public override string? ClaimedBy(Exchange exchange) => Presented(exchange)?.ClaimedBy(exchange);

    /// <summary>All of them: what was not looked at is no business of a backend either.</summary>
    public override void TakeOff(Exchange exchange)
    {
        foreach (var way in ways) way.TakeOff(exchange);
    }

    private WayIn? Presented(Exchange exchange)
    {
        foreach (var way in ways)
        {
            if (way.IsPresented(exchange)) return way;
        }
        return null;
    }
}

/// <summary>Several ways that are all needed, and must be the same consumer. It may do what each of them lets it.</summary>
internal sealed class EveryWay(IReadOnlyList<WayIn> ways) : WayIn
{
    public override bool IsPresented(Exchange exchange) => ways.Any(way => way.IsPresented(exchange));

    public override async ValueTask<Verdict> JudgeAsync(Exchange exchange)
    {
        if (!ways.All(way => way.IsPresented(exchange))) return Verdict.Refuse("credentials-incomplete", "Credentials are missing: several are needed at once.");
        Consumer? all = null;
        foreach (var way in ways)
        {
            var verdict = await way.JudgeAsync(exchange);
            if (verdict.Consumer is not { } one) return verdict;
            if (all is not null && all.Name != one.Name) return Verdict.Refuse("credentials-of-two", "The credentials are not the same consumer's.");
            all = all is null ? one : all.NarrowedTo(one.Scopes);
        }
        return Verdict.Admit(all!);
    }

    public override string? ClaimedBy(Exchange exchange) => ways.Select(way => way.ClaimedBy(exchange)).FirstOrDefault(consumer => consumer is not null);

    public override void TakeOff(Exchange exchange)
    {
        foreach (var way in ways) way.TakeOff(exchange);
    }
}
