using System.Diagnostics;
using System.Threading.Channels;

namespace Gateway.Pipeline;

/// <summary>
/// One record per governed call: who, what, on which revision, with what outcome. Writes' records go into the outcome's transaction;
/// the others are batched off the request road through a bounded queue.
/// </summary>
public sealed partial class AuditTrail(IStore store, ILogger<AuditTrail> log) : BackgroundService
{
    private const int Batch = 4096;

    /// <summary>How long a record may wait for company: the store takes many at once for little more than one.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(100);

    private readonly Channel<AuditRecord> _queue = Channel.CreateBounded<AuditRecord>(
        new BoundedChannelOptions(16 * 1024) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    public static AuditRecord Of(Exchange exchange)
    {
        var (status, outcome) = exchange.Refusal is { } refusal
            ? (Problems.StatusOf(refusal.Failure), Problems.PageOf(refusal.Failure))
            : exchange.Forward is null && exchange.Answer is { } answer
                ? (answer.Status, exchange.Idempotency is { Replayed: true } ? "replayed" : "done")
                : (exchange.Http.Response.StatusCode, "forwarded");
        return new AuditRecord(exchange.StartedAt, exchange.Tenant, exchange.Consumer?.Name, exchange.Route.Name, exchange.Http.Request.Method,
            exchange.Route.Shown(exchange.Http.Request.Path.Value ?? ""), exchange.Route.Revision, exchange.CorrelationId, status, outcome)
        {
            TraceId = Activity.Current?.TraceId.ToHexString(),
            Reason = exchange.Refusal?.Reason ?? ReportOf(exchange.Violations),
            Class = exchange.Route.AuditClass,
            Address = exchange.Http.Connection.RemoteIpAddress?.ToString(),
            Subject = exchange.Consumer?.Subject,
            Milliseconds = (exchange.Clock.GetUtcNow() - exchange.StartedAt).TotalMilliseconds,
        };
    }

    /// <summary>What a contract that only reports found, where nothing was refused.</summary>
    private static string? ReportOf(List<Violation>? violations) =>
        violations is null ? null : "let pass: " + string.Join(", ", violations.Select(v => $"{v.Part} breaks contract {v.Contract}"));

    /// <summary>Queues a record; waits while the queue is full, so that no governed call goes unrecorded.</summary>
    public ValueTask AddAsync(AuditRecord record) => _queue.Writer.TryWrite(record) ? ValueTask.CompletedTask : _queue.Writer.WriteAsync(record);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } running) await Task.WhenAny(running, Task.Delay(Timeout.Infinite, cancellationToken));
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<AuditRecord>(Batch);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            if (_queue.Reader.Count < Batch) await Task.Delay(Linger, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (batch.Count < Batch && _queue.Reader.TryRead(out var record)) batch.Add(record);
            if (await TryAppendAsync(batch, stoppingToken)) batch.Clear();
            else if (stoppingToken.IsCancellationRequested) return;
        }
    }

    private async ValueTask<bool> TryAppendAsync(List<AuditRecord> batch, CancellationToken stopping)
    {
        try
        {
            await store.AppendAuditAsync(batch, CancellationToken.None);
            return true;
        }
        catch (StoreUnavailableException unavailable)
        {
            Waiting(batch.Count, unavailable.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Count} audit records wait: {Message}")]
    private partial void Waiting(int count, string message);
}
