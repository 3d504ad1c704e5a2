using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Adapters.Resilience;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Rest;

/// <summary>What an operation does in its conversation with the backend.</summary>
internal delegate ValueTask<RestOutcome> RestWork(OperationCall call, RestSession session);

/// <summary>One operation of an adapter.</summary>
/// <param name="Run">Does it.</param>
/// <param name="Find">Looks what an earlier call has done; null on reads.</param>
internal sealed record RestBinding(OperationDescriptor Descriptor, RestWork Run, RestWork? Find = null)
{
    /// <summary>What a reference must look like, for operators; null where the text is one.</summary>
    public Func<string, string?> WrongReference { get; init; } = static _ => null;
}

/// <summary>How a conversation ended: what the last reply said, and where that is Done, what the call gives.</summary>
internal sealed record RestOutcome(RestReply Reply)
{
    /// <summary>The backend's record, JSON. Default: the reply's value.</summary>
    public ReadOnlyMemory<byte>? Record { get; init; }

    public string? Reference { get; init; }

    /// <summary>Canonical members for events; null on reads.</summary>
    public JsonObject? Facts { get; init; }

    public static implicit operator RestOutcome(RestReply reply) => new(reply);
}

/// <summary>What all operations share: the deadline over all their requests, figures and logs.</summary>
internal sealed partial class RestOperation(RestBackend backend, RestBinding binding) : BackendOperation
{
    private readonly ILogger _log = backend.Log;

    public override string Backend => backend.Name;

    public override OperationDescriptor Descriptor => binding.Descriptor;

    public override string? WrongReference(string reference) => binding.WrongReference(reference);

    public override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation) => MeasureAsync(call, binding.Run, cancellation, runs: true);

    /// <summary>Reads have nothing to find. What can't be seen now is not sent: it may be there.</summary>
    public override async ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation)
    {
        if (binding.Find is not { } find) return new OperationResult(OperationStatus.NotFound);
        var result = await MeasureAsync(call, find, cancellation);
        return result.Status is OperationStatus.Done or OperationStatus.NotFound or OperationStatus.NotSent
            ? result
            : result with { Status = OperationStatus.NotSent, Detail = backend.Dialect.NotAvailable };
    }

    private async ValueTask<OperationResult> MeasureAsync(OperationCall call, RestWork work, CancellationToken cancellation, bool runs = false)
    {
        using var deadline = new Deadline(call, backend.Options.Timeout, backend.Clock, cancellation);
        var started = backend.Clock.GetTimestamp();
        var session = new RestSession(backend, Descriptor, call, deadline);
        var result = WithoutKey(ResultOf(await work(call, session)));
        AdapterTelemetry.Duration.Record(backend.Clock.GetElapsedTime(started).TotalSeconds, new TagList
        {
            { "backend", Backend }, { "operation", Descriptor.Name }, { "status", result.Status.ToString() },
        });
        if (result.Status is not (OperationStatus.Done or OperationStatus.NotFound))
            LogFailed(result.Status == OperationStatus.Refused ? LogLevel.Information : LogLevel.Warning, FullName, call.ExternalId, result.Status, result.Reason ?? result.Detail, call.CorrelationId);
        // A change of what is there that sent none was done before.
        return runs && result.Status == OperationStatus.Done && Descriptor is { Effect: Effect.Changes, Makes: null } ? result with { WasSo = !session.HasChanged } : result;
    }

    private OperationResult ResultOf(RestOutcome outcome)
    {
        var (reply, changes) = (outcome.Reply, Descriptor.Effect == Effect.Changes);
        if (!reply.Done) return reply.ToResult(backend.Dialect, Descriptor.Effect);
        if (changes && string.IsNullOrEmpty(outcome.Reference)) return RestReply.Unusable("the record has no id").ToResult(backend.Dialect, Descriptor.Effect);
        return new OperationResult(OperationStatus.Done)
        {
            Record = outcome.Record ?? reply.Value.Bytes(),
            Facts = outcome.Facts is { } facts ? Encoding.UTF8.GetBytes(facts.ToJsonString()) : default(ReadOnlyMemory<byte>),
            Reference = outcome.Reference,
            Reason = reply.Reason,
        };
    }

    private OperationResult WithoutKey(OperationResult result) => result.Status == OperationStatus.Done
        ? result
        : result with { Detail = backend.Client.WithoutKey(result.Detail), Reason = result.Reason is { } reason ? backend.Client.WithoutKey(reason) : null };

    [LoggerMessage(Message = "{Operation} {ExternalId} ended {Status}: {Reason} (correlation {CorrelationId})")]
    private partial void LogFailed(LogLevel level, string operation, string? externalId, OperationStatus status, string reason, string? correlationId);
}
