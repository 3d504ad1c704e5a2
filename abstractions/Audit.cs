namespace Gateway;

/// <summary>
/// What an operator did on the admin port, or was kept from doing: the part of an <see cref="AuditRecord"/> that calls of the API do not
/// have. How it ended stands in the record's status, outcome and reason.
/// </summary>
/// <param name="Actor">The operator's name in the workspace; empty where nobody knows who it was.</param>
/// <param name="Action">What was done, in the words of the admin port: <c>deliveries.retry</c>, <c>keys.revoke</c>.</param>
/// <param name="Target">What it was done to: an id; empty where the action has no target.</param>
public sealed record OperatorAct(string Actor, string Action, string Target)
{
    /// <summary>Why, in the operator's words; null where none was given, and then nothing was done.</summary>
    public string? Why { get; init; }

    /// <summary>What the target was before, as JSON without secrets; null where there is nothing to tell.</summary>
    public string? Before { get; init; }

    /// <summary>What it was afterwards, as JSON without secrets; null where nothing was done.</summary>
    public string? After { get; init; }
}
