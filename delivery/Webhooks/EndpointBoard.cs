using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// How the endpoints do, as the nodes agree about it: which are disabled, and what of its budget each has spent. That is in the store
/// (<see cref="IEndpointStore"/>) and looked at once a second. Circuits and rates are of the node that sends (<see cref="EndpointSender"/>).
/// </summary>
internal sealed partial class EndpointBoard(IStore store, TimeProvider clock, ILogger logger)
{
    /// <summary>The parts of the budget, in per cent, at which operators are told.</summary>
    private static readonly int[] Marks = [90, 70, 50];

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, EndpointState> _states = new();

    // Touched by the sending loop only.
    private DateTimeOffset _nextLook;

    private volatile bool _stale;

    /// <summary>Keys of those that nothing is sent to by itself.</summary>
    public IEnumerable<string> DisabledKeys => _states.Values.Where(state => state.DisabledAt is not null).Select(state => state.Key);

    /// <summary>The next look is not put off.</summary>
    public void LookAgain() => _stale = true;

    /// <summary>Looks at what the store knows, where it is time to.</summary>
    /// <returns>Keys of those that an operator has retaken since.</returns>
    public async Task<IReadOnlyList<string>> LookAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        if (!_stale && now < _nextLook) return [];
        _stale = false;
        _nextLook = now + LookEvery;
        var retaken = new List<string>();
        foreach (var state in await store.EndpointsAsync(cancellation))
        {
            if (state.Retaken > (_states.GetValueOrDefault(state.Key)?.Retaken ?? 0)) retaken.Add(state.Key);
            Know(state);
        }
        return retaken;
    }

    /// <summary>Hears how an attempt ended, and stores what follows for the endpoint. The store may be away: then the next attempt tells the same.</summary>
    /// <param name="isPing">It tried whether the endpoint works: where it does, it is enabled, if no operator has disabled it.</param>
    public async Task HearAsync(Subscription subscription, bool isPing, WebhookAnswer answer, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        try
        {
            var known = _states.GetValueOrDefault(subscription.Key) ?? new EndpointState(subscription.Tenant, subscription.Name);
            if (isPing && answer.Delivered && known is { DisabledAt: not null, IsHeld: false })
            {
                if (await store.ReopenAsync(EndpointActs.Reopened(subscription, "its partner sent a test event, and it arrived", now), cancellation)) Enabled(subscription.Key);
                _stale = true;
                return;
            }
            if (After(known, subscription, answer, now) is { } next && !await TellAsync(next, known, subscription, now, cancellation)) _stale = true;
        }
        catch (StoreUnavailableException)
        {
            // Said by who records the attempt, which is stored in the same place.
        }
    }

    /// <summary>What an attempt makes of an endpoint; null where it stays as it is.</summary>
    private static EndpointState? After(EndpointState known, Subscription subscription, WebhookAnswer answer, DateTimeOffset now)
    {
        if (known.DisabledAt is not null) return null;
        if (answer.Delivered) return known.FailingSince is null ? null : known with { FailingSince = null, Warned = 0 };
        var since = known.FailingSince ?? now;
        if (answer.Gone) return known with { FailingSince = since, DisabledAt = now, Reason = "it answered 410: it is gone and asks not to be called again" };
        var spent = (int)Math.Min(100, (now - since) / subscription.Budget * 100);
        // Whom nobody was warned of is not disabled: of one that gets little, the second failure may come after the budget's end.
        if (spent >= 100 && known.Warned > 0) return known with { FailingSince = since, Warned = 100, DisabledAt = now, Reason = string.Create(CultureInfo.InvariantCulture, $"nothing has arrived since {since:yyyy-MM-dd HH:mm} UTC") };
        var mark = Marks.FirstOrDefault(m => spent >= m);
        return known.FailingSince is null || mark > known.Warned ? known with { FailingSince = since, Warned = Math.Max(mark, known.Warned) } : null;
    }

    private async Task<bool> TellAsync(EndpointState next, EndpointState known, Subscription subscription, DateTimeOffset now, CancellationToken cancellation)
    {
        var disabled = next.DisabledAt is not null;
        var happened = disabled ? EndpointActs.Disabled(next, now) : next.Warned > known.Warned ? EndpointActs.Failing(next, now) : null;
        if (!await store.ChangeEndpointAsync(next, disabled ? EndpointActs.DisabledBySelf(next, now) : null, happened, cancellation)) return false;
        Know(next with { Version = next.Version + 1 });
        if (disabled) Disabled(next.Key, next.Reason);
        else if (happened is not null) Failing(next.Key, next.FailingSince, next.Warned, next.FailingSince + subscription.Budget);
        return true;
    }

    /// <summary>A look that was under way while something was written does not undo it.</summary>
    private void Know(EndpointState state)
    {
        if (_states.TryGetValue(state.Key, out var known) && known.Version >= state.Version) return;
        _states.AddOrUpdate(state.Key, state, (_, other) => other.Version > state.Version ? other : state);
        Telemetry.Budget.Record(state.DisabledAt is null ? state.Warned / 100.0 : 1, Telemetry.Endpoint(state.Key));
    }

    [LoggerMessage(30, LogLevel.Warning, "Endpoint {Endpoint} has failed since {Since:O}: {Spent} % of its budget are spent, and it is disabled at {End:O}")]
    private partial void Failing(string endpoint, DateTimeOffset? since, int spent, DateTimeOffset? end);

    [LoggerMessage(34, LogLevel.Information, "Endpoint {Endpoint} is enabled: a test event of its partner has arrived")]
    private partial void Enabled(string endpoint);

    [LoggerMessage(31, LogLevel.Error, "Endpoint {Endpoint} is disabled: {Reason}")]
    private partial void Disabled(string endpoint, string? reason);
}
