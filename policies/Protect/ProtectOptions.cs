using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Policies.Protect;

/// <summary>What a route takes, where that is less or more than the safe defaults. What is left out stays as it is for all.</summary>
public sealed record ProtectOptions
{
    [Description("Largest body taken; of a coded one, also what it unpacks to. In place of the route's maxBody.")]
    [Range(typeof(long), "1", "104857600")]
    public long? Body { get; init; }

    [Description("Bytes a second that a body must come with, on average, after its first five seconds. Default: governance.server.bodyRate.")]
    [Range(1, 1_000_000)]
    public int? BodyRate { get; init; }

    [Description("Longest path with its query, as it was sent. Default: governance.server.url.")]
    [Range(typeof(long), "1", "65536")]
    public long? Url { get; init; }

    [Description("Longest query, as it was sent.")]
    [Range(typeof(long), "1", "65536")]
    public long? Query { get; init; }

    [Description("Most headers of a request. Default: governance.server.headers.")]
    [Range(1, 1000)]
    public int? Headers { get; init; }

    [Description("All headers of a request together, names and values. Default: governance.server.headersSize.")]
    [Range(typeof(long), "1", "1048576")]
    public long? HeadersSize { get; init; }

    [Description("Bounds of JSON bodies.")]
    public JsonBoundsOptions? Json { get; init; }

    [Description("Media types of bodies: application/json. Default: all but XML; where a policy reads the body, JSON.")]
    public IReadOnlyList<string> MediaTypes { get; init; } = [];

    [Description("Codings that the gateway takes off bodies: gzip, br, deflate. Default: none, a coded body is refused.")]
    public IReadOnlyList<BodyCoding> Encodings { get; init; } = [];

    [Description("Most bytes that one byte of a coded body may become.")]
    [Range(1, 10_000)]
    public int Ratio { get; init; } = 100;

    [Description("Bodies may be XML, on a route that forwards. A document type (DTD) is refused, and with it every entity.")]
    public bool Xml { get; init; }

    [Description("What may stand in a path beyond letters that all programs read alike.")]
    public PathOptions Path { get; init; } = new();

    [Description("Who may connect at all, before anybody asks who it is.")]
    public AddressOptions? Addresses { get; init; }

    [Description("What pages of other origins may do (CORS). Default: nothing.")]
    public CorsOptions? Cors { get; init; }

    [Description("Cache-Control of successes. Default: no-store where callers are known; where they are not, what the backend says.")]
    [RegularExpression("^[A-Za-z0-9=, -]+$")]
    public string? CacheControl { get; init; }
}

public enum BodyCoding
{
    Gzip,
    Br,

    /// <summary>The zlib format (RFC 9110 section 8.4.1.2).</summary>
    Deflate,
}

public sealed record JsonBoundsOptions
{
    [Description("Deepest nesting; an object or array at the top is 1.")]
    [Range(1, 64)]
    public int? Depth { get; init; }

    [Description("Most members of one object.")]
    [Range(1, 10_000_000)]
    public int? Members { get; init; }

    [Description("Most elements of one array.")]
    [Range(1, 10_000_000)]
    public int? Elements { get; init; }

    [Description("Longest string or name, in bytes as it was sent.")]
    [Range(1, 104_857_600)]
    public int? String { get; init; }

    [Description("Longest number, in characters as it was sent.")]
    [Range(1, 1_000_000)]
    public int? Number { get; init; }
}

public sealed record PathOptions
{
    [Description("%2F may stand in a path: a slash within one segment, for policies and operations, and %2F again at a backend.")]
    public bool EncodedSlashes { get; init; }

    [Description("; may stand in a path. Some backends drop it and what follows in the segment.")]
    public bool Semicolons { get; init; }
}

public sealed record AddressOptions
{
    [Description("Networks, in CIDR notation, that may connect: 10.0.0.0/8, 2001:db8::/32, 192.0.2.7. Default: all.")]
    public IReadOnlyList<string> Allow { get; init; } = [];

    [Description("Networks that may not, even if they are allowed.")]
    public IReadOnlyList<string> Deny { get; init; } = [];

    [Description("403 refuses the others. 404 also hides from them that there is something.")]
    [Range(403, 404)]
    public int Else { get; init; } = 403;
}

public sealed record CorsOptions
{
    [Description("Origins of pages: https://shop.example. A single * is all of them.")]
    public required IReadOnlyList<string> Origins { get; init; }

    [Description("Headers that pages may send beside those that the route's policies read.")]
    public IReadOnlyList<string> Headers { get; init; } = [];

    [Description("Headers of answers that pages may read beside those that the route's policies write.")]
    public IReadOnlyList<string> Expose { get; init; } = [];

    [Description("How long a browser may remember what it may do.")]
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(10);

    [Description("Browsers may send cookies and client certificates along.")]
    public bool Credentials { get; init; }
}
