using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.Pipeline.Hooks;

/// <summary>
/// Webhooks of backends, <c>POST /hooks/NAME</c>: the bytes are judged as they came, and what is the backend's is stored as an event before it is
/// acknowledged. The same webhook again, an attempt of its sender's or somebody's replay, is the same event: the log has it once, by source and id,
/// for all nodes, and for as long as it is kept; where the catalogue has its type, for that type's duplicate window.
/// </summary>
public sealed partial class Hooks(IStore store, Notices notices, EventReports reports, HookBrake brake, AuditTrail audit, TimeProvider clock, ILogger<Hooks> log)
{
    /// <summary>Whose events they are: no partner's, until somebody here has made one of them that is.</summary>
    private const string Tenant = "-";

    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(5);

    /// <summary>Begins the paths of all of them; no route of the workspace has such a path where a backend has webhooks.</summary>
    public const string Root = "/hooks/";

    public static string PathOf(string backend) => Root + backend;

    public static string SourceOf(string backend) => "/backends/" + backend;

    /// <summary>
    /// The source of an event in the log. What a backend calls its source stands behind its name, so no backend tells in the name of another, or of us.
    /// </summary>
    public static string SourceOf(string backend, HookEvent told) => told.Source is { } source ? $"{SourceOf(backend)}?source={Uri.EscapeDataString(source)}" : SourceOf(backend);

    /// <summary>What the backend calls its source; null where it has one only.</summary>
    public static string? SourceIn(string backend, string source) =>
        source.StartsWith($"{SourceOf(backend)}?source=", StringComparison.Ordinal) ? Uri.UnescapeDataString(source[$"{SourceOf(backend)}?source=".Length..]) : null;

    /// <summary>Whether an event of the log is a backend's.</summary>
    public static bool IsOf(string backend, string source) => source == SourceOf(backend) || source.StartsWith($"{SourceOf(backend)}?source=", StringComparison.Ordinal);

    public async Task ReceiveAsync(HttpContext http, Backend backend, Plan plan)
    {
        var (began, correlation) = (clock.GetUtcNow(), CorrelationId.Of(http));
        await SocketThread.LeaveAsync();
        var (refusal, outcome) = brake.Stop(http, plan) is { } stopped ? Refused(stopped) : await TakeAsync(http, backend, plan, began, correlation);
        brake.Note(http, plan, refusal);
        if (refusal is null)
        {
            http.Response.Headers[Answers.CorrelationHeader] = correlation;
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            LogRefused(backend.Name, refusal.Reason ?? refusal.Detail, correlation);
            await Problems.WriteAsync(http, refusal, plan.Problem);
        }
        await audit.AddAsync(new AuditRecord(began, Tenant, null, "hooks/" + backend.Name, http.Request.Method, http.Request.Path.Value ?? "", plan.Revision, correlation, http.Response.StatusCode, outcome)
        {
            TraceId = Activity.Current?.TraceId.ToHexString(),
            Reason = refusal?.Reason,
            Address = http.Connection.RemoteIpAddress?.ToString(),
            Milliseconds = (clock.GetUtcNow() - began).TotalMilliseconds,
        });
    }

    /// <summary>Null when it is stored, now or before; and how the audit calls it.</summary>
    private async ValueTask<(Refusal? Refusal, string Outcome)> TakeAsync(HttpContext http, Backend backend, Plan plan, DateTimeOffset now, string correlation)
    {
        var hook = backend.Hook!;
        var (body, fault) = await HookBytes.ReadAsync(http, hook.MaxBody);
        if (body is null) return Refused(fault!);
        switch (await hook.JudgeAsync(http.Request.Headers, body, now, http.RequestAborted))
        {
            case HookVerdict.Told(var told):
                return await StoreAsync(plan, backend.Name, told, correlation, http.RequestAborted);
            case HookVerdict.Unreadable wrong:
                return Refused(new Refusal(wrong.Failure, wrong.Detail) { Reason = wrong.Reason, Findings = wrong.Findings });
            case HookVerdict.Refused(var reason):
                return Refused(new Refusal(Failure.Unauthenticated, "Nothing proves whose webhook this is.") { Reason = reason, Challenge = "Webhook realm=\"gateway\"" });
            case HookVerdict.NotNow(var reason):
                return Refused(new Refusal(Failure.BackendUnavailable, "Whose webhook this is can't be seen now. Send it again.") { Reason = reason, RetryAfter = SoonAgain });
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>One behind the other: where the store goes away in between, the sender is to send all of them again, and those that are there are the same events.</summary>
    private async ValueTask<(Refusal? Refusal, string Outcome)> StoreAsync(Plan plan, string backend, IReadOnlyList<HookEvent> told, string correlation, CancellationToken cancellation)
    {
        var isNew = told.Count == 0;
        try
        {
            foreach (var one in told) isNew |= await StoreAsync(plan, backend, one, correlation, cancellation);
            return (null, isNew ? "done" : "replayed");
        }
        catch (StoreUnavailableException away)
        {
            return Refused(new Refusal(Failure.StoreUnavailable, "The webhook can't be stored. Send it again.") { Reason = away.Message, RetryAfter = SoonAgain });
        }
    }

    /// <summary>False where it was stored before.</summary>
    private async ValueTask<bool> StoreAsync(Plan plan, string backend, HookEvent told, string correlation, CancellationToken cancellation)
    {
        var happened = new NewEvent(told.Id, Tenant, told.Type, SourceOf(backend, told), told.Subject, told.PartitionKey ?? told.Subject, told.Time, JsonMarshal.GetRawUtf8Value(told.Data).ToArray())
        {
            TraceParent = told.TraceParent ?? Activity.Current?.Id,
            CorrelationId = correlation,
            Standing = told.Standing,
        };
        if (plan.EventTypes.Of(told.Type) is { From: { } teller } type && teller == backend) happened = happened with { Window = type.DuplicateWindow, Numbers = type.NumbersOf(happened) };
        var stored = await store.AppendEventAsync(happened, cancellation);
        if (stored) reports.Look(plan.EventTypes, [happened], happened.Type);
        await notices.TellAsync(plan, backend, told, stored, correlation, cancellation);
        LogTaken(backend, told.Type, told.Subject, stored ? "stored" : "known");
        return stored;
    }

    private static (Refusal? Refusal, string Outcome) Refused(Refusal refusal) => (refusal, Problems.PageOf(refusal.Failure));

    [LoggerMessage(1, LogLevel.Warning, "A webhook to backend {Backend} was refused: {Reason} (correlation {CorrelationId})")]
    private partial void LogRefused(string backend, string reason, string correlationId);

    [LoggerMessage(2, LogLevel.Debug, "A webhook of backend {Backend}, {Type} of {Subject}, was {Outcome}")]
    private partial void LogTaken(string backend, string type, string subject, string outcome);
}
