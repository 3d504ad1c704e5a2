using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Gateway.Adapters.Resilience;

/// <summary>
/// When a backend is called again, and when it is left alone. One per backend; all its operations share the circuit, and what changes something has one
/// more: a backend that answers every question and hangs on every change would be well otherwise. Each attempt has its time, all of them have the
/// operation's, and none begins that has none left.
/// </summary>
/// <typeparam name="TReply">How the adapter tells a call's end.</typeparam>
public sealed class Attempts<TReply>
    where TReply : class, IReply<TReply>
{
    /// <summary>What the circuit of changes is called where circuits are shown.</summary>
    private const string Changes = "changes";

    private static readonly ResiliencePropertyKey<Turn> Current = new("gateway.turn");

    private readonly ResilienceOptions _options;
    private readonly ResiliencePipeline<TReply> _retry;
    private readonly Circuit<TReply> _circuit;
    private readonly Circuit<TReply> _changes;

    /// <param name="circuitMoved">Told when the circuit opens, half opens or closes.</param>
    /// <param name="destination">Whose circuit it is, where a backend has several.</param>
    public Attempts(string backend, ResilienceOptions options, TimeProvider clock, Action<CircuitPosition> circuitMoved, string destination = "")
    {
        _options = options;
        _circuit = new Circuit<TReply>(backend, destination, options.Circuit, clock, reply => reply.BackendFault, circuitMoved);
        _changes = new Circuit<TReply>(backend, destination.Length == 0 ? Changes : $"{destination}, {Changes}", options.Circuit, clock, reply => reply.BackendFault, circuitMoved);
        var tag = new KeyValuePair<string, object?>("backend", backend);
        var retries = new ResiliencePipelineBuilder<TReply> { TimeProvider = clock };
        if (options.Retries > 0)
            retries.AddRetry(new RetryStrategyOptions<TReply>
            {
                MaxRetryAttempts = options.Retries,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result is { Transient: true } && TurnOf(arguments.Context).HasTimeFor(arguments.AttemptNumber)),
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(TurnOf(arguments.Context).Wait),
                OnRetry = _ => { AdapterTelemetry.Retries.Add(1, tag); return ValueTask.CompletedTask; },
            });
        _retry = retries.Build();
    }

    /// <summary>How the circuits stand: that of all calls, and that of changes where it is not closed.</summary>
    public IReadOnlyList<CircuitReport> Circuits => _changes.Report is { Position: not CircuitPosition.Closed } changes ? [_circuit.Report, changes] : [_circuit.Report];

    /// <summary>One call through the circuit, within the time of one attempt; not sent, with when to come again, while it is open.</summary>
    /// <param name="call">Ends when its token says so. What it throws for that is <see cref="IReply{TSelf}.CutOff"/>, for it may have arrived; a call that knows better replies.</param>
    /// <param name="effect">What it does there.</param>
    public async ValueTask<TReply> OnceAsync(Func<CancellationToken, ValueTask<TReply>> call, Deadline deadline, Effect effect = Effect.Reads)
    {
        if (deadline.Left <= TimeSpan.Zero)
        {
            deadline.Caller.ThrowIfCancellationRequested();
            return TReply.NotSent("no time left before the call", null);
        }
        using var attempt = deadline.Begin(_options.Attempt);
        var work = (_circuit, call, attempt.Token, deadline);
        var outcome = effect == Effect.Reads ? await AskAsync(work) : await _changes.RunAsync(ChangeAsync, work, deadline.Token);
        return ReplyOf(outcome, null, deadline);

        static async ValueTask<TReply> ChangeAsync((Circuit<TReply> Circuit, Func<CancellationToken, ValueTask<TReply>> Call, CancellationToken Attempt, Deadline Deadline) work)
        {
            var asked = await AskAsync(work);
            asked.ThrowIfException();
            return asked.Result!;
        }

        static ValueTask<Outcome<TReply>> AskAsync((Circuit<TReply> Circuit, Func<CancellationToken, ValueTask<TReply>> Call, CancellationToken Attempt, Deadline Deadline) work) =>
            work.Circuit.RunAsync(static one => CutOffAsync(one.Call, one.Attempt, one.Deadline.Caller), work, work.Deadline.Token);
    }

    /// <summary>Runs it again while the reply is transient and time is left. For reads, and for changes that look first at what is there.</summary>
    public async ValueTask<TReply> AgainAsync(Func<ValueTask<TReply>> call, Deadline deadline)
    {
        var turn = new Turn(deadline, _options.RetryDelay);
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, deadline.Token);
        context.Properties.Set(Current, turn);
        try
        {
            TReply? last = null;
            var outcome = await _retry.ExecuteOutcomeAsync(async (_, run) => Outcome.FromResult(last = await run()), context, call);
            return ReplyOf(outcome, last, deadline);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static async ValueTask<TReply> CutOffAsync(Func<CancellationToken, ValueTask<TReply>> call, CancellationToken attempt, CancellationToken caller)
    {
        try
        {
            return await call(attempt);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return TReply.CutOff("no answer in time");
        }
    }

    /// <summary>A caller that left is thrown: what the attempt before said would be a lie. Where time ran out between two attempts, the last reply stands.</summary>
    private static TReply ReplyOf(Outcome<TReply> outcome, TReply? last, Deadline deadline)
    {
        if (outcome.Exception is OperationCanceledException) deadline.Caller.ThrowIfCancellationRequested();
        return outcome.Exception switch
        {
            null => outcome.Result!,
            BrokenCircuitException open => TReply.NotSent("circuit open", open.RetryAfter),
            OperationCanceledException => last ?? TReply.NotSent("no time left before the call", null),
            var mistake => throw new InvalidOperationException("A call to a backend threw.", mistake),
        };
    }

    private static Turn TurnOf(ResilienceContext context) => context.Properties.TryGetValue(Current, out var turn) ? turn : throw new InvalidOperationException();

    /// <summary>The retries of one operation.</summary>
    private sealed class Turn(Deadline deadline, TimeSpan delay)
    {
        /// <summary>Before the next attempt.</summary>
        public TimeSpan Wait { get; private set; }

        /// <summary>Whether there is time left behind the wait; nobody waits for what can't be sent any more.</summary>
        public bool HasTimeFor(int attempt)
        {
            Wait = delay * Math.Pow(2, attempt) * (1 + Random.Shared.NextDouble());
            return deadline.Left > Wait;
        }
    }
}
