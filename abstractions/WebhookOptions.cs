using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>In which order an endpoint gets its events.</summary>
public enum WebhookOrder
{
    /// <summary>As they come: several at the same time, and a failed one does not keep others back.</summary>
    Unordered,

    /// <summary>Of one ordering key (an order, a return), one behind the other: the next is sent when the one before has arrived, or is dead.</summary>
    Fifo,
}

/// <summary>So many attempts in so much time.</summary>
public sealed record WebhookRate
{
    [Description("Most attempts in any stretch as long as the window.")]
    [Range(1, 10_000)]
    public required int Limit { get; init; }

    [Description("The stretch of time.")]
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(1);
}
