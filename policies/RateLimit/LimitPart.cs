namespace Gateway.Policies.RateLimit;

/// <summary>One limit's part in one request: what is asked of it, and what it said.</summary>
internal struct LimitPart(Limit limit, Allowance allowed, string key, string? owner, int cost, int percent)
{
    private Counter? _counter;
    private int _taken;
    private int _reserve = Part(allowed.Limit, percent);

    public readonly Limit Limit => limit;

    public readonly Allowance Allowed => allowed;

    public LimitTaken Said { get; private set; }

    /// <summary>It was asked, and did not pass.</summary>
    public readonly bool HasRefused => IsAsked && !Said.IsTaken;

    /// <summary>False where another limit had refused before it was this one's turn.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>It costs more than there ever is for it.</summary>
    public readonly bool IsTooMuch => cost > allowed.Limit - Part(allowed.Limit, percent);

    public readonly int Cost => cost;

    /// <summary>What is asked where nodes count together.</summary>
    public readonly LimitAsk Ask => new(allowed.Shared + key, allowed.Options.Algorithm, allowed.Limit, allowed.Options.Span, cost, _reserve);

    /// <summary>For the headers. What is kept for others is not left for this caller.</summary>
    public readonly LimitState State => new(limit.Name, allowed.Policy, Math.Max(0, Said.Left - _reserve), limit.IsConcurrency ? null : (long)Math.Ceiling(Said.UntilWhole.TotalSeconds));

    /// <summary>Takes of this node's own count.</summary>
    /// <param name="nodes">
    /// How many nodes share the limit while they can't count together: each has its part of it, one at least, and what costs more than the part
    /// takes the whole of it.
    /// </param>
    public bool TakeHere(int nodes)
    {
        var share = nodes <= 1 ? allowed.Limit : Math.Max(1, allowed.Limit / nodes);
        _reserve = Part(share, percent);
        _taken = Math.Min(cost, share - _reserve);
        _counter = limit.Here(key, share, owner);
        Hear(_counter.Take(_taken, _reserve));
        return Said.IsTaken;
    }

    /// <summary>Gives back what was taken here, because another limit said no.</summary>
    public void Undo()
    {
        if (_counter is null || !Said.IsTaken) return;
        _counter.GiveBack(_taken);
        Said = _counter.Take(0, 0);
    }

    /// <summary>Gives back what was held while the request was at work.</summary>
    public readonly void Release()
    {
        if (limit.IsConcurrency && Said.IsTaken) _counter?.GiveBack(_taken);
    }

    public void Hear(in LimitTaken said) => (Said, IsAsked) = (said, true);

    /// <summary>Why it said no, for the caller.</summary>
    public readonly string Refusal
    {
        get
        {
            var options = allowed.Options;
            var what = options.Cost is null ? "requests" : "permits";
            var limitText = options.IsConcurrency ? $"{allowed.Limit} requests at the same time" : $"{allowed.Limit} {what} in {(long)options.Span.TotalSeconds} s";
            if (Said.Left >= cost) return $"What is left of {limitText} is kept for requests of a higher priority. Wait as Retry-After says.";
            return options.Cost is null ? $"More than {limitText}. Wait as Retry-After says." : $"More than {limitText}; this request takes {cost}. Wait as Retry-After says.";
        }
    }

    private static int Part(int limit, int percent) => (int)((long)limit * percent / 100);
}
