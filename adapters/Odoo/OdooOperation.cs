using System.Diagnostics;
using System.Globalization;
using Gateway.Adapters.Odoo.Wire;
using Gateway.Adapters.Resilience;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Odoo;

/// <summary>What all operations share: the deadline over all their calls, figures and logs. They write only what they do.</summary>
internal abstract partial class OdooOperation(OdooBackend backend) : BackendOperation
{
    private readonly ILogger _log = backend.Log;

    public sealed override string Backend => backend.Name;

    public sealed override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation) =>
        MeasureAsync(call, WorkAsync, Descriptor.Effect, cancellation);

    public sealed override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) =>
        MeasureAsync(call, FindAsync, Effect.Reads, cancellation);

    /// <summary>A reference is a database id, as <see cref="OperationResult.Reference"/> has it.</summary>
    public sealed override string? WrongReference(string reference) =>
        int.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 && reference[0] != '0'
            ? null
            : "the record's database id, a whole number such as 42: Odoo shows it at the end of the record's address, and it is not the number on the document";

    protected abstract ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo);

    /// <summary>Reads have nothing to find.</summary>
    protected virtual ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) =>
        ValueTask.FromResult(new OperationResult(OperationStatus.NotFound));

    /// <summary>A change of what is there that sent none was done before.</summary>
    private async ValueTask<OperationResult> WorkAsync(OperationCall call, OdooSession odoo)
    {
        var result = await RunAsync(call, odoo);
        return Descriptor is { Effect: Effect.Changes, Makes: null } && result.Status == OperationStatus.Done ? result with { WasSo = !odoo.HasChanged } : result;
    }

    private async ValueTask<OperationResult> MeasureAsync(
        OperationCall call, Func<OperationCall, OdooSession, ValueTask<OperationResult>> run, Effect effect, CancellationToken cancellation)
    {
        using var deadline = new Deadline(call, backend.Options.TimeFor(effect), backend.Clock, cancellation);
        var started = backend.Clock.GetTimestamp();
        var odoo = new OdooSession(backend, [.. call.Partner.Companies.Select(c => c.Id).DefaultIfEmpty(backend.Options.Company)], call.CorrelationId, call.Until, deadline);
        var result = await backend.Discovery.ReadyAsync(Descriptor.Name, odoo) is { } hindrance ? hindrance.ToResult() : await run(call, odoo);
        AdapterTelemetry.Duration.Record(backend.Clock.GetElapsedTime(started).TotalSeconds, new TagList
        {
            { "backend", Backend }, { "operation", Descriptor.Name }, { "status", result.Status.ToString() },
        });
        if (result.Status is not (OperationStatus.Done or OperationStatus.NotFound))
            LogFailed(result.Status == OperationStatus.Refused ? LogLevel.Information : LogLevel.Warning,
                FullName, call.ExternalId, result.Status, result.Reason ?? result.Detail, call.CorrelationId);
        return result;
    }

    /// <summary>Runs what makes something, from an input that can be read, under the external id by which it can be found again.</summary>
    protected ValueTask<OperationResult> MakeAsync<T>(OperationCall call, (T? Input, string? Wrong) read, Func<T, string, ValueTask<OperationResult>> make)
        where T : class => call.ExternalId is { Length: > 0 } externalId
            ? WithAsync(read, input => make(input, externalId))
            : new(OdooReply.NotSent($"{Descriptor.Name} was called without an external id").ToResult());

    /// <summary>Runs what an input that can be read asks for.</summary>
    protected ValueTask<OperationResult> WithAsync<T>((T? Input, string? Wrong) read, Func<T, ValueTask<OperationResult>> run)
        where T : class => read.Input is { } input
            ? run(input)
            : new(new OperationResult(OperationStatus.Malformed) { Reason = $"the request mapping's output is not what {Descriptor.Name} takes: {read.Wrong}" });

    /// <summary>Looks for what was made under the call's external id.</summary>
    protected static ValueTask<OperationResult> MadeAsync(OperationCall call, Func<string, ValueTask<OperationResult>> find) => call.ExternalId is { Length: > 0 } externalId
        ? find(externalId)
        : new(OdooReply.NotSent("read-back was called without an external id").ToResult());

    [LoggerMessage(Message = "{Operation} {ExternalId} ended {Status}: {Reason} (correlation {CorrelationId})")]
    private partial void LogFailed(LogLevel level, string operation, string? externalId, OperationStatus status, string reason, string? correlationId);
}
