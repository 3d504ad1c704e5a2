using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Resilience;
using Gateway.Adapters.Rest;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Gates;

/// <summary>How one request ended, in the words of <see cref="OperationStatus"/>.</summary>
internal sealed record GatesReply(OperationStatus Status) : IReply<GatesReply>
{
    /// <summary>The visit; set when Done.</summary>
    public JsonElement Visit { get; init; }

    /// <summary>For the caller; empty where the words of the status are enough.</summary>
    public string Detail { get; init; } = "";

    public string? Reason { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public bool Busy { get; init; }

    public bool KeyRefused { get; init; }

    /// <summary>Of what was not sent: it is this call alone, and others can be sent.</summary>
    public bool IsOurs { get; init; }

    public bool Transient { get; init; }

    public bool BackendFault { get; init; }

    public bool MayHaveHappened => Status is OperationStatus.Unknown or OperationStatus.TimedOut or OperationStatus.Unusable;

    public static GatesReply NotSent(string reason, TimeSpan? retryAfter) => new(OperationStatus.NotSent) { Reason = reason, RetryAfter = retryAfter };

    static GatesReply IReply<GatesReply>.CutOff(string reason) => new(OperationStatus.TimedOut) { Reason = reason, BackendFault = true };

    /// <summary>No answer, or one of somebody before it: a change may have been made, and a read is worth another.</summary>
    public static GatesReply Lost(Effect effect, OperationStatus status, string reason) =>
        new(effect == Effect.Reads && status == OperationStatus.Unknown ? OperationStatus.Unusable : status) { Reason = reason, BackendFault = true, Transient = effect == Effect.Reads };

    public static GatesReply Read(Effect effect, int status, TimeSpan? retryAfter, byte[] body)
    {
        if (status == 429) return NotSent("429", retryAfter ?? TimeSpan.FromSeconds(1)) with { Busy = true };
        if (status == 401) return NotSent("the gateway's key is refused", null) with { KeyRefused = true };
        if (status != 200 || Parse(body) is not { ValueKind: JsonValueKind.Object } answer) return Lost(effect, OperationStatus.Unknown, $"{status} without an answer of JSON-RPC");
        if (answer.Member("error") is { } error) return Failed(effect, error.Member("code") is { ValueKind: JsonValueKind.Number } code ? code.GetRawText() : "", error.Text("message") ?? "");
        return answer.Member("result") switch
        {
            { ValueKind: JsonValueKind.Object } visit when visit.Id("number") is not null => new GatesReply(OperationStatus.Done) { Visit = visit },
            { ValueKind: JsonValueKind.Null } => new GatesReply(OperationStatus.NotFound) { Detail = "There is no such visit." },
            _ => new GatesReply(OperationStatus.Unusable) { Reason = "neither a visit nor null" },
        };
    }

    /// <summary>The same failure, said of a change that has not begun: it was a look that failed.</summary>
    public GatesReply BeforeChange() => MayHaveHappened ? this with { Status = OperationStatus.NotSent } : this;

    public OperationResult ToResult() => Status == OperationStatus.Done
        ? new OperationResult(Status) { Record = Encoding.UTF8.GetBytes(Visit.GetRawText()), Reference = Visit.Id("number"), Facts = Encoding.UTF8.GetBytes(new JsonObject { ["visitId"] = Visit.Id("number") }.ToJsonString()) }
        : new OperationResult(Status)
        {
            Detail = Detail.Length > 0 ? Detail : MayHaveHappened ? "The yard was asked, and its answer did not arrive." : Status == OperationStatus.Refused ? "The yard refuses it." : "The yard is not available; nothing was changed.",
            Reason = Reason,
            RetryAfter = RetryAfter,
            BackendIsBusy = Busy,
            BackendIsAway = Status == OperationStatus.NotSent && !IsOurs,
        };

    /// <summary>Its codes: 1, its rules say no; 2, there is such a visit; -32602, our input (JSON-RPC 2.0, section 5.1). Any other is its own failure.</summary>
    private static GatesReply Failed(Effect effect, string code, string message) => code switch
    {
        "1" when effect == Effect.Changes => new GatesReply(OperationStatus.Refused) { Detail = Inside.IsIn(message) ? "" : message, Reason = message },
        "2" when effect == Effect.Changes => new GatesReply(OperationStatus.Taken) { Reason = message },
        "-32602" => new GatesReply(OperationStatus.Malformed) { Reason = message },
        _ => Lost(effect, OperationStatus.Unknown, $"{code}: {message}"),
    };

    private static JsonElement? Parse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What an operation does; ends with the last reply.</summary>
internal delegate ValueTask<GatesReply> GatesWork(GatesBackend backend, OperationCall call, Deadline deadline);

/// <summary>What both operations share: the deadline over all their requests, figures and logs.</summary>
/// <param name="find">Looks what an earlier call has done; null on reads.</param>
internal sealed partial class GatesOperation(GatesBackend backend, OperationDescriptor descriptor, GatesWork run, GatesWork? find = null) : BackendOperation
{
    private readonly ILogger _log = backend.Log;

    public override string Backend => backend.Name;

    public override OperationDescriptor Descriptor => descriptor;

    public override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation) => EndAsync(run, descriptor.Effect, call, cancellation);

    /// <summary>NotFound only where it is certain that nothing was done: what can't be seen now is not sent.</summary>
    public override async ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation)
    {
        if (find is null) return new OperationResult(OperationStatus.NotFound);
        var result = await EndAsync(find, Effect.Reads, call, cancellation);
        return result.MayHaveHappened ? result with { Status = OperationStatus.NotSent } : result;
    }

    private async ValueTask<OperationResult> EndAsync(GatesWork work, Effect effect, OperationCall call, CancellationToken cancellation)
    {
        using var deadline = new Deadline(call, backend.Options.TimeFor(effect), backend.Clock, cancellation);
        var started = backend.Clock.GetTimestamp();
        var result = (await work(backend, call, deadline)).ToResult();
        result = result with { Reason = backend.WithoutKey(result.Reason) };
        AdapterTelemetry.Duration.Record(backend.Clock.GetElapsedTime(started).TotalSeconds, new TagList { { "backend", Backend }, { "operation", descriptor.Name }, { "status", result.Status.ToString() } });
        if (result.Status is not (OperationStatus.Done or OperationStatus.NotFound or OperationStatus.Refused)) LogFailed(FullName, call.ExternalId, result.Status, result.Reason, call.CorrelationId);
        return result;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Operation} {ExternalId} ended {Status}: {Reason} (correlation {CorrelationId})")]
    private partial void LogFailed(string operation, string? externalId, OperationStatus status, string? reason, string? correlationId);
}

/// <summary>Visits of lorries.</summary>
internal static class Visits
{
    public static readonly OperationDescriptor Announce = new("visit.announce", "Announces a lorry, exactly once per external id.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 2)
    {
        Input = new Dictionary<string, string> { ["plate"] = "its number plate" },
        Needs = [["plate"]],
        Makes = "visit",
    };

    public static readonly OperationDescriptor Read = new("visit.read", "Reads a visit.", Effect.Reads, Idempotent: true, ReadsBack: false) { About = new Subject("visit") };

    /// <summary>Looked for before each attempt, so that it may be sent again, and behind an answer that there is one: of four at once one is made.</summary>
    public static async ValueTask<GatesReply> AnnounceAsync(GatesBackend backend, OperationCall call, Deadline deadline)
    {
        if (call.ExternalId is not { Length: > 0 } id) return GatesReply.NotSent("visit.announce was called without an external id", null) with { IsOurs = true };
        if (call.Input.Text("plate") is not { Length: > 0 } plate) return new GatesReply(OperationStatus.Malformed) { Reason = "the request mapping's output has no plate" };
        return await backend.Attempts.AgainAsync(async () =>
        {
            var known = await LookAsync(backend, call, deadline);
            if (known.Status != OperationStatus.NotFound) return known.BeforeChange();
            var made = await backend.OnceAsync("announce", new JsonObject { ["ref"] = id, ["plate"] = plate }, Effect.Changes, call, deadline);
            return made.Status == OperationStatus.Taken ? (await LookAsync(backend, call, deadline)).BeforeChange() : made;
        }, deadline);
    }

    public static ValueTask<GatesReply> FindAsync(GatesBackend backend, OperationCall call, Deadline deadline) => backend.Attempts.AgainAsync(() => LookAsync(backend, call, deadline), deadline);

    public static async ValueTask<GatesReply> ReadAsync(GatesBackend backend, OperationCall call, Deadline deadline) => call.Reference is { Length: > 0 } reference
        ? await backend.Attempts.AgainAsync(() => backend.OnceAsync("read", new JsonObject { ["number"] = reference }, Effect.Reads, call, deadline), deadline)
        : new GatesReply(OperationStatus.NotFound) { Detail = "There is no such visit." };

    private static ValueTask<GatesReply> LookAsync(GatesBackend backend, OperationCall call, Deadline deadline) =>
        backend.OnceAsync("find", new JsonObject { ["ref"] = call.ExternalId }, Effect.Reads, call, deadline);
}
