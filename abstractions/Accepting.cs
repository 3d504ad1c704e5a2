namespace Gateway;

/// <summary>How a route takes work that its backend gets later.</summary>
/// <param name="Always">Nothing is sent while the caller waits; else only what could not be sent is forwarded later.</param>
/// <param name="Received">Type of the event that an acceptance publishes: <c>order.received.v1</c>.</param>
/// <param name="Rejected">Type of the event that is published when nothing becomes of it: <c>order.rejected.v1</c>.</param>
public sealed record Accepting(bool Always, string Received, string Rejected)
{
    /// <summary>Members of the body whose values name the lane: what has the same is forwarded in its order. Empty: each object is a lane of its own.</summary>
    public IReadOnlyList<string> InOrderOf { get; init; } = [];

    /// <summary>How urgent a request is, smaller goes first; and why that could not be told. Null: what came first goes first.</summary>
    public Func<Exchange, (long Urgency, string? Trouble)>? Urgency { get; init; }

    /// <summary>The expression behind <see cref="Urgency"/>, for people.</summary>
    public string? UrgencyText { get; init; }
}
