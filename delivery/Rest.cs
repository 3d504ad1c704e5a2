namespace Gateway.Delivery;

/// <summary>How long a backend is left alone that nothing could be sent to: longer with every time, within bounds, and never quite the same time.</summary>
public sealed class Rest
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>However long a backend asks for, it is tried again after this.</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LongestByItself = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private HashSet<string> _tried = [];
    private HashSet<string> _passedOver = [];

    public DateTimeOffset Until { get; private set; }

    /// <summary>Times in a row; 0 while something can be sent.</summary>
    public int Failures { get; private set; }

    /// <summary>Since when, and why; null while something can be sent.</summary>
    public (DateTimeOffset Since, string Reason)? Trouble { get; private set; }

    /// <summary>What was tried last without success: another is tried next, where there is one.</summary>
    public string? Last { get; private set; }

    /// <param name="intent">What was tried, and is in its place again; null for what is not in the line any more.</param>
    /// <param name="asked">What the backend or its circuit says.</param>
    public TimeSpan Down(DateTimeOffset now, string? intent, string reason, TimeSpan? asked)
    {
        lock (_lock)
        {
            var pause = TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(Failures, 10)));
            if (asked is { } wish && wish < pause) pause = wish > TimeSpan.Zero ? wish : First;
            else if (asked > Longest) pause = asked < LongestAsked ? asked.Value : LongestAsked;
            // Nodes that lost it together come back apart.
            pause *= 0.75 + 0.5 * Random.Shared.NextDouble();
            Failures++;
            Until = now + pause;
            Trouble = (Trouble?.Since ?? now, reason);
            Last = intent;
            if (intent is not null) _tried.Add(intent);
            return pause;
        }
    }

    /// <summary>Something was sent.</summary>
    public void Back()
    {
        lock (_lock)
        {
            if (Failures == 0) return;
            (Failures, Until, Trouble, Last) = (0, default, null, null);
            (_passedOver, _tried) = (_tried, []);
        }
    }

    /// <summary>It was tried when nothing could be sent, as it seemed, and others were sent since: what keeps it is its own, whatever is said.</summary>
    public bool WasPassedOver(string intent)
    {
        lock (_lock) return _passedOver.Contains(intent);
    }

    /// <summary>How long one is left alone that could not be sent for itself: twice as long as before, from a second to a quarter of an hour.</summary>
    /// <param name="before">What it ended with last time; null where this is the first.</param>
    /// <param name="asked">What its backend says.</param>
    public static TimeSpan ByItself(OperationResult? before, TimeSpan? asked)
    {
        var pause = before is { RetryAfter: { } last } ? 2 * last : TimeSpan.FromSeconds(1);
        if (asked > pause) pause = asked.Value;
        return pause < LongestByItself ? pause : LongestByItself;
    }
}
