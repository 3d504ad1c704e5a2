using System.ComponentModel;

namespace Gateway.Policies.Authenticate;

/// <summary>Ways in that a route takes. Of several the caller uses one: the first whose credentials are on the request decides.</summary>
public sealed record AuthenticateOptions
{
    [Description("API keys of consumers, in a header.")]
    public ApiKeyOptions? ApiKey { get; init; }

    [Description("Bearer tokens (RFC 6750) of declared issuers.")]
    public BearerOptions? Bearer { get; init; }

    [Description("Client certificates (mutual TLS) of declared authorities.")]
    public MutualTlsOptions? MutualTls { get; init; }

    [Description("More sets of ways, of which one is enough; for ways that can't stand beside each other, as two headers with API keys.")]
    public IReadOnlyList<AuthenticateOptions> AnyOf { get; init; } = [];

    [Description("Sets of ways that are all needed, one of each, and that must be the same consumer: a certificate and a token.")]
    public IReadOnlyList<AuthenticateOptions> AllOf { get; init; } = [];

    /// <summary>The ways, in the order in which they decide. To add one: a member above, and one word here.</summary>
    internal IEnumerable<WayOptions> Ways => new WayOptions?[] { ApiKey, Bearer, MutualTls }.OfType<WayOptions>();

    /// <summary>All ways, those within sets too.</summary>
    public IEnumerable<WayOptions> AllWays => Ways.Concat(AnyOf.Concat(AllOf).SelectMany(set => set.AllWays));
}
