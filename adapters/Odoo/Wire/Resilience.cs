using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>
/// When a backend is called again, and when it is left alone. One per backend; all its operations share the circuit.
/// The circuit counts Odoo's faults only: refusals and our own mistakes never open it.
/// </summary>
internal sealed class Resilience
{
    private readonly ResiliencePipeline<OdooReply> _retry;
    private readonly ResiliencePipeline<OdooReply> _circuit;

    /// <param name="circuitMoved">Told when the circuit opens, half opens or closes.</param>
    public Resilience(string backend, OdooOptions options, TimeProvider clock, Action<CircuitState> circuitMoved)
    {
        var tag = new KeyValuePair<string, object?>("backend", backend);
        ValueTask Moved(CircuitState state)
        {
            AdapterTelemetry.Circuit.Record(state switch { CircuitState.Closed => 0, CircuitState.HalfOpen => 1, _ => 2 }, tag);
            circuitMoved(state);
            return ValueTask.CompletedTask;
        }

        var retries = new ResiliencePipelineBuilder<OdooReply> { TimeProvider = clock };
        if (options.Retries > 0)
            retries.AddRetry(new RetryStrategyOptions<OdooReply>
            {
                MaxRetryAttempts = options.Retries,
                Delay = options.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result is { Transient: true }),
                OnRetry = _ => { AdapterTelemetry.Retries.Add(1, tag); return ValueTask.CompletedTask; },
            });
        _retry = retries.Build();

        _circuit = new ResiliencePipelineBuilder<OdooReply> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<OdooReply>
            {
                FailureRatio = options.CircuitFailureRatio,
                MinimumThroughput = options.CircuitMinimumCalls,
                SamplingDuration = options.CircuitWindow,
                BreakDuration = options.CircuitBreak,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result is { BackendFault: true }),
                OnOpened = _ => Moved(CircuitState.Open),
                OnHalfOpened = _ => Moved(CircuitState.HalfOpen),
                OnClosed = _ => Moved(CircuitState.Closed),
            })
            .Build();
    }

    /// <summary>One call through the circuit; NotSent with Retry-After while it is open.</summary>
    public ValueTask<OdooReply> OnceAsync(Func<ValueTask<OdooReply>> call, CancellationToken deadline, CancellationToken caller) =>
        RunAsync(_circuit, call, deadline, caller);

    /// <summary>
    /// Runs it again while the reply is transient and time is left. For reads, and for changes that look first at what is there.
    /// </summary>
    public ValueTask<OdooReply> AgainAsync(Func<ValueTask<OdooReply>> call, CancellationToken deadline, CancellationToken caller) =>
        RunAsync(_retry, call, deadline, caller);

    private static async ValueTask<OdooReply> RunAsync(
        ResiliencePipeline<OdooReply> pipeline, Func<ValueTask<OdooReply>> call, CancellationToken deadline, CancellationToken caller)
    {
        OdooReply? last = null;
        var context = ResilienceContextPool.Shared.Get(deadline);
        try
        {
            var outcome = await pipeline.ExecuteOutcomeAsync(
                async (_, run) => Outcome.FromResult(last = await run()), context, call);
            // A caller that left in the middle of an attempt: what the attempt before it said would be a lie.
            if (outcome.Exception is OperationCanceledException)
                caller.ThrowIfCancellationRequested();
            return outcome.Exception switch
            {
                null => outcome.Result!,
                BrokenCircuitException open => OdooReply.NotSent("circuit open") with { RetryAfter = open.RetryAfter },
                // A call in flight turns the deadline into a reply; here it passed between two attempts, so the last reply stands.
                OperationCanceledException when last is not null => last,
                OperationCanceledException => OdooReply.NotSent("no time left before the call"),
                var e => throw new InvalidOperationException("A call to Odoo threw.", e),
            };
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
