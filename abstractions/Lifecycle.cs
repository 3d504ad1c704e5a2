using System.Globalization;

namespace Gateway;

/// <summary>Where an API or a route is in its life.</summary>
public enum Lifecycle
{
    /// <summary>On trial: only the consumers it names see it.</summary>
    Draft,

    /// <summary>Served and described.</summary>
    Published,

    /// <summary>Served, and callers are told to look for another (RFC 9745).</summary>
    Deprecated,

    /// <summary>Gone: 410.</summary>
    Retired,
}

/// <summary>
/// Where a route is in its life, and what callers are told of it: made once, at load. A route of which nothing is to be told has none.
/// </summary>
public sealed class RouteLife(Lifecycle lifecycle, DateTimeOffset? deprecated, DateTimeOffset? sunset)
{
    public Lifecycle Lifecycle { get; } = lifecycle;

    /// <summary>Since when, or from when on, callers should look for another.</summary>
    public DateTimeOffset? Deprecated { get; } = deprecated;

    /// <summary>From when on the route answers 410.</summary>
    public DateTimeOffset? Sunset { get; } = sunset;

    /// <summary>Consumers who see a draft; null where everybody does.</summary>
    public IReadOnlySet<string>? Audience { get; init; }

    /// <summary>What comes in its place, as a reference that a caller can follow; null when nobody said.</summary>
    public string? Successor { get; init; }

    /// <summary><c>Deprecation</c>: a date of structured fields (RFC 9745 section 2), <c>@1801353600</c>.</summary>
    public string? DeprecationHeader { get; } = deprecated is { } at ? string.Create(CultureInfo.InvariantCulture, $"@{at.ToUnixTimeSeconds()}") : null;

    /// <summary><c>Sunset</c>: an HTTP-date (RFC 8594 section 3), <c>Sun, 31 Jan 2027 00:00:00 GMT</c>.</summary>
    public string? SunsetHeader { get; } = sunset?.ToString("R", CultureInfo.InvariantCulture);

    /// <summary><c>Link</c> (RFC 8288) with the relations <c>deprecation</c>, <c>sunset</c> and <c>successor-version</c>; null for none.</summary>
    public string? LinkHeader { get; init; }

    public bool IsDraft => Audience is not null;

    public bool HasEndedAt(DateTimeOffset now) => Lifecycle == Lifecycle.Retired || now >= Sunset;
}
