namespace Gateway.Pipeline.Accepted;

/// <summary>How long a backend is left alone that could not be reached: longer with every time, within bounds, and never quite the same time.</summary>
internal sealed class Rest
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>However long a backend asks for, it is tried again after this.</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();

    public DateTimeOffset Until { get; private set; }

    /// <summary>Times in a row; 0 while it can be reached.</summary>
    public int Failures { get; private set; }

    /// <param name="asked">What the backend, its gate or its circuit says.</param>
    public TimeSpan Down(DateTimeOffset now, TimeSpan? asked)
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
            return pause;
        }
    }

    public void Back()
    {
        lock (_lock) (Failures, Until) = (0, default);
    }
}
