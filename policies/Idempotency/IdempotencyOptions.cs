using System.ComponentModel;

namespace Gateway.Policies.Idempotency;

/// <summary>One request, one effect: by the caller's Idempotency-Key, and by a business key.</summary>
public sealed record IdempotencyOptions
{
    [Description("Whether a request without Idempotency-Key is refused.")]
    public KeyDemand Header { get; init; } = KeyDemand.Required;

    [Description("Members of the body that together name one business object within a partner: [buyerParty.id, customerReference].")]
    public IReadOnlyList<string> Key { get; init; } = [];

    [Description("How long the answer to a key is kept.")]
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromHours(24);
}

public enum KeyDemand
{
    Required,
    Optional,
}
