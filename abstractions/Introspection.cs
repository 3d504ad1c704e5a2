using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>How an issuer is asked about tokens (RFC 7662).</summary>
public sealed record IntrospectionOptions
{
    [Description("Where it is asked. Default: introspection_endpoint of its discovery document.")]
    public Uri? Endpoint { get; init; }

    [Description("The gateway's own client_id there.")]
    [MinLength(1)]
    public required string Client { get; init; }

    [Description("The secret of that client, by reference.")]
    public required Secret Secret { get; init; }

    [Description("How the client is told: basic (client_secret_basic of RFC 6749 section 2.3.1) or form (client_secret_post).")]
    public ClientAuthentication Authentication { get; init; } = ClientAuthentication.Basic;

    [Description("How long an answer counts at most: a token that is revoked is good for no longer than this.")]
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan CacheFor { get; init; } = TimeSpan.FromMinutes(1);
}

public enum ClientAuthentication
{
    Basic,
    Form,
}

/// <summary>How many attempts to get in may fail before nobody is listened to for the rest of the window.</summary>
public sealed record FailedAttemptLimits
{
    [Description("From one address, whatever they claim; of IPv6 from one network of 64 bits.")]
    [Range(1, 10_000_000)]
    public int PerAddress { get; init; } = 600;

    [Description("In the name of one consumer, over all addresses. It stops addresses that have failed, and no others.")]
    [Range(1, 10_000_000)]
    public int PerConsumer { get; init; } = 120;

    [Description("In this time, from the first failure on.")]
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);
}
