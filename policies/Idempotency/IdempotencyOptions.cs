using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Policies.Idempotency;

/// <summary>One request, one effect: by the caller's Idempotency-Key, and by a business key.</summary>
public sealed record IdempotencyOptions
{
    [Description("Whether a request without Idempotency-Key is refused.")]
    public KeyDemand Header { get; init; } = KeyDemand.Required;

    [Description("Members of the body that together name one business object within a partner: [buyerParty.id, customerReference].")]
    public IReadOnlyList<string> Key { get; init; } = [];

    [Description("Headers that are content, as body, path and query are: with another value in one of them it is another request. [X-Channel]")]
    public IReadOnlyList<string> Headers { get; init; } = [];

    [Description("Takes an Idempotency-Key in the form of the standard alone, a string in quotes (RFC 9651). Default: without quotes as well, as most clients send it.")]
    public bool Strict { get; init; }

    [Description("How long the answer to a key is kept, from its end on.")]
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromHours(24);
}

public enum KeyDemand
{
    Required,
    Optional,
}
