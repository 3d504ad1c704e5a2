using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>What the public port takes of anybody, before it is known which route is meant. A route may ask for less (<c>protect</c>), never for more.</summary>
public sealed record ServerLimits
{
    [Description("Longest path with its query, as it was sent: 414 beyond it.")]
    [Range(typeof(long), "256", "65536")]
    public long Url { get; init; } = 8 << 10;

    [Description("Most headers of a request: 431 beyond it.")]
    [Range(10, 1000)]
    public int Headers { get; init; } = 100;

    [Description("All headers of a request together: 431 beyond it.")]
    [Range(typeof(long), "1024", "1048576")]
    public long HeadersSize { get; init; } = 32 << 10;

    [Description("How long a caller may take to send the headers of a request.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    [Description("How long a connection may stay open between two requests.")]
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(130);

    [Description("Bytes a second that a body must come with, on average, after its first five seconds: 408 below it.")]
    [Range(1, 1_000_000)]
    public int BodyRate { get; init; } = 240;
}
