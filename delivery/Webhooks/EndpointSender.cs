using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// Sends what is due for one endpoint: so many at the same time, so many in a window, nothing while its circuit is open, and never one twice at the same
/// time. What is under way comes to its end, also where another node has the endpoint meanwhile. Used by the loop of <see cref="EndpointsHere"/> alone.
/// </summary>
/// <param name="key">Of the endpoint, as <see cref="Subscription.Key"/> has it.</param>
/// <param name="done">Called when an attempt has ended, from wherever that was.</param>
internal sealed partial class EndpointSender(string key, WebhookAttempts attempts, EndpointBoard board, TimeProvider clock, ILogger logger, Action done)
{
    /// <summary>Deliveries at work at the same time, where the subscription does not say.</summary>
    public const int Places = 4;

    private readonly Dictionary<string, Task> _working = [];
    private readonly EndpointRate _rate = new();
    private volatile EndpointCircuit _circuit = new();

    /// <summary>When it may be sent something again, where its rate is used up and something waits; else null.</summary>
    public DateTimeOffset? NextFree { get; private set; }

    /// <summary>Completes when what is under way has ended.</summary>
    public Task Working => Task.WhenAll(_working.Values);

    /// <summary>Nothing is under way.</summary>
    public bool IsIdle => _working.Count == 0;

    /// <summary>Whether it is left alone now, after failures.</summary>
    public bool IsLeftAlone(DateTimeOffset now) => _circuit.IsOpen(now);

    /// <summary>Nothing of before keeps it back.</summary>
    public void Retake() => _circuit = new EndpointCircuit();

    /// <summary>Gives free the places of what has ended.</summary>
    public void Tidy()
    {
        NextFree = null;
        foreach (var (id, _) in _working.Where(w => w.Value.IsCompleted).ToList()) _working.Remove(id);
    }

    /// <summary>Starts a due delivery, where it has a place now.</summary>
    /// <param name="subscription">What it allows; null where nobody here knows it.</param>
    public void Send(EventDelivery delivery, Subscription? subscription, DateTimeOffset now, CancellationToken stopping)
    {
        if (!_working.ContainsKey(delivery.Id) && TryTake(subscription, now)) Start(delivery, stopping);
    }

    /// <summary>Starts one that an operator has asked for, whatever is with the endpoint.</summary>
    public void SendAsked(EventDelivery delivery, CancellationToken stopping)
    {
        if (!_working.ContainsKey(delivery.Id)) Start(delivery, stopping);
    }

    private bool TryTake(Subscription? subscription, DateTimeOffset now)
    {
        var most = _circuit.IsOnTrial ? 1 : subscription?.Concurrency ?? Places;
        if (_working.Count >= most) return false;
        if (subscription?.Rate is not { } rate || _rate.TryTake(rate, now, out var next)) return true;
        NextFree = next;
        return false;
    }

    /// <summary>On the pool: the loop must not wait for the start of a POST either.</summary>
    private void Start(EventDelivery delivery, CancellationToken stopping) => _working.Add(delivery.Id, Task.Run(async () =>
    {
        try
        {
            await attempts.MakeAsync(delivery, (subscription, told, answer) => HearAsync(subscription, told.Event.Type == PingEvent.Type, answer, stopping), stopping);
        }
        finally
        {
            done();
        }
    }, CancellationToken.None));

    private async Task HearAsync(Subscription subscription, bool isPing, WebhookAnswer answer, CancellationToken stopping)
    {
        if (_circuit.Hear(answer.IsOutage, clock.GetUtcNow()))
        {
            Telemetry.Circuit.Record(answer.IsOutage ? 1 : 0, Telemetry.Endpoint(key));
            if (answer.IsOutage) Opened(key, EndpointCircuit.Failures, answer.Error);
            else Closed(key);
        }
        await board.HearAsync(subscription, isPing, answer, stopping);
    }

    [LoggerMessage(32, LogLevel.Warning, "Endpoint {Endpoint} is left alone for a while after {Failures} failures: {Error}")]
    private partial void Opened(string endpoint, int failures, string? error);

    [LoggerMessage(33, LogLevel.Information, "Endpoint {Endpoint} answers again")]
    private partial void Closed(string endpoint);
}
