namespace Gateway;

/// <summary>
/// Answers of the last requests, nearer than the store, and turns that keep parallel repeats from it. It saves work and decides nothing: what it
/// has lost is found in the store, and who may call is decided there alone.
/// </summary>
public abstract class NearAnswers
{
    /// <summary>Knows nothing.</summary>
    public static NearAnswers None { get; } = new Nothing();

    /// <summary>What is known of a key; where nothing is, the turn of who asks, for a few seconds. Never throws for what is behind it.</summary>
    /// <param name="fingerprint">Of the request that asks.</param>
    public abstract ValueTask<Near> LookAsync(KeyScope key, string fingerprint, CancellationToken cancellation);

    /// <summary>Ends a turn, and keeps the answer that the store has under its key; does not wait for it.</summary>
    /// <param name="stored">Null where the store has none.</param>
    public abstract void End(Near.Turn turn, Answer? stored, TimeSpan keepFor);

    private sealed class Nothing : NearAnswers
    {
        private static readonly Near Unknown = new Near.Unknown();

        public override ValueTask<Near> LookAsync(KeyScope key, string fingerprint, CancellationToken cancellation) => new(Unknown);

        public override void End(Near.Turn turn, Answer? stored, TimeSpan keepFor)
        {
        }
    }
}

/// <summary>What is known nearby of an idempotency key.</summary>
public abstract record Near
{
    /// <summary>Its answer was given.</summary>
    public sealed record Answered(KeyRecord Record) : Near;

    /// <summary>The same request is being worked on, here or on another node.</summary>
    public sealed record AtWork : Near;

    /// <summary>Nothing, and whoever comes with the same request meanwhile is told <see cref="AtWork"/>.</summary>
    public sealed record Turn(KeyScope Key, string Fingerprint, string Ticket) : Near;

    /// <summary>Nothing: the store is to be asked.</summary>
    public sealed record Unknown : Near;
}
