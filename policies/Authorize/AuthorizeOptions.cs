using System.ComponentModel;

namespace Gateway.Policies.Authorize;

/// <summary>What a caller must be allowed to do.</summary>
public sealed record AuthorizeOptions
{
    [Description("Scopes that the caller needs, all of them; declared under scopes.")]
    public required IReadOnlyList<string> Scopes { get; init; }
}
