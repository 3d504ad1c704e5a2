using System.Runtime.ExceptionServices;
using Gateway.Adapters;
using Gateway.Adapters.Resilience;
using Polly.CircuitBreaker;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Gateway.Pipeline.Backends;

/// <summary>
/// Sends the forwarded requests of one backend: to one of its destinations, through that one's circuit, and again where that is safe and time is left.
/// Outlives reloads that leave all of it as it is.
/// </summary>
internal sealed partial class Spread
{
    /// <summary>What a backend without a declared circuit has: its requests are sent once, and a destination that fails is passed over for a while.</summary>
    private static readonly ResilienceOptions Once = new() { Retries = 0 };

    private readonly string _backend;
    private readonly ForwardAddress _address;
    private readonly ResilienceOptions _resilience;
    private readonly TimeProvider _clock;
    private readonly DestinationChoice _choice;
    private readonly Dictionary<string, Circuit<ForwardEnd>> _circuits;

    public Spread(string backend, ForwardAddress address, TimeProvider clock, ILogger log)
    {
        (_backend, _address, _clock, _resilience, _choice) = (backend, address, clock, address.Resilience ?? Once, new DestinationChoice(address));
        var several = address.Destinations.Count > 1 || address.Canary is not null;
        _circuits = address.Destinations.Keys.Concat(address.Canary is null ? [] : [ForwardAddress.CanaryName]).ToDictionary(name => name, name =>
            new Circuit<ForwardEnd>(backend, several ? name : "", _resilience.Circuit, clock, end => end.IsFault, position => CircuitMoved(log, backend, name, position)));
    }

    public IReadOnlyList<CircuitReport> Circuits => [.. _circuits.Values.Select(c => c.Report)];

    /// <summary>What must be the same for it to go on over a reload.</summary>
    public static string KeyOf(string backend, ForwardAddress address) =>
        $"spread/{backend}/{address.Timeout}/{string.Join(' ', address.Destinations.Select(d => $"{d.Key}={d.Value}"))}/{address.Balance}/{address.Affinity}/{address.Canary?.Url} {address.Canary?.Percent} {string.Join(' ', address.Canary?.Partners ?? [])}/{address.Resilience}";

    /// <summary>In place of YARP's own way to the one destination.</summary>
    public async ValueTask SendAsync(Exchange exchange)
    {
        var (began, available) = (_clock.GetTimestamp(), exchange.Http.GetReverseProxyFeature().AvailableDestinations);
        var failed = new List<DestinationState>();
        for (var attempt = 0; ; attempt++)
        {
            if (await SendOnceAsync(exchange, available, failed, began) is not { } end) return;
            if (!end.MayGoAgain || attempt == _resilience.Retries || !Targets.IsRepeatable(exchange.Http)) return;
            var wait = _resilience.RetryDelay * Math.Pow(2, attempt) * (1 + Random.Shared.NextDouble());
            // Another destination need not be given time.
            if (available.Any(d => d.DestinationId != ForwardAddress.CanaryName && !failed.Contains(d))) wait = TimeSpan.Zero;
            if (wait + (_resilience.Attempt ?? TimeSpan.Zero) > _address.Timeout - _clock.GetElapsedTime(began)) return;
            await Task.Delay(wait, _clock, exchange.Aborted);
            Forget(exchange);
            AdapterTelemetry.Retries.Add(1, new KeyValuePair<string, object?>("backend", _backend));
        }
    }

    /// <summary>One attempt at a destination whose circuit lets it pass; null where there is none, or the caller has left.</summary>
    private async ValueTask<ForwardEnd?> SendOnceAsync(Exchange exchange, IReadOnlyList<DestinationState> available, List<DestinationState> failed, long began)
    {
        var away = new HashSet<DestinationState>();
        while (_choice.Of(exchange, [.. available.Where(d => !away.Contains(d) && _circuits[d.DestinationId].MayPass)], failed) is { } chosen)
        {
            exchange.Http.GetReverseProxyFeature().AvailableDestinations = chosen;
            if (_resilience.TimeLeftHeader is { } told) exchange.Http.Request.Headers[told] = TimeLeft.Text(_address.Timeout - _clock.GetElapsedTime(began));
            var forwarding = new Forwarding(exchange, _circuits[chosen.DestinationId]);
            var outcome = await forwarding.Circuit.RunAsync(static one => one.RunAsync(), forwarding, exchange.Aborted);
            switch (outcome.Exception)
            {
                case null:
                    await forwarding.Rest;
                    failed.Add(chosen);
                    return outcome.Result;
                case BrokenCircuitException:
                    // Somebody else tries this one right now.
                    away.Add(chosen);
                    continue;
                case OperationCanceledException:
                    return null;
                default:
                    ExceptionDispatchInfo.Throw(outcome.Exception);
                    return null;
            }
        }
        exchange.Refusal = Unavailable(available);
        return null;
    }

    /// <summary>One attempt, as the circuit sees it.</summary>
    private sealed class Forwarding(Exchange exchange, Circuit<ForwardEnd> circuit)
    {
        public Circuit<ForwardEnd> Circuit { get; } = circuit;

        /// <summary>What goes on behind the attempt's end.</summary>
        public Task Rest { get; private set; } = Task.CompletedTask;

        /// <summary>The one that tries whether a destination answers keeps all others waiting: it ends with the head of a good answer, and not when its caller has read all of it.</summary>
        public async ValueTask<ForwardEnd> RunAsync()
        {
            var head = Circuit.IsTried ? ForwardHead.Of(exchange.Http) : null;
            var forward = exchange.Forward!(exchange.Http);
            if (head is not null && await Task.WhenAny(forward, head.Status) == head.Status && !ForwardEnd.IsBad(await head.Status))
            {
                Rest = forward;
                return ForwardEnd.Fine;
            }
            await forward;
            exchange.Aborted.ThrowIfCancellationRequested();
            return ForwardEnd.Of(exchange.Http);
        }
    }

    private Refusal Unavailable(IReadOnlyList<DestinationState> available)
    {
        var again = available.Count == 0 ? _address.Health?.Interval : available.Min(d => _circuits[d.DestinationId].Report.OpenFor ?? _resilience.RetryDelay);
        return new Refusal(Failure.BackendUnavailable, "The backend is not available. Nothing was done; send the request again.")
        {
            Reason = available.Count == 0 ? "no destination is well" : "circuit open",
            RetryAfter = again,
        };
    }

    /// <summary>What an attempt has left behind before the next one.</summary>
    private static void Forget(Exchange exchange)
    {
        exchange.Refusal = null;
        exchange.Http.Features.Set<IForwarderErrorFeature>(null);
        AnswerCapture.End(exchange.Http);
        exchange.Http.Features.Set<AnswerCapture>(null);
        exchange.Http.Response.Clear();
    }

    private static void CircuitMoved(ILogger log, string backend, string destination, CircuitPosition position)
    {
        if (position == CircuitPosition.Closed) Answers(log, backend, destination);
        else Moved(log, backend, destination, position);
    }

    [LoggerMessage(1, LogLevel.Warning, "Circuit of backend {Backend}, destination {Destination}, is {Position}")]
    private static partial void Moved(ILogger log, string backend, string destination, CircuitPosition position);

    [LoggerMessage(2, LogLevel.Information, "Circuit of backend {Backend}, destination {Destination}, is closed: it answers again")]
    private static partial void Answers(ILogger log, string backend, string destination);
}
