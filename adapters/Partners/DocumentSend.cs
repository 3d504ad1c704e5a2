using System.Diagnostics;
using System.Text;
using Gateway.Adapters.Resilience;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Partners;

/// <summary>
/// Sends a document to its partner. The external id is the Idempotency-Key (draft-ietf-httpapi-idempotency-key-header). A call whose answer was lost is
/// found by the declared read-back, or sent again where the partner knows repeats.
/// </summary>
internal sealed partial class DocumentSend(PartnerBackend backend) : BackendOperation
{
    public static readonly OperationDescriptor Description = new(
        "document.send", "Sends a document to the API of its partner, once.", Effect.Changes, Idempotent: true, ReadsBack: true)
    {
        Input = new Dictionary<string, string> { ["…"] = "the whole document, as the partner takes it" },
        Makes = "document",
    };

    private readonly ILogger _log = backend.Log;

    public override string Backend => backend.Name;

    public override OperationDescriptor Descriptor => Description;

    public override async ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (backend.Find(call.Partner.Name) is not { } endpoint)
            return new OperationResult(OperationStatus.Refused) { Detail = "There is no endpoint of yours that this could be sent to.", Reason = $"the partner {call.Partner.Name} has no endpoint for {backend.Name}" };
        using var deadline = new Deadline(call, backend.Options.Timeout, backend.Clock, cancellation);
        var body = Encoding.UTF8.GetBytes(call.Input.GetRawText());
        return await MeasureAsync(call, () => endpoint.Attempts.AgainAsync(() => endpoint.SendAsync(call, body, deadline), deadline));
    }

    public override async ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation)
    {
        if (backend.Find(call.Partner.Name) is not { } endpoint)
            return new OperationResult(OperationStatus.NotSent) { Reason = $"the partner {call.Partner.Name} has no endpoint for {backend.Name} any more" };
        // To send it again under the same key is as certain as to know that nothing was done.
        if (!endpoint.ReadsBack) return new OperationResult(OperationStatus.NotFound) { Reason = "the partner knows repeats" };
        using var deadline = new Deadline(call, backend.Options.Timeout, backend.Clock, cancellation);
        return await MeasureAsync(call, () => endpoint.Attempts.AgainAsync(() => endpoint.FindAsync(call, deadline), deadline));
    }

    private async ValueTask<OperationResult> MeasureAsync(OperationCall call, Func<ValueTask<PartnerReply>> run)
    {
        var started = backend.Clock.GetTimestamp();
        var result = (await run()).ToResult(call.ExternalId);
        AdapterTelemetry.Duration.Record(backend.Clock.GetElapsedTime(started).TotalSeconds, new TagList
        {
            { "backend", Backend }, { "operation", Descriptor.Name }, { "status", result.Status.ToString() },
        });
        if (result.Status is not (OperationStatus.Done or OperationStatus.NotFound))
            LogFailed(result.Status == OperationStatus.Refused ? LogLevel.Information : LogLevel.Warning, FullName, call.Partner.Name, call.ExternalId, result.Status, result.Reason, call.CorrelationId);
        return result;
    }

    [LoggerMessage(Message = "{Operation} for {Partner} {ExternalId} ended {Status}: {Reason} (correlation {CorrelationId})")]
    private partial void LogFailed(LogLevel level, string operation, string partner, string? externalId, OperationStatus status, string? reason, string? correlationId);
}
