using System.Text.Json;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>What the audit says of one request at the admin port: who, what, to what, why, before, after, and how it ended.</summary>
/// <param name="action">What was asked for.</param>
internal sealed class OperatorRecords(HttpContext http, string action, string revision, TimeProvider clock)
{
    private const int LongestTarget = 200;

    private readonly DateTimeOffset _at = clock.GetUtcNow();

    /// <summary>The same in the answer's header and in the record.</summary>
    public string CorrelationId { get; } = Pipeline.CorrelationId.Of(http);

    public AuditRecord Of(OperatorRequest request, Acted acted) => Of(request.Operator.Name, request.Why, acted);

    /// <param name="actor">Empty where nobody knows who it was.</param>
    /// <param name="why">Empty where no reason was given.</param>
    public AuditRecord Of(string actor, string why, Acted acted)
    {
        var (status, outcome) = acted.Refusal is { } refusal ? (Problems.StatusOf(refusal.Failure), Problems.PageOf(refusal.Failure)) : (acted.Status, "done");
        var act = new OperatorAct(actor, action, acted.Target ?? Target)
        {
            Why = why.Length > 0 ? why : null,
            Before = acted.Before is null ? null : JsonSerializer.Serialize(acted.Before, Views.Compact),
            After = acted.After is null ? null : JsonSerializer.Serialize(acted.After, Views.Compact),
        };
        return new AuditRecord(_at, acted.Tenant, null, action, http.Request.Method, http.Request.Path.Value ?? "", revision, CorrelationId, status, outcome)
        {
            Reason = acted.Refusal?.Reason,
            Address = http.Connection.RemoteIpAddress?.ToString(),
            Milliseconds = (clock.GetUtcNow() - _at).TotalMilliseconds,
            Act = act,
        };
    }

    /// <summary>What was asked to be shown, as the address says it.</summary>
    public string Question => http.Request.QueryString.Value is { Length: > 0 } query ? query[..Math.Min(query.Length, LongestTarget)] : "";

    private string Target => http.GetRouteValue("id") is string { Length: > 0 } id ? id[..Math.Min(id.Length, LongestTarget)] : "";
}
