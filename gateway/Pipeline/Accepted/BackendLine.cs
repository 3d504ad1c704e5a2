using Gateway.Delivery;
using Gateway.Pipeline.Backends;

namespace Gateway.Pipeline.Accepted;

/// <summary>Whose line it is: a backend's; of one whose partners have endpoints, one partner's.</summary>
internal readonly record struct LineName(string Backend, string? Partner)
{
    public override string ToString() => Partner is null ? Backend : $"{Backend} for {Partner}";
}

/// <summary>
/// What was accepted for a backend, or for one partner's endpoint, sent from this node: most urgent first, each lane in its order. First a turn at the
/// gate, however long that takes, then whatever is most urgent by then. While nothing can be sent one at a time is tried, with growing pauses.
/// </summary>
internal sealed partial class BackendLine(LineName name, Sending sending, CurrentPlan plans, IStore store, TimeProvider clock, ILogger log)
{
    /// <summary>Calls at the same time, from this node.</summary>
    private const int AtOnce = 4;

    /// <summary>Who is looked at for a turn: some may be another's by then.</summary>
    private const int Page = 2 * AtOnce;

    /// <summary>Every so many turns what waits by itself comes first, so that neither keeps the other from going.</summary>
    private const uint OneOf = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _first = new(1);
    private int _working;
    private uint _turns;

    public LineName Name => name;

    public Rest Rest { get; } = new();

    /// <summary>Nobody sends from it, and nothing is known of it that would be lost.</summary>
    public bool IsIdle => Volatile.Read(ref _working) == 0 && Rest.Failures == 0;

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Sends what can be sent now, with those that are at it already; completes when who began here finds nothing more.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (Now < Rest.Until || Volatile.Read(ref _working) >= Most || (await NextAsync(cancellation)).Count == 0) return;
        var workers = new List<Task>();
        // Counted: one that ends at once, for the gateway stops just now, leaves its place to the next, which would do the same for ever.
        while (workers.Count < AtOnce && TryBegin()) workers.Add(WorkAsync(cancellation));
        await Task.WhenAll(workers);
    }

    /// <summary>One finds out for all whether the backend is back.</summary>
    private int Most => Rest.Failures > 0 ? 1 : AtOnce;

    private bool TryBegin()
    {
        if (Interlocked.Increment(ref _working) <= Most) return true;
        Interlocked.Decrement(ref _working);
        return false;
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        try
        {
            while (!cancellation.IsCancellationRequested && Now >= Rest.Until && await TakeAsync(cancellation))
            {
            }
        }
        finally
        {
            Interlocked.Decrement(ref _working);
        }
    }

    /// <summary>True when it is worth to go on.</summary>
    private async Task<bool> TakeAsync(CancellationToken cancellation)
    {
        var (begun, gate, goesOn) = await BeginAsync(cancellation);
        try
        {
            if (begun is null) return goesOn;
            var (went, result) = await sending.CallAsync(begun, isItsOwn: Rest.WasPassedOver(begun.Intent.Id));
            if (went == Went.Off) Back();
            if (went is Went.Down) Down(begun.Intent.Id, result);
            // What is sent next would be cut off as well, and then be settled out of its place.
            if (went is Went.Cut) Down(intent: null, result);
            return went is not (Went.Down or Went.Cut);
        }
        finally
        {
            gate?.Leave();
        }
    }

    /// <summary>One at a time comes to the gate, so that no turn is taken for what another has in hand.</summary>
    /// <returns>What is to be called, and the gate that is to be left behind it; or whether it is worth to go on.</returns>
    private async Task<(Begun? Begun, BackendGate? Gate, bool GoesOn)> BeginAsync(CancellationToken cancellation)
    {
        await _first.WaitAsync(cancellation);
        BackendGate? entered = null;
        Begun? begun = null;
        try
        {
            var next = await NextAsync(cancellation);
            if (next.Count > 0 && sending.CostOf(next[0]) is > 0 and var cost && plans.Current.Backends.GetValueOrDefault(name.Backend) is GatedBackend gated && gated.Gates.For(name.Partner) is { } gate)
            {
                if (await gate.EnterAsync(BackendGate.Accepted, cost, goesFirst: false, cancellation, Patience) is not null) return default;
                entered = gate;
                // Something more urgent may have come meanwhile.
                next = await NextAsync(cancellation);
            }
            if (Now < Rest.Until) return default;
            (begun, var went) = await BeginAsync(next);
            return (begun, begun is null ? null : entered, went == Went.ByItself);
        }
        finally
        {
            if (begun is null) entered?.Leave();
            _first.Release();
        }
    }

    private async Task<(Begun? Begun, Went Went)> BeginAsync(IReadOnlyList<Intent> next)
    {
        Interlocked.Increment(ref _turns);
        // What failed last may be what keeps itself: another finds that out.
        foreach (var intent in next.OrderBy(i => i.Id == Rest.Last))
        {
            if (await sending.BeginAsync(intent) is var (begun, went) && (begun is not null || went != Went.Elsewhere)) return (begun, went);
        }
        return (null, Went.Elsewhere);
    }

    private async Task<IReadOnlyList<Intent>> NextAsync(CancellationToken cancellation)
    {
        var (first, then) = Volatile.Read(ref _turns) % OneOf == OneOf - 1 ? (Waiting.ByItself, Waiting.InLine) : (Waiting.InLine, Waiting.ByItself);
        var next = await store.WaitingAsync(name.Backend, name.Partner, first, Page, cancellation);
        return next.Count > 0 ? next : await store.WaitingAsync(name.Backend, name.Partner, then, Page, cancellation);
    }

    private void Down(string? intent, OperationResult result)
    {
        // Of several under way one tells.
        if (Now < Rest.Until) return;
        var pause = Rest.Down(Now, intent, result.Reason ?? result.Detail, result.RetryAfter);
        if (Rest.Failures == 1) Waits(name, result.Reason ?? result.Detail, pause.TotalSeconds);
    }

    private void Back()
    {
        if (Rest.Failures > 0) GoesOn(name);
        Rest.Back();
    }

    [LoggerMessage(1, LogLevel.Warning, "Nothing can be sent to {Line}: {Reason}; what was accepted for it waits, {Seconds:0.0} s for the first time")]
    private partial void Waits(LineName line, string reason, double seconds);

    [LoggerMessage(2, LogLevel.Information, "{Line} takes calls again; what was accepted for it is forwarded")]
    private partial void GoesOn(LineName line);
}
