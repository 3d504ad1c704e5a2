using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// All subscriptions: those of the Plan that runs now, and those that partners have made themselves, in memory and by tenant and type, so that an event
/// costs what its subscribers cost. In step with the store by the number of the last change that was read; a change that this node makes is taken
/// over at once. A name that the workspace gives away is the workspace's.
/// </summary>
/// <param name="declared">Those of the Plan that runs now; another list where anything in it is another.</param>
/// <param name="isPartner">Whether the Plan knows a partner: who is gone gets nothing more. Null where all are known.</param>
public sealed partial class SubscriptionBook(IStore store, Func<IReadOnlyList<Subscription>> declared, TimeProvider clock, ILogger<SubscriptionBook> log, Func<string, bool>? isPartner = null)
{
    private const int Batch = 1000;

    /// <summary>Failures of one condition are stored and logged once in so long; all are counted.</summary>
    private static readonly TimeSpan TellEvery = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Lock _swap = new();
    private readonly Dictionary<string, (DateTimeOffset ToldAt, long Count)> _troubles = [];
    private State _state = new([], ImmutableDictionary<string, ImmutableDictionary<string, Subscription>>.Empty, ImmutableDictionary<string, TenantPage>.Empty);
    private long _read;

    /// <summary>All that are delivered to, in no order.</summary>
    public IEnumerable<Subscription> All => Current.Pages.Where(p => IsKnown(p.Key)).SelectMany(p => p.Value.All).Select(s => s.Subscription);

    public bool IsEmpty => Current.Pages.IsEmpty;

    public int Count => Current.Count;

    /// <summary>The most deliveries that one of them takes at the same time; 0 where there are none.</summary>
    public int MostConcurrent => Current.MostConcurrent;

    private State Current
    {
        get
        {
            var now = declared();
            var state = Volatile.Read(ref _state);
            if (ReferenceEquals(state.Declared, now)) return state;
            lock (_swap)
            {
                if (!ReferenceEquals(_state.Declared, now)) Volatile.Write(ref _state, _state.With(now));
                return _state;
            }
        }
    }

    /// <summary>Those of a tenant that wait for a type, whatever their conditions say.</summary>
    public IReadOnlyList<Subscriber> Of(string tenant, string type) => Page(tenant)?.Of(type) ?? [];

    public Subscriber? Find(string tenant, string name) => Page(tenant)?.Find(name);

    /// <param name="key">As <see cref="Subscription.Key"/> has it.</param>
    public Subscriber? Find(string key) => key.IndexOf('/', StringComparison.Ordinal) is > 0 and var at ? Find(key[..at], key[(at + 1)..]) : null;

    /// <summary>The same; where it is not known, the store is asked whether somebody has made it meanwhile.</summary>
    /// <exception cref="StoreUnavailableException">Nobody can say whether it is there.</exception>
    public async ValueTask<Subscriber?> FindFreshAsync(string tenant, string name, CancellationToken cancellation)
    {
        if (Find(tenant, name) is { } known) return known;
        await FollowAsync(cancellation);
        return Find(tenant, name);
    }

    /// <summary>Reads what was made, changed and removed since the last time, here or on another node.</summary>
    public async ValueTask FollowAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            while (await store.SubscriptionsChangedAsync(_read, Batch, cancellation) is { Count: > 0 } changed)
            {
                Take(changed);
                _read = changed[^1].Change;
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>A condition could not be judged: counted, logged, and kept with the subscription for its partner to see. The store may be away: then the next one is.</summary>
    public async ValueTask TellTroubleAsync(Subscription subscription, string error, CancellationToken cancellation)
    {
        Telemetry.ConditionFailures.Add(1, new KeyValuePair<string, object?>("endpoint", subscription.Key));
        var (now, count) = (clock.GetUtcNow(), 0L);
        lock (_troubles)
        {
            var known = _troubles.GetValueOrDefault(subscription.Key);
            count = known.Count + 1;
            var tells = count == 1 || now - known.ToldAt >= TellEvery;
            _troubles[subscription.Key] = (tells ? now : known.ToldAt, count);
            if (!tells) return;
        }
        NotJudged(subscription.Key, error);
        if (subscription.Id is not { } id) return;
        try
        {
            await store.NoteTroubleAsync(subscription.Tenant, id, new ConditionTrouble(now, error, count), cancellation);
        }
        catch (StoreUnavailableException)
        {
            // Said in the log.
        }
    }

    private bool IsKnown(string tenant) => isPartner is null || isPartner(tenant);

    private TenantPage? Page(string tenant) => IsKnown(tenant) ? Current.Pages.GetValueOrDefault(tenant) : null;

    private void Take(IReadOnlyList<StoredSubscription> changed)
    {
        lock (_swap)
        {
            var own = _state.Own.ToBuilder();
            foreach (var stored in changed)
            {
                var ofTenant = own.GetValueOrDefault(stored.Tenant) ?? ImmutableDictionary<string, Subscription>.Empty;
                if (stored is { RemovedAt: null, Terms: null }) Unreadable(stored.Id, stored.Tenant);
                // It is another one now: what failed of the old one is over.
                lock (_troubles) _troubles.Remove($"{stored.Tenant}/{stored.Name}");
                own[stored.Tenant] = OwnSubscription.Of(stored) is { } subscription ? ofTenant.SetItem(stored.Id, subscription) : ofTenant.Remove(stored.Id);
            }
            Volatile.Write(ref _state, _state.With(own.ToImmutable(), changed.Select(s => s.Tenant).Distinct()));
        }
    }

    /// <summary>One moment of it all.</summary>
    /// <param name="Own">By tenant and id.</param>
    private sealed record State(
        IReadOnlyList<Subscription> Declared, ImmutableDictionary<string, ImmutableDictionary<string, Subscription>> Own, ImmutableDictionary<string, TenantPage> Pages)
    {
        public int Count { get; private init; }

        public int MostConcurrent { get; private init; }

        private ILookup<string, Subscription> ByTenant { get; init; } = Declared.ToLookup(s => s.Tenant);

        public State With(IReadOnlyList<Subscription> declared)
        {
            var next = new State(declared, Own, Pages);
            return next.WithPages(ByTenant.Concat(next.ByTenant).Select(t => t.Key).Distinct());
        }

        public State With(ImmutableDictionary<string, ImmutableDictionary<string, Subscription>> own, IEnumerable<string> tenants) => (this with { Own = own }).WithPages(tenants);

        private State WithPages(IEnumerable<string> tenants)
        {
            var pages = Pages.ToBuilder();
            foreach (var tenant in tenants)
            {
                var names = ByTenant[tenant].Select(s => s.Name).ToHashSet();
                var own = Own.GetValueOrDefault(tenant)?.Values.Where(s => !names.Contains(s.Name)) ?? [];
                var page = new TenantPage([.. ByTenant[tenant].Concat(own.OrderBy(s => s.Name, StringComparer.Ordinal)).Select(s => new Subscriber(s))]);
                if (page.All.Count > 0) pages[tenant] = page;
                else pages.Remove(tenant);
            }
            return this with { Pages = pages.ToImmutable(), Count = pages.Values.Sum(p => p.All.Count), MostConcurrent = pages.Values.Select(p => p.MostConcurrent).DefaultIfEmpty().Max() };
        }
    }

    /// <summary>The subscriptions of one tenant.</summary>
    private sealed class TenantPage(IReadOnlyList<Subscriber> all)
    {
        private readonly Dictionary<string, Subscriber> _byName = all.ToDictionary(s => s.Subscription.Name);
        private readonly IReadOnlyList<Subscriber> _toAll = [.. all.Where(s => s.Subscription.Types.Contains(Subscription.EveryType))];
        private readonly Dictionary<string, IReadOnlyList<Subscriber>> _byType = all
            .SelectMany(s => s.Subscription.Types.Distinct(), (subscriber, type) => (subscriber, type))
            .GroupBy(w => w.type)
            .ToDictionary(w => w.Key, w => (IReadOnlyList<Subscriber>)[.. all.Where(s => s.Subscription.Wants(w.Key))]);

        public IReadOnlyList<Subscriber> All { get; } = all;

        public int MostConcurrent { get; } = all.Select(s => s.Subscription.Concurrency).DefaultIfEmpty().Max();

        public IReadOnlyList<Subscriber> Of(string type) => _byType.GetValueOrDefault(type) ?? _toAll;

        public Subscriber? Find(string name) => _byName.GetValueOrDefault(name);
    }

    [LoggerMessage(40, LogLevel.Warning, "The condition of the subscription {Endpoint} can't be judged, so the event is not delivered there: {Error}")]
    private partial void NotJudged(string endpoint, string error);

    [LoggerMessage(41, LogLevel.Error, "The subscription {Id} of {Tenant} can't be decrypted, so nothing is delivered to it: its key is missing from the key ring")]
    private partial void Unreadable(string id, string tenant);
}
