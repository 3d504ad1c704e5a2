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
