using System.Text.Json;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>
/// What an answer means. Odoo says what happened in the error's <c>name</c>; the status misleads: a bad date is a 500 over JSON-2, and all are 200 over
/// JSON-RPC.
/// A JSON error is always a transaction rolled back, but for a lost database connection, where nobody knows.
/// <c>debug</c> (a traceback) is never read.
/// <list type="table">
/// <item><term>UserError, ValidationError, RedirectWarning</term><description>Refused, with Odoo's own words scrubbed; on reads Unusable: our question was wrong</description></item>
/// <item><term>MissingError</term><description>NotFound on reads, Refused on changes</description></item>
/// <item><term>AccessError, AccessDenied, Unauthorized</term><description>NotSent: our credential; the operator reads why</description></item>
/// <item><term>LockError, serialization, deadlock</term><description>NotSent and transient: sent again after a look at what is there</description></item>
/// <item><term>database or operating system errors</term><description>Unknown on changes where the commit may have passed, else NotSent; Odoo's fault</description></item>
/// <item><term>other Python and SQL errors, 500</term><description>data Odoo can't read: Refused on changes (the same data fails again, nothing was kept), Unusable on reads (our own query)</description></item>
/// <item><term>unknown model, method or argument, 4xx</term><description>NotSent on changes, Unusable on reads: Odoo lacks a module or is another version</description></item>
/// <item><term>429</term><description>NotSent: whoever says so has passed nothing on (RFC 6585 section 4)</description></item>
/// <item><term>HTML or nothing, 4xx, 3xx</term><description>Unknown on changes, for nobody knows who says so, and when; NotSent on reads: unknown database, or a proxy refused</description></item>
/// <item><term>HTML or nothing, 5xx</term><description>Unknown on changes, Unusable on reads; Odoo's fault</description></item>
/// </list>
/// </summary>
internal static class OdooErrors
{
    private const int MaxReason = 600;

    public static OdooReply Read(Effect effect, OdooAnswer answer)
    {
        var json = answer.IsJson ? Parse(answer.Body) : null;
        if (answer.Status == 200)
            return json is { } value ? new OdooReply(OperationStatus.Done) { Value = value } : OdooReply.Unusable($"200 with {Describe(answer)}");
        if (json is { ValueKind: JsonValueKind.Object } error && error.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
            return ByName(effect, $"{answer.Status}", answer.Status < 500, name.GetString()!, error.Text("message") ?? "", answer.RetryAfter);
        return ByStatus(effect, answer.Status, $"{answer.Status} with {Describe(answer)}", answer.RetryAfter);
    }

    /// <param name="told">How it was told, for the operator.</param>
    /// <param name="ourCall">Where the name says nothing else: the call itself does not fit this Odoo, and not the data in it.</param>
    public static OdooReply ByName(Effect effect, string told, bool ourCall, string name, string message, TimeSpan? retryAfter)
    {
        var reason = Cut($"{told} {name}: {message}");
        var changes = effect == Effect.Changes;
        switch (name)
        {
            case "odoo.exceptions.UserError" or "odoo.exceptions.ValidationError" or "odoo.exceptions.RedirectWarning":
                return changes ? OdooReply.Refused(Scrub.Text(message), reason) : OdooReply.Unusable(reason);
            case "odoo.exceptions.MissingError":
                return changes
                    ? OdooReply.Refused("The order system no longer has a record that the request needs.", reason)
                    : OdooReply.NotFound("The order system has no such record.") with { Reason = reason };
            case "odoo.exceptions.AccessError":
                return OdooReply.NotSent($"Odoo refuses the gateway's rights: {reason}") with { Unfit = true };
            case "odoo.exceptions.AccessDenied" or "werkzeug.exceptions.Unauthorized" or "werkzeug.exceptions.Forbidden":
                return OdooReply.NotSent($"Odoo refuses the gateway's credential or its rights: {reason}");
            case "odoo.exceptions.LockError" or "odoo.exceptions.ConcurrencyError" or "psycopg2.errors.SerializationFailure"
                or "psycopg2.errors.DeadlockDetected" or "psycopg2.errors.LockNotAvailable" or "psycopg2.extensions.TransactionRollbackError":
                return OdooReply.NotSent(reason) with { Transient = true, RetryAfter = TimeSpan.FromSeconds(1) };
            case "werkzeug.exceptions.TooManyRequests" or "werkzeug.exceptions.ServiceUnavailable":
                return OdooReply.NotSent(reason) with { RetryAfter = retryAfter, Busy = true, BackendFault = true };
        }
        if (LostDatabase(name))
            return (changes ? OdooReply.Unknown(reason) : OdooReply.NotSent(reason)) with { Transient = !changes, BackendFault = true };
        if (name is "builtins.MemoryError" or "builtins.OSError" or "builtins.ConnectionError" or "builtins.TimeoutError" or "psycopg2.errors.QueryCanceled")
            return OdooReply.NotSent(reason) with { BackendFault = true };
        if (!changes)
            return OdooReply.Unusable(reason) with { Unfit = ourCall };
        return ourCall
            ? OdooReply.NotSent($"Odoo lacks a module or is another version: {reason}") with { Unfit = true }
            : OdooReply.Refused("The order system can't read the data it was sent.", reason);
    }

    private static OdooReply ByStatus(Effect effect, int status, string reason, TimeSpan? retryAfter)
    {
        if (status == 429)
            return OdooReply.NotSent(reason) with { RetryAfter = retryAfter ?? TimeSpan.FromSeconds(1), Busy = true };
        if (status is < 500 and not 408)
        {
            var refused = status == 404 ? $"unknown database or address: {reason}" : reason;
            return effect == Effect.Changes ? OdooReply.Unknown(refused) : OdooReply.NotSent(refused);
        }
        var away = status is 408 or 502 or 503 or 504;
        var busy = status == 503 && retryAfter is not null;
        var reply = effect == Effect.Changes ? OdooReply.Unknown(reason)
            : away ? OdooReply.NotSent(reason)
            : OdooReply.Unusable(reason);
        return reply with { BackendFault = true, Transient = away && !busy && effect == Effect.Reads, RetryAfter = retryAfter, Busy = busy };
    }

    /// <summary>True for messages of <c>load</c> that mean: another transaction was first, look again.</summary>
    public static bool IsConflict(string message) =>
        message.Contains("could not serialize", StringComparison.OrdinalIgnoreCase)
        || message.Contains("concurrent update", StringComparison.OrdinalIgnoreCase)
        || message.Contains("deadlock detected", StringComparison.OrdinalIgnoreCase)
        || message.Contains("could not obtain lock", StringComparison.OrdinalIgnoreCase)
        || message.Contains("ir_model_data_module_name_uniq", StringComparison.OrdinalIgnoreCase);

    /// <summary>First characters of a text for the operator's log.</summary>
    public static string Cut(string text) => text.Length > MaxReason ? text[..MaxReason] + "…" : text;

    private static bool LostDatabase(string name) =>
        name is "psycopg2.OperationalError" or "psycopg2.InterfaceError" or "psycopg2.pool.PoolError" or "odoo.sql_db.PoolError"
            or "psycopg2.errors.AdminShutdown" or "psycopg2.errors.CrashShutdown" or "psycopg2.errors.CannotConnectNow"
            or "psycopg2.errors.ConnectionFailure" or "psycopg2.errors.TooManyConnections";

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

    private static string Describe(OdooAnswer answer) => $"{answer.Body.Length} bytes of {answer.Media ?? "nothing"}";
}
