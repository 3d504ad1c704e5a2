using System.Net;

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

    private readonly Lock _noting = new();
    private readonly FailedAddresses _addresses = new(limits, clock);
    private readonly Generations<string, FailedCount> _byConsumer = new(PerGeneration);

    /// <summary>Those of the workspace, which outlive a reload.</summary>
    public static FailedAttempts Of(PolicyScope scope)
    {
        var limits = scope.FailedAttempts;
        return scope.Kept($"failedAttempts/{limits.PerAddress}/{limits.PerConsumer}/{limits.Window}", () => new FailedAttempts(limits, scope.Clock));
    }

    /// <summary>How long the caller is not listened to; null when it is.</summary>
    public TimeSpan? Wait(Exchange exchange, WayIn way)
    {
        if (_addresses.Find(AddressOf(exchange)) is not { } here) return null;
        if (here.Count >= limits.PerAddress) return here.Left;
        if (way.ClaimedBy(exchange) is not { } consumer || !_byConsumer.TryGet(consumer, out var named) || named.Count < limits.PerConsumer) return null;
        return Left(named.Began, clock.GetTimestamp()) is var itsLeft && itsLeft > TimeSpan.Zero ? itsLeft : null;
    }

    public void Note(Exchange exchange, WayIn way)
    {
        _addresses.Note(AddressOf(exchange));
        if (way.ClaimedBy(exchange) is not { } consumer) return;
        var now = clock.GetTimestamp();
        lock (_noting) _byConsumer.Keep(consumer, _byConsumer.TryGet(consumer, out var before) && Left(before.Began, now) > TimeSpan.Zero ? before.OneMore : new FailedCount(now, 1));
    }

    private TimeSpan Left(long began, long now) => limits.Window - clock.GetElapsedTime(began, now);

    private static IPAddress? AddressOf(Exchange exchange) => exchange.Http.Connection.RemoteIpAddress;
}
