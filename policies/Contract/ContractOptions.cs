using System.ComponentModel;

namespace Gateway.Policies.Contract;

/// <summary>The shapes of a route's request and answer, as <c>name@version</c> of a schema in <c>transforms/canonical/</c>.</summary>
public sealed record ContractOptions
{
    [Description("Contract of the request body.")]
    public string? Request { get; init; }

    [Description("Contract of the body of a successful answer.")]
    public string? Response { get; init; }
}
