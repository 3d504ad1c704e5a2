using System.Diagnostics.Metrics;

namespace Gateway.Policies.RateLimit;

/// <summary>
/// All limits of one route, whatever policies they come from. They are taken together: a request is counted by all of them, or by none. Where
/// nodes count together that is one round trip.
/// </summary>
internal sealed class RouteLimits
{
    private static readonly Meter Meter = new("Gateway.Policies");

    private static readonly Counter<long> StoreFailures =
        Meter.CreateCounter<long>("gateway.limits.store_failures", "{request}", "Requests that nodes could not count together, by limit and by what was done: local, deny, allow.");

    private readonly List<Limit> _limits = [];
    private bool _readsBody;
    private bool _wrapped;

    public static RouteLimits Of(PolicyScope scope) => scope.Shared($"limits/{scope.RouteName}", () => new RouteLimits());

    /// <summary>As callers tell limits and quotas of the route apart.</summary>
    public HashSet<string> Names { get; } = [];

    public void Add(Limit limit, bool readsBody)
    {
        _limits.Add(limit);
        Names.Add(limit.Name);
        _readsBody |= readsBody;
    }

    /// <summary>One policy's step. Of all of a route one takes the limits: behind the body, if the cost of any of them is told by it.</summary>
    public ExchangeDelegate Wrap(ExchangeDelegate next, bool behindBody)
    {
        if (_wrapped || behindBody != _readsBody) return next;
        _wrapped = true;
        // What callers choose comes last, so that who is refused by another limit leaves no counter for it.
        var limits = _limits.OrderBy(l => l.IsChosen).ToArray();
        return limits is [{ IsConcurrency: false } only] ? exchange => Run(exchange, next, only) : exchange => Run(exchange, next, limits);
    }

    /// <summary>The shortest way: one limit, nothing to give back.</summary>
    private static ValueTask Run(Exchange exchange, ExchangeDelegate next, Limit only)
    {
        var part = only.Look(exchange);
        if (exchange.Shared is { IsDeclared: true } shared) return TogetherAsync(exchange, next, [part], shared);
        if (part.IsTooMuch) return exchange.Refuse(TooMuch(part));
        var taken = part.TakeHere(nodes: 1);
        (exchange.Limits ??= new List<LimitState>(1)).Add(part.State);
        return taken ? next(exchange) : Refuse(exchange, [part]);
    }

    private static ValueTask Run(Exchange exchange, ExchangeDelegate next, Limit[] limits)
    {
        var parts = Array.ConvertAll(limits, limit => limit.Look(exchange));
        return exchange.Shared is { IsDeclared: true } shared ? TogetherAsync(exchange, next, parts, shared) : Here(exchange, next, parts, nodes: 1);
    }

    private static ValueTask Here(Exchange exchange, ExchangeDelegate next, LimitPart[] parts, int nodes)
    {
        foreach (ref readonly var part in parts.AsSpan())
        {
            if (part.IsTooMuch) return exchange.Refuse(TooMuch(part));
        }
        var taken = true;
        foreach (ref var part in parts.AsSpan())
        {
            if (!taken && part.Limit.IsChosen) break;
            taken &= part.TakeHere(nodes);
        }
        if (!taken)
        {
            foreach (ref var part in parts.AsSpan()) part.Undo();
        }
        Tell(exchange, parts);
        if (!taken) return Refuse(exchange, parts);
        return Array.Exists(parts, p => p.Limit.IsConcurrency) ? HoldAsync(exchange, next, parts) : next(exchange);
    }

    private static async ValueTask HoldAsync(Exchange exchange, ExchangeDelegate next, LimitPart[] parts)
    {
        try
        {
            await next(exchange);
        }
        finally
        {
            foreach (ref readonly var part in parts.AsSpan()) part.Release();
        }
    }

    private static async ValueTask TogetherAsync(Exchange exchange, ExchangeDelegate next, LimitPart[] parts, SharedLimits shared)
    {
        if (Array.Exists(parts, p => p.IsTooMuch))
        {
            exchange.Refusal = TooMuch(Array.Find(parts, p => p.IsTooMuch));
            return;
        }
        if (await shared.TakeAsync(Array.ConvertAll(parts, p => p.Ask)) is not { } taking)
        {
            await WithoutStore(exchange, next, parts, shared.Nodes);
            return;
        }
        for (var i = 0; i < parts.Length; i++) parts[i].Hear(taking.Taken[i]);
        Tell(exchange, parts);
        if (!taking.IsTaken)
        {
            await Refuse(exchange, parts);
            return;
        }
        try
        {
            await next(exchange);
        }
        finally
        {
            if (taking.Holder is not null) shared.GiveBack(taking);
        }
    }

    /// <summary>Nodes can't count together at the moment: each limit says itself what is done.</summary>
    private static ValueTask WithoutStore(Exchange exchange, ExchangeDelegate next, LimitPart[] parts, int nodes)
    {
        foreach (ref readonly var part in parts.AsSpan())
        {
            StoreFailures.Add(1, new("gateway.limit", part.Limit.Name), new("gateway.done", part.Limit.WithoutStore switch
            {
                StoreFailure.Deny => "deny",
                StoreFailure.Allow => "allow",
                _ => "local",
            }));
        }
        if (Array.Exists(parts, p => p.Limit.WithoutStore == StoreFailure.Deny)) return exchange.Refuse(Uncountable());
        return Here(exchange, next, Array.FindAll(parts, p => p.Limit.WithoutStore == StoreFailure.Local), nodes);
    }

    private static void Tell(Exchange exchange, LimitPart[] parts)
    {
        var told = exchange.Limits ??= new List<LimitState>(parts.Length);
        foreach (ref readonly var part in parts.AsSpan())
        {
            if (part.IsAsked) told.Add(part.State);
        }
    }

    private static ValueTask Refuse(Exchange exchange, LimitPart[] parts)
    {
        var violated = Array.FindAll(parts, p => p.HasRefused);
        return exchange.Refuse(new Refusal(Failure.TooManyRequests, violated[0].Refusal)
        {
            RetryAfter = violated.Max(p => p.Said.RetryAfter),
            ViolatedPolicies = Array.ConvertAll(violated, p => p.Limit.Name),
            Reason = "rate-limit",
            IsUncounted = true,
        });
    }

    /// <summary>No waiting would help, so it is no 429.</summary>
    private static Refusal TooMuch(in LimitPart part) =>
        new(Failure.CostTooHigh, $"This request takes {part.Cost} permits, and the limit '{part.Limit.Name}' never has so many for it: it has {part.Allowed.Limit}. Send less at once.")
        {
            ViolatedPolicies = [part.Limit.Name],
            Reason = "cost-too-high",
            IsUncounted = true,
        };

    private static Refusal Uncountable() => new(Failure.StoreUnavailable, "The gateway can't count requests at the moment. Send the same request again, with the same Idempotency-Key.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
        Reason = "limit-store-away",
        IsUncounted = true,
    };
}
