using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Policies.Authenticate;

/// <summary>Ways in that a route takes; the first whose credentials are present decides.</summary>
public sealed record AuthenticateOptions
{
    [Description("API keys of consumers, in a header.")]
    public ApiKeyOptions? ApiKey { get; init; }

    [Description("Bearer tokens (RFC 6750) of declared issuers.")]
    public BearerOptions? Bearer { get; init; }
}

public sealed record ApiKeyOptions
{
    [Description("The header that carries the key.")]
    [RegularExpression("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")]
    public string Header { get; init; } = "X-Api-Key";
}

public sealed record BearerOptions
{
    [Description("Names of the issuers whose tokens are taken; declared under issuers.")]
    public required IReadOnlyList<string> Issuers { get; init; }
}
