using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// How the endpoints do: which are disabled, whose circuit is open, who may be sent something now, and what of its budget each has spent. What the
/// nodes must agree about is in the store (<see cref="IEndpointStore"/>) and looked at once a second; circuits and rates are this node's own.
/// </summary>
internal sealed partial class EndpointBoard(IStore store, TimeProvider clock, ILogger logger)
{
    /// <summary>The parts of the budget, in per cent, at which operators are told.</summary>
    private static readonly int[] Marks = [90, 70, 50];

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, EndpointCircuit> _circuits = new();
    private readonly ConcurrentDictionary<string, EndpointState> _states = new();

    // Touched by the sending loop only.
    private readonly Dictionary<string, EndpointRate> _rates = [];
    private DateTimeOffset _nextLook;

    private volatile bool _stale;

    /// <summary>When an endpoint that has used up its rate may be sent something again; null where none has.</summary>
    public DateTimeOffset? NextFree { get; private set; }

    /// <summary>An operator has enabled an endpoint or had it replayed: it is looked at anew, and its circuit is closed.</summary>
    public void Forget(string key)
    {
        _circuits.TryRemove(key, out _);
        _stale = true;
    }

    /// <summary>Looks at what the store knows, and says which endpoints nothing is sent to now.</summary>
    /// <param name="subscriptions">What is pending for others is parked, and no state of theirs keeps it.</param>
    public async Task<IReadOnlyList<string>> ClosedAsync(IReadOnlyList<Subscription> subscriptions, DateTimeOffset now, CancellationToken cancellation)
    {
        if (_stale || now >= _nextLook)
        {
            _stale = false;
            _nextLook = now + LookEvery;
            foreach (var state in await store.EndpointsAsync(cancellation)) Know(state);
        }
        NextFree = null;
        var disabled = _states.Values.Where(state => state.DisabledAt is not null && subscriptions.Any(s => s.Tenant == state.Tenant && s.Name == state.Name));
        return [.. disabled.Select(s => s.Key).Union(_circuits.Where(c => c.Value.IsOpen(now)).Select(c => c.Key))];
    }

    /// <summary>Takes a place for one more delivery; false where there is none now.</summary>
    /// <param name="working">How many of its deliveries are under way.</param>
    public bool TryTake(Subscription subscription, int working, DateTimeOffset now)
    {
        var most = _circuits.TryGetValue(subscription.Key, out var circuit) && circuit.IsOnTrial ? 1 : subscription.Concurrency;
        if (working >= most) return false;
        if (subscription.Rate is not { } rate) return true;
        if (!_rates.TryGetValue(subscription.Key, out var taken)) _rates.Add(subscription.Key, taken = new EndpointRate());
        if (taken.TryTake(rate, now, out var next)) return true;
        if (NextFree is null || next < NextFree) NextFree = next;
        return false;
    }

    /// <summary>Hears how an attempt ended, and stores what follows for the endpoint. The store may be away: then the next attempt tells the same.</summary>
    public async Task HearAsync(Subscription subscription, WebhookAnswer answer, CancellationToken cancellation)
    {
        var (key, now) = (subscription.Key, clock.GetUtcNow());
        if (_circuits.GetOrAdd(key, _ => new EndpointCircuit()).Hear(answer.IsOutage, now))
        {
            Telemetry.Circuit.Record(answer.IsOutage ? 1 : 0, Tag(key));
            if (answer.IsOutage) Opened(key, EndpointCircuit.Failures, answer.Error);
            else Closed(key);
        }
        try
        {
            var known = _states.GetValueOrDefault(key) ?? new EndpointState(subscription.Tenant, subscription.Name);
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
        Telemetry.Budget.Record(state.DisabledAt is null ? state.Warned / 100.0 : 1, Tag(state.Key));
    }

    private static KeyValuePair<string, object?> Tag(string key) => new("endpoint", key);

    [LoggerMessage(30, LogLevel.Warning, "Endpoint {Endpoint} has failed since {Since:O}: {Spent} % of its budget are spent, and it is disabled at {End:O}")]
    private partial void Failing(string endpoint, DateTimeOffset? since, int spent, DateTimeOffset? end);

    [LoggerMessage(31, LogLevel.Error, "Endpoint {Endpoint} is disabled: {Reason}")]
    private partial void Disabled(string endpoint, string? reason);

    [LoggerMessage(32, LogLevel.Warning, "Endpoint {Endpoint} is left alone for a while after {Failures} failures: {Error}")]
    private partial void Opened(string endpoint, int failures, string? error);

    [LoggerMessage(33, LogLevel.Information, "Endpoint {Endpoint} answers again")]
    private partial void Closed(string endpoint);
}
