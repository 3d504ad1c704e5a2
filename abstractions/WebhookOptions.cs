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

/// <summary>When a delivery that failed is tried again.</summary>
public static class WebhookRetries
{
    /// <summary>Waits before the second, third … attempt where nobody says otherwise, as Standard Webhooks proposes: ten attempts in about three days.</summary>
    public static IReadOnlyList<TimeSpan> ByDefault { get; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];
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

/// <summary>How an event stands in a request: content modes of the HTTP binding of CloudEvents 1.0.2, section 3.</summary>
public enum WebhookMode
{
    /// <summary>The body is the event, attributes and data, <c>application/cloudevents+json</c>.</summary>
    Structured,

    /// <summary>The body is the data, and the attributes are headers, <c>ce-id</c> and others. A signature is over the body, so they are not signed.</summary>
    Binary,
}
