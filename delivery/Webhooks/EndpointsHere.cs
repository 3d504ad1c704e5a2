using Gateway.Delivery.Placement;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// The endpoints that this node sends to, each by an <see cref="EndpointSender"/> of its own, so a dead one waits for itself only. It holds all that there
/// are, until somebody says which (<see cref="Cluster"/>). The store is asked for all of them at once. That two nodes hold one does no harm:
/// each delivery is claimed in the store before it is sent.
/// </summary>
public sealed partial class EndpointsHere : BackgroundService
{
    private const int MostCounted = 10_000;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(30);

    private readonly IStore _store;
    private readonly SubscriptionBook _book;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly StoreWatch _watch;
    private readonly WebhookAttempts _attempts;
    private readonly EndpointBoard _board;
    private readonly Signal _wake;

    // Touched by the sending loop only.
    private readonly Dictionary<string, EndpointSender> _senders = new(StringComparer.Ordinal);
    private DateTimeOffset _nextCount;
    private readonly HashSet<string> _causes = [];

    /// <param name="http">See <see cref="WebhookCall.NewInvoker"/>; it must not follow redirects.</param>
    /// <param name="random">For the jitter of waits.</param>
    /// <param name="retell">What becomes of letters of notices; null where there are none.</param>
    public EndpointsHere(
        IStore store, SubscriptionBook book, HttpMessageInvoker http, TimeProvider clock, Random random, ILogger<EndpointsHere> logger, RetellNotice? retell = null)
    {
        _store = store;
        _book = book;
        _clock = clock;
        _logger = logger;
        _watch = new StoreWatch("Webhook sender", clock, logger);
        _attempts = new WebhookAttempts(store, book, http, clock, random, retell, _watch, logger);
        _board = new EndpointBoard(store, clock, logger);
        _wake = new Signal(clock);
        Held = new Holding<string>(clock);
        Held.More += _wake.Raise;
    }

    /// <summary>Which of the endpoints this node holds, by their keys (<see cref="Subscription.Key"/>).</summary>
    public Holding<string> Held { get; }

    /// <summary>Says that there may be something to send.</summary>
    public void Wake() => _wake.Raise();

    /// <summary>Says that an operator has decided something on this node. It is in the store, where all look once a second; here it is looked for at once.</summary>
    public void Look()
    {
        _board.LookAgain();
        _wake.Raise();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _watch.RepeatAsync(PassAsync, stoppingToken);
        await Task.WhenAll(_senders.Values.Select(s => s.Working));
    }

    /// <summary>Starts what is due and has a place, then sleeps until something ends, is added or falls due.</summary>
    private async Task PassAsync(CancellationToken stopping)
    {
        var woken = _wake.Next;
        var now = _clock.GetUtcNow();
        var held = Held.Now();
        Tidy();
        foreach (var key in await _board.LookAsync(now, stopping)) _senders.GetValueOrDefault(key)?.Retake();
        Telemetry.Endpoints.Record(held?.Count ?? _book.Count);
        var next = held is { Count: 0 } ? null : await SendAsync(held, now, stopping);
        await CountAsync(now, stopping);
        await _wake.WaitAsync(woken, next > now && next - now < LongestSleep ? next.Value - now : LongestSleep, stopping);
    }

    /// <returns>When there is something to do again; null where nobody knows.</returns>
    private async Task<DateTimeOffset?> SendAsync(IReadOnlyList<string>? held, DateTimeOffset now, CancellationToken stopping)
    {
        // What is pending for no subscription is parked, and no state of an endpoint keeps it.
        var closed = _board.DisabledKeys.Where(key => _book.Find(key) is not null).Union(_senders.Where(s => s.Value.IsLeftAlone(now)).Select(s => s.Key)).Where(key => held is null || Held.Holds(key)).ToList();
        var which = new WhichEndpoints { Only = held, Except = closed };
        var most = _book.MostConcurrent is > 0 and var concurrent ? concurrent : EndpointSender.Places;
        foreach (var delivery in await _store.DueAsync(now, most, which, stopping)) Sender(delivery.Endpoint).Send(delivery, _book.Find(delivery.Endpoint)?.Subscription, now, stopping);
        if (closed.Count > 0)
        {
            // Of an endpoint that is open to all, each has its turn like the others.
            foreach (var asked in await _store.AskedAsync(now, closed, stopping)) Sender(asked.Endpoint).SendAsked(asked, stopping);
        }
        var next = await _store.NextDueAsync(which, stopping);
        Telemetry.Lag.Record(next < now ? (now - next.Value).TotalSeconds : 0);
        var free = _senders.Values.Min(s => s.NextFree);
        return free is not null && (next is null || next <= now || free < next) ? free : next;
    }

    private EndpointSender Sender(string key)
    {
        if (!_senders.TryGetValue(key, out var sender)) _senders.Add(key, sender = new EndpointSender(key, _attempts, _board, _clock, _logger, _wake.Raise));
        return sender;
    }

    /// <summary>Gives places free, and forgets those that are no longer of this node or of the workspace.</summary>
    private void Tidy()
    {
        foreach (var (key, sender) in _senders.ToList())
        {
            sender.Tidy();
            if (sender.IsIdle && !(Held.Holds(key) && _book.Find(key) is not null)) _senders.Remove(key);
        }
    }

    private async Task CountAsync(DateTimeOffset now, CancellationToken stopping)
    {
        if (now < _nextCount) return;
        _nextCount = now + CountEvery;
        Telemetry.Backlog.Record((await _store.DeliveriesAsync(DeliveryState.Pending, MostCounted, stopping)).Count);
        var dead = (await _store.CountDeadAsync(new DeadLetterQuery(), stopping)).GroupBy(c => c.Cause).ToDictionary(g => g.Key, g => (long)g.Sum(c => c.Count));
        _causes.UnionWith(dead.Keys);
        // A cause that is gone is told as none, once it was told.
        foreach (var cause in _causes) Telemetry.DeadLetters.Record(dead.GetValueOrDefault(cause), new KeyValuePair<string, object?>("cause", cause));
    }
}
