using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Gateway;

/// <summary>Under which path an object of a kind is read, seen from the route that creates it.</summary>
public sealed class ObjectPath
{
    private readonly RoutePattern _pattern;
    private readonly string _parameter;

    private ObjectPath(RoutePattern pattern, string parameter) => (_pattern, _parameter) = (pattern, parameter);

    /// <summary>
    /// The route right under the creating one, else one of its API, else of another; null where none reads the kind, or where its path needs what the creating
    /// one does not know.
    /// </summary>
    public static ObjectPath? Of(string kind, string api, RoutePattern creating, IReadOnlyList<PlanRoute> routes)
    {
        var known = creating.Parameters.Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var under = creating.RawText!.TrimEnd('/') + "/";
        return routes
            .Where(r => r is { Method: "GET", Life: not { IsDraft: true }, Target: PlanTarget.Call { Creates: null, Operation.Descriptor.Effect: Effect.Reads, Object: { } wanted } } && wanted.Kind == kind)
            .Select(r => (Route: r, Pattern: RoutePatternFactory.Parse(r.Pattern), ((PlanTarget.Call)r.Target).Object!.Value.Parameter))
            // What lies further below reads of an object, and not the object.
            .Where(r => r.Pattern.PathSegments is [.., { IsSimple: true } last] && last.Parts[0] is RoutePatternParameterPart part && part.Name == r.Parameter)
            .Where(r => r.Pattern.PathSegments.All(s => s.IsSimple) && r.Pattern.Parameters.All(p => p.Name == r.Parameter || known.Contains(p.Name)))
            .OrderByDescending(r => r.Pattern.RawText == under + $"{{{r.Parameter}}}")
            .ThenByDescending(r => r.Route.Api == api)
            .Select(r => new ObjectPath(r.Pattern, r.Parameter))
            .FirstOrDefault();
    }

    /// <summary>The path of one object, as it goes into a header.</summary>
    public string To(string id, RouteValueDictionary values) =>
        string.Concat(_pattern.PathSegments.Select(segment => "/" + segment.Parts[0] switch
        {
            RoutePatternParameterPart part => Uri.EscapeDataString(part.Name == _parameter ? id : values[part.Name] as string ?? ""),
            RoutePatternLiteralPart literal => literal.Content,
            _ => "",
        }));
}
