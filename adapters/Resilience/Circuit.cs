using Polly;
using Polly.CircuitBreaker;

namespace Gateway.Adapters.Resilience;

/// <summary>
/// Leaves a backend alone that fails by its own fault: so many of the calls of a while, and nothing passes for a time; then one call tries. One for each
/// backend, or each of its destinations.
/// </summary>
/// <typeparam name="TReply">How a call ended.</typeparam>
public sealed class Circuit<TReply>
    where TReply : class
{
    private readonly ResiliencePipeline<TReply> _pipeline;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly TimeProvider _clock;
    private readonly TimeSpan _break;
    private readonly string _destination;
    private long _openedAt;
    private long _movedAt;

    /// <param name="destination">Name of the backend's destination; empty where it has one address.</param>
    /// <param name="isFault">Whether a call failed by the backend's own fault.</param>
    /// <param name="moved">Told when it opens, half opens or closes.</param>
    public Circuit(string backend, string destination, CircuitOptions options, TimeProvider clock, Func<TReply, bool> isFault, Action<CircuitPosition> moved)
    {
        (_clock, _break, _destination) = (clock, options.Break, destination);
        KeyValuePair<string, object?>[] tags = destination.Length == 0 ? [new("backend", backend)] : [new("backend", backend), new("destination", destination)];
        ValueTask Move(CircuitPosition position)
        {
            if (position == CircuitPosition.Open) Volatile.Write(ref _openedAt, clock.GetTimestamp());
            Volatile.Write(ref _movedAt, clock.GetUtcNow().UtcTicks);
            AdapterTelemetry.Circuit.Record((int)position, tags);
            moved(position);
            return ValueTask.CompletedTask;
        }

        _pipeline = new ResiliencePipelineBuilder<TReply> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<TReply>
            {
                FailureRatio = options.FailureRatio,
                MinimumThroughput = options.MinimumCalls,
                SamplingDuration = options.Window,
                BreakDuration = options.Break,
                StateProvider = _state,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result is not { } reply || isFault(reply)),
                OnOpened = _ => Move(CircuitPosition.Open),
                OnHalfOpened = _ => Move(CircuitPosition.HalfOpen),
                OnClosed = _ => Move(CircuitPosition.Closed),
            })
            .Build();
    }

    /// <summary>How it stands. An open one whose time is over stays open until a call tries.</summary>
    public CircuitReport Report
    {
        get
        {
            var position = _state.CircuitState switch
            {
                CircuitState.Closed => CircuitPosition.Closed,
                CircuitState.HalfOpen => CircuitPosition.HalfOpen,
                _ => CircuitPosition.Open,
            };
            return new CircuitReport(_destination, position, position == CircuitPosition.Open && OpenFor is var left && left > TimeSpan.Zero ? left : null, Since);
        }
    }

    /// <summary>Whether one call tries if it answers again, and all others are turned away.</summary>
    public bool IsTried => _state.CircuitState == CircuitState.HalfOpen;

    /// <summary>Whether a call may be worth trying; one that tries beside another may still be turned away.</summary>
    public bool MayPass => _state.CircuitState is CircuitState.Closed || (_state.CircuitState is CircuitState.Open && OpenFor <= TimeSpan.Zero);

    private DateTimeOffset? Since => Volatile.Read(ref _movedAt) is var moved and not 0 ? new DateTimeOffset(moved, TimeSpan.Zero) : null;

    private TimeSpan OpenFor => _break - _clock.GetElapsedTime(Volatile.Read(ref _openedAt));

    /// <summary>One call: what it ended with, <see cref="BrokenCircuitException"/> where it was turned away, or its own cancellation.</summary>
    public async ValueTask<Outcome<TReply>> RunAsync<TState>(Func<TState, ValueTask<TReply>> call, TState state, CancellationToken cancellation)
    {
        var end = new TaskCompletionSource<Outcome<TReply>>();
        _ = PassAsync(call, state, end, cancellation);
        return await end.Task;
    }

    private async Task PassAsync<TState>(Func<TState, ValueTask<TReply>> call, TState state, TaskCompletionSource<Outcome<TReply>> end, CancellationToken cancellation)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellation);
        try
        {
            end.TrySetResult(await _pipeline.ExecuteOutcomeAsync(
                static async (_, work) => await work.Circuit.CountedAsync(await OutcomeOf(work.Call, work.State), work.End), context, (Circuit: this, Call: call, State: state, End: end)));
        }
        catch (Exception mistake)
        {
            end.TrySetException(mistake);
        }
        ResilienceContextPool.Shared.Return(context);
    }

    /// <summary>
    /// A caller that left, or a call that never left us, says nothing of the backend: neither that it answers nor that it does not. Polly counts what ends,
    /// so as far as it can see such a call never does; nothing holds what waits for it. Only who tried whether the backend is back has to have an end.
    /// </summary>
    private ValueTask<Outcome<TReply>> CountedAsync(Outcome<TReply> outcome, TaskCompletionSource<Outcome<TReply>> end)
    {
        if (outcome.Exception is null || _state.CircuitState == CircuitState.HalfOpen) return ValueTask.FromResult(outcome);
        var never = new TaskCompletionSource<Outcome<TReply>>();
        end.TrySetResult(outcome);
        return new ValueTask<Outcome<TReply>>(never.Task);
    }

    /// <summary>Cancellation is told as what it is, so that the circuit hears of it; any other exception is a mistake of the adapter's.</summary>
    private static async ValueTask<Outcome<TReply>> OutcomeOf<TState>(Func<TState, ValueTask<TReply>> call, TState state)
    {
        try
        {
            return Outcome.FromResult(await call(state));
        }
        catch (Exception thrown)
        {
            return Outcome.FromException<TReply>(thrown);
        }
    }
}
