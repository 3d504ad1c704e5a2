using System.Collections.Concurrent;

namespace Gateway;

/// <summary>What a part of a workspace is that cases may reach.</summary>
public enum CoveredKind
{
    Route,

    /// <summary>A policy's part in one phase of one route.</summary>
    Policy,

    /// <summary>A line of a mapping, or of the functions it uses, on which something is evaluated.</summary>
    MappingLine,
}

/// <summary>One part of a workspace, and whether a case has reached it.</summary>
/// <param name="Name">For people: <c>orders.create</c>, <c>orders.create: contract (RequestContract)</c>.</param>
public sealed record CoveredPart(CoveredKind Kind, string Name, Place Place, bool Reached);

/// <summary>
/// Notes which parts of a workspace cases reach. It is asked for while a workspace is compiled; where there is none, nothing is built in and
/// nothing is noted.
/// </summary>
public sealed class Coverage
{
    private readonly ConcurrentDictionary<(CoveredKind Kind, string Name, Place Place), Mark> _parts = new();

    /// <summary>Every part that was compiled, in the order of their places.</summary>
    public IReadOnlyList<CoveredPart> Parts =>
    [
        .. _parts.Select(p => new CoveredPart(p.Key.Kind, p.Key.Name, p.Key.Place, p.Value.Reached))
            .OrderBy(p => p.Kind).ThenBy(p => p.Place.File, StringComparer.Ordinal).ThenBy(p => p.Place.Line).ThenBy(p => p.Place.Column).ThenBy(p => p.Name, StringComparer.Ordinal),
    ];

    /// <summary>What to call whenever a part is reached. A part that is compiled again is the same part.</summary>
    public Action Of(CoveredKind kind, string name, Place place)
    {
        var mark = _parts.GetOrAdd((kind, name, place), _ => new Mark());
        return () => mark.Reached = true;
    }

    private sealed class Mark
    {
        public volatile bool Reached;
    }
}
