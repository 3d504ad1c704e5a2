using System.Collections.Concurrent;

namespace Gateway.Pipeline.Accepted;

/// <summary>
/// Sends what was accepted to its backends, each from a line of its own (<see cref="BackendLine"/>): none holds up another. What was not sent waits on; what was
/// sent and cut off is settled by <see cref="Recovery"/>, as any other work. Reads some of a line at a time, however long that is.
/// </summary>
public sealed partial class Forwarding(CurrentPlan plans, IStore store, WorkAtHand work, Sending sending, TimeProvider clock, ILogger<Forwarding> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<LineName, BackendLine> _lines = new();
    private IReadOnlyList<LineCount> _counts = [];
    private DateTimeOffset _countAt;

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Where this node can send nothing now: to which backend, of which partner's endpoint, since when, and why.</summary>
    public IEnumerable<LineTrouble> Troubles => _lines.Values
        .Where(l => l.Rest.Trouble is not null)
        .Select(l => new LineTrouble(l.Name.Backend, l.Name.Partner, l.Rest.Trouble!.Value.Since, l.Rest.Trouble.Value.Reason));

    /// <summary>Forwards once what can be forwarded now.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        await CountAsync(cancellation);
        foreach (var backend in Backends()) await Task.WhenAll((await LinesAsync(backend, cancellation)).Select(line => line.RunAsync(cancellation)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new List<Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            await TryAsync(async () =>
            {
                await CountAsync(stoppingToken);
                // What takes long holds up no other.
                foreach (var backend in Backends())
                    running.AddRange((await LinesAsync(backend, stoppingToken)).Select(line => TryAsync(() => line.RunAsync(stoppingToken), line.Name.ToString(), stoppingToken)));
            }, "all backends", stoppingToken);
            running.RemoveAll(r => r.IsCompleted);
            await work.Accepted.WaitAsync(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await Task.WhenAll(running);
    }

    /// <summary>Those that routes accept for, and those that something waits for, though no route accepts any more.</summary>
    private IEnumerable<string> Backends() => plans.Current.Routes.Select(r => r.Target).OfType<PlanTarget.Call>().Where(c => c.Accepting is not null).Select(c => c.Operation.Backend)
        .Union(Volatile.Read(ref _counts).Where(l => l.Waiting > 0).Select(l => l.Backend));

    /// <summary>One, or where each partner has an endpoint, one for each that something waits for.</summary>
    private async ValueTask<IEnumerable<BackendLine>> LinesAsync(string backend, CancellationToken cancellation)
    {
        if (plans.Current.Backends.GetValueOrDefault(backend) is not { TakesEndpoints: true }) return [Line(new LineName(backend, null))];
        var partners = await store.WaitingTenantsAsync(backend, cancellation);
        foreach (var (name, line) in _lines.Where(l => l.Key.Backend == backend && l.Value.IsIdle && !partners.Contains(l.Key.Partner))) _lines.TryRemove(new(name, line));
        return partners.Select(partner => Line(new LineName(backend, partner)));
    }

    private BackendLine Line(LineName name) => _lines.GetOrAdd(name, n => new BackendLine(n, sending, plans, store, clock, log));

    private async Task TryAsync(Func<Task> run, string what, CancellationToken stopping)
    {
        try
        {
            await run();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was called is stored; the rest waits.
        }
        catch (Exception failed)
        {
            // Nothing may end forwarding, such as a store that is away.
            Unavailable(what, failed.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CountAsync(CancellationToken cancellation)
    {
        if (Now < _countAt) return;
        _countAt = Now + CountEvery;
        var counts = await store.LinesAsync(cancellation);
        Volatile.Write(ref _counts, counts);
        LineTelemetry.Tell(counts);
    }

    [LoggerMessage(1, LogLevel.Error, "What was accepted waits, for {What}: {Message}")]
    private partial void Unavailable(string what, string message);
}

/// <summary>Where this node can send nothing of what was accepted.</summary>
/// <param name="Partner">Whose endpoint it is; null for a whole backend.</param>
/// <param name="Reason">Of the last try.</param>
public sealed record LineTrouble(string Backend, string? Partner, DateTimeOffset Since, string Reason);
