using System.ComponentModel;

namespace Gateway.Policies.Transform;

/// <summary>The mappings of a route, as <c>folder/name</c> of a JSONata document in <c>transforms/</c>.</summary>
public sealed record TransformOptions
{
    [Description("From the canonical request to what the backend takes.")]
    public string? Request { get; init; }

    [Description("From what the backend answered to the canonical answer.")]
    public string? Response { get; init; }
}
