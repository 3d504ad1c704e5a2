namespace Gateway.Policies.Authenticate;

/// <summary>
/// Attempts to get in that failed, by address and by the consumer that they claimed to be. Who has failed too often is not listened to for the
/// rest of the window, before anything of its credentials is checked; good ones neither, or guessing would go on. A consumer in whose name
/// others fail is not locked out: the count of its name stops only addresses that have failed themselves.
/// The counts outlive reloads, and are bounded. While nobody has failed, a request pays one comparison.
/// </summary>
internal sealed class FailedAttempts(FailedAttemptLimits limits, TimeProvider clock)
{
    private const int PerGeneration = 16 * 1024;

    private const long Never = long.MinValue;

    private readonly Lock _noting = new();
    private readonly Generations<UInt128, Attempts> _byAddress = new(PerGeneration);
    private readonly Generations<string, Attempts> _byConsumer = new(PerGeneration);
    private long _latest = Never;

    /// <summary>Those of the workspace, which outlive a reload.</summary>
    public static FailedAttempts Of(PolicyScope scope)
    {
        var limits = scope.FailedAttempts;
        return scope.Kept($"failedAttempts/{limits.PerAddress}/{limits.PerConsumer}/{limits.Window}", () => new FailedAttempts(limits, scope.Clock));
    }

    /// <summary>How long the caller is not listened to; null when it is.</summary>
    public TimeSpan? Wait(Exchange exchange, WayIn way)
    {
        var latest = Volatile.Read(ref _latest);
        if (latest == Never) return null;
        var now = clock.GetTimestamp();
        if (Left(latest, now) <= TimeSpan.Zero || !_byAddress.TryGet(AddressOf(exchange), out var here)) return null;
        var left = Left(here.Began, now);
        if (left <= TimeSpan.Zero) return null;
        if (here.Count >= limits.PerAddress) return left;
        if (way.ClaimedBy(exchange) is not { } consumer || !_byConsumer.TryGet(consumer, out var named) || named.Count < limits.PerConsumer) return null;
        return Left(named.Began, now) is var itsLeft && itsLeft > TimeSpan.Zero ? itsLeft : null;
    }

    public void Note(Exchange exchange, WayIn way)
    {
        var consumer = way.ClaimedBy(exchange);
        var now = clock.GetTimestamp();
        lock (_noting)
        {
            Count(_byAddress, AddressOf(exchange), now);
            if (consumer is not null) Count(_byConsumer, consumer, now);
        }
        Volatile.Write(ref _latest, now);
    }

    private void Count<TKey>(Generations<TKey, Attempts> counts, TKey key, long now)
        where TKey : notnull =>
        counts.Keep(key, counts.TryGet(key, out var before) && Left(before.Began, now) > TimeSpan.Zero ? before with { Count = before.Count + 1 } : new Attempts(now, 1));

    private TimeSpan Left(long began, long now) => limits.Window - clock.GetElapsedTime(began, now);

    private static UInt128 AddressOf(Exchange exchange) => CallerAddress.Of(exchange.Http.Connection.RemoteIpAddress);

    private readonly record struct Attempts(long Began, int Count);
}
