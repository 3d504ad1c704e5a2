using System.Text.Json;

namespace Gateway.Admin;

/// <summary>A request of an operator who may do what it asks for.</summary>
/// <param name="Action">What is asked for: <c>deliveries.retry</c>.</param>
internal sealed record OperatorRequest(HttpContext Http, Operator Operator, string Action, OperatorRecords Records)
{
    /// <summary>Why, in the operator's words; empty where it only looks.</summary>
    public string Why { get; init; } = "";

    /// <summary>Who asks, and why: what stands beside a thing from then on.</summary>
    public string Note => $"{Operator.Name}: {Why}";

    /// <summary>What the body says; null where there is none.</summary>
    public JsonElement? Body { get; init; }

    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>A parameter of the path; empty where the path has none of the name.</summary>
    public string Parameter(string name) => (string?)Http.GetRouteValue(name) ?? "";

    /// <summary>
    /// The audit record of what came of it, for acts that store it in their own transaction: these return <see cref="Acted.Recorded"/>.
    /// </summary>
    public AuditRecord Record(Acted acted) => Records.Of(this, acted);
}

/// <summary>What came of an act.</summary>
internal sealed record Acted
{
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>What the operator is told, as JSON. It may hold a secret that is shown once; the audit gets <see cref="After"/> in its place.</summary>
    public object? Answer { get; init; }

    /// <summary>What was acted on; by default the <c>id</c> of the path.</summary>
    public string? Target { get; init; }

    /// <summary>Whose the target is: the name of a partner, or <c>-</c>.</summary>
    public string Tenant { get; init; } = "-";

    /// <summary>The target before, without secrets.</summary>
    public object? Before { get; init; }

    /// <summary>The target afterwards, without secrets.</summary>
    public object? After { get; init; }

    /// <summary>Why nothing was done; null where it was.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The record went into the transaction of the act.</summary>
    public bool Recorded { get; init; }

    /// <param name="detail">For the operator.</param>
    /// <param name="reason">A reason code, for log and audit.</param>
    public static Acted Refused(Failure failure, string detail, string reason) => new() { Refusal = new Refusal(failure, detail) { Reason = reason } };
}
