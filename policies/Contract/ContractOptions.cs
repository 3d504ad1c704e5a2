using System.ComponentModel;

namespace Gateway.Policies.Contract;

/// <summary>The shapes of a route's request and answers, each as <c>name@version</c> of a schema in <c>transforms/canonical/</c>.</summary>
public sealed record ContractOptions
{
    [Description("Contract of the request body.")]
    public string? Request { get; init; }

    [Description("A request without a body passes as well. On forwarded routes only: an operation needs its body.")]
    public bool BodyOptional { get; init; }

    [Description("Contract of the parameters in the path, as one object.")]
    public string? Path { get; init; }

    [Description("Contract of the query, as one object. Its members are read as numbers, booleans or lists where the contract wants them.")]
    public string? Query { get; init; }

    [Description("Contract of headers, as one object. Headers that it does not name are not looked at.")]
    public string? Headers { get; init; }

    [Description("Contract of the body of a successful answer.")]
    public string? Response { get; init; }

    [Description("Contracts of answers by status. A status of success goes before response.")]
    public IReadOnlyDictionary<string, string> Responses { get; init; } = new Dictionary<string, string>();

    [Description("enforce refuses what breaks a contract; report lets it pass, counts it and logs it.")]
    public ContractMode Mode { get; init; } = ContractMode.Enforce;

    [Description("Media types taken for the body beside application/json and those that end in +json; the body is JSON all the same.")]
    public IReadOnlyList<string> MediaTypes { get; init; } = [];
}

public enum ContractMode
{
    /// <summary>What breaks a contract is refused.</summary>
    Enforce,

    /// <summary>What breaks a contract passes, and is counted and logged.</summary>
    Report,
}
