using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>One of several addresses of a backend.</summary>
public sealed record DestinationOptions
{
    [Description("Base address.")]
    public required Uri Url { get; init; }

    [Description("Its share of the requests, beside the shares of the others.")]
    [Range(1, 100)]
    public int Weight { get; init; } = 1;
}

/// <summary>Who of several destinations gets a request.</summary>
public enum Balance
{
    /// <summary>Each in its turn.</summary>
    RoundRobin,

    /// <summary>The one with the fewest requests under way.</summary>
    LeastRequests,

    /// <summary>Of two by chance, the one with fewer requests under way.</summary>
    PowerOfTwo,

    /// <summary>Any.</summary>
    Random,

    /// <summary>The first by name that can be called; the others are its spares.</summary>
    First,
}

/// <summary>Whose requests go to the same destination, as long as it can be called.</summary>
public enum Affinity
{
    None,
    Consumer,
    Partner,
}

/// <summary>How a destination is asked whether it is well.</summary>
public sealed record HealthOptions
{
    [Description("What is asked, by GET and without a credential; any status from 200 to 299 is well.")]
    [RegularExpression("^/[^?#]*$")]
    public required string Path { get; init; }

    [Description("How often.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    [Description("How long the answer is waited for.")]
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    [Description("After how many bad answers in a row a destination gets no requests; one good answer brings it back.")]
    [Range(1, 100)]
    public int Failures { get; init; } = 2;
}

/// <summary>Where a new version of a backend runs, and who meets it first.</summary>
public sealed record CanaryOptions
{
    [Description("Its base address.")]
    public required Uri Url { get; init; }

    [Description("Partners whose requests go there. Default: those of all.")]
    public IReadOnlyList<string> Partners { get; init; } = [];

    [Description("How many of a hundred of these requests go there, by chance.")]
    [Range(0.0, 100.0)]
    public double Percent { get; init; } = 100;
}

/// <summary>What is spoken with a backend.</summary>
public enum BackendProtocol
{
    /// <summary>HTTP/2 where the backend agrees to it in TLS, else HTTP/1.1.</summary>
    Auto,

    /// <summary>HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2; without TLS by prior knowledge (RFC 9113 section 3.3).</summary>
    Http2,
}

/// <summary>Connections to a backend.</summary>
public sealed record ConnectionOptions
{
    [Description("Most connections at once to one destination; more requests wait. Default: as many as it takes.")]
    [Range(1, 100_000)]
    public int? Max { get; init; }

    [Description("How long one is used before it is made anew, so that a changed address in DNS is followed.")]
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(10);

    [Description("How long one is kept that nobody uses.")]
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(1);

    [Description("Time for a TCP and TLS connection.")]
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>What of a forwarded request is changed on its way to the backend.</summary>
public sealed record ForwardChanges
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    public static readonly ForwardChanges None = new();

    /// <summary>What the path begins with and the backend does not see; null for nothing.</summary>
    public string? RemovePrefix { get; init; }

    public IReadOnlyDictionary<string, string> SetHeaders { get; init; } = Nothing;

    public IReadOnlyList<string> RemoveHeaders { get; init; } = [];

    public IReadOnlyDictionary<string, string> SetQuery { get; init; } = Nothing;

    public IReadOnlyList<string> RemoveQuery { get; init; } = [];

    /// <summary>For people: <c>without /v1, sets X-Channel</c>; empty for no change.</summary>
    public string Text => string.Join(", ", Parts());

    private IEnumerable<string> Parts()
    {
        if (RemovePrefix is { } prefix) yield return $"without {prefix}";
        foreach (var (name, value) in SetHeaders) yield return $"sets {name}: {value}";
        foreach (var name in RemoveHeaders) yield return $"removes {name}";
        foreach (var (name, value) in SetQuery) yield return $"sets ?{name}={value}";
        foreach (var name in RemoveQuery) yield return $"removes ?{name}";
    }
}
