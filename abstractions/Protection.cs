using Microsoft.AspNetCore.Http;

namespace Gateway;

/// <summary>
/// What a route takes and gives, where that is not the safe default: told by the policy kind <c>protect</c>, read wherever the gateway judges a
/// request before its policies could, and where it writes an answer.
/// </summary>
public sealed record Protection
{
    /// <summary>What holds where nothing is declared.</summary>
    public static readonly Protection Default = new();

    /// <summary>Largest body, bytes; null for what the route itself says.</summary>
    public long? MaxBody { get; init; }

    /// <summary>How JSON may be built beyond what <see cref="JsonBody"/> asks of all.</summary>
    public JsonBounds? Json { get; init; }

    /// <summary>Media types of bodies, in lower case; empty for all that are not XML.</summary>
    public IReadOnlyCollection<string> MediaTypes { get; init; } = [];

    /// <summary>Codings (RFC 9110 section 8.4.1) that are taken off a body; without them a coded body is refused.</summary>
    public IReadOnlyCollection<string> Encodings { get; init; } = [];

    /// <summary>Most bytes that one byte of a coded body may become.</summary>
    public int Ratio { get; init; }

    /// <summary>Whether XML is taken: well formed, and without a document type.</summary>
    public bool TakesXml { get; init; }

    /// <summary>Whether <c>%2F</c> may stand in a path: a slash within one segment.</summary>
    public bool EncodedSlashes { get; init; }

    /// <summary>Whether <c>;</c> may stand in a path.</summary>
    public bool Semicolons { get; init; }

    /// <summary>What pages of other origins may do; null where browsers let them do nothing.</summary>
    public CrossOrigin? Cors { get; init; }

    /// <summary>Whether who calls must not know of the route, by his address; null where nobody is told by that.</summary>
    public Func<HttpContext, bool>? HidesFrom { get; init; }

    /// <summary><c>Cache-Control</c> of successes in place of <c>no-store</c>.</summary>
    public string? CacheControl { get; init; }
}

/// <summary>Bounds of a JSON text. Null is no bound of its own: the size of the body is one for all of them.</summary>
public sealed record JsonBounds
{
    /// <summary>Deepest nesting; an object or array at the top is 1.</summary>
    public int? Depth { get; init; }

    /// <summary>Most members of one object.</summary>
    public int? Members { get; init; }

    /// <summary>Most elements of one array.</summary>
    public int? Elements { get; init; }

    /// <summary>Longest string or name, in bytes as it was sent, without its quotes.</summary>
    public int? String { get; init; }

    /// <summary>Longest number, in characters as it was sent.</summary>
    public int? Number { get; init; }
}

/// <summary>What pages of other origins may do at a route (Fetch Standard, CORS protocol).</summary>
/// <param name="Origins"><c>https://shop.example</c>; a single <c>*</c> for all.</param>
/// <param name="Headers">Headers of requests beside those that the route's policies read.</param>
/// <param name="Expose">Headers of answers beside those that the route's policies write.</param>
/// <param name="MaxAge">How long a browser may remember the answer to a preflight.</param>
/// <param name="Credentials">Whether browsers may send cookies and client certificates along.</param>
public sealed record CrossOrigin(IReadOnlyList<string> Origins, IReadOnlyList<string> Headers, IReadOnlyList<string> Expose, TimeSpan MaxAge, bool Credentials);
