using Microsoft.AspNetCore.Routing.Patterns;

namespace Gateway.Configuration;

/// <summary>From what an API and a route say of their life to what callers are told of it.</summary>
internal static class LifeReader
{
    /// <summary>Null for a route of which nothing is to be told.</summary>
    public static RouteLife? Of(ApiDocument api, RouteDocument route, WorkspaceDocument document)
    {
        var (lifecycle, deprecated, sunset) = (route.Lifecycle ?? api.Lifecycle, route.Deprecated ?? api.Deprecated, route.Sunset ?? api.Sunset);
        var successor = SuccessorOf(api, document);
        if (lifecycle == Lifecycle.Published && (deprecated ?? sunset) is null && successor is null) return null;
        return new RouteLife(lifecycle, deprecated, sunset)
        {
            Audience = lifecycle == Lifecycle.Draft ? api.Audience.ToHashSet() : null,
            Successor = successor,
            LinkHeader = LinksOf(api.Migration, successor, deprecated is not null, sunset is not null || lifecycle == Lifecycle.Retired),
        };
    }

    /// <summary>What the life of a route means for its callers.</summary>
    public static void Describe(RouteLife life, Surface surface)
    {
        if (life.DeprecationHeader is { } deprecation)
            surface.AnswerHeaders.Add(new SurfaceHeader("Deprecation", "Since when, or from when on, you should use another (RFC 9745): seconds since 1970.", deprecation));
        if (life.SunsetHeader is { } sunset)
            surface.AnswerHeaders.Add(new SurfaceHeader("Sunset", "From when on it answers 410 (RFC 8594).", sunset));
        if (life.LinkHeader is { } link)
            surface.AnswerHeaders.Add(new SurfaceHeader("Link", "How to move, and what comes in its place (RFC 8288): deprecation, sunset, successor-version.", link));
        if (life.Sunset is not null) surface.Failures.Add(Failure.Gone);
    }

    /// <summary>RFC 9745 section 3, RFC 8594 section 6 and RFC 5829 section 3.2; one page tells about both ends.</summary>
    private static string? LinksOf(Uri? migration, string? successor, bool deprecated, bool ends)
    {
        var links = new List<string>(3);
        if (migration is not null && deprecated) links.Add($"<{migration.AbsoluteUri}>; rel=\"deprecation\"");
        if (migration is not null && ends) links.Add($"<{migration.AbsoluteUri}>; rel=\"sunset\"");
        if (successor is not null) links.Add($"<{successor}>; rel=\"successor-version\"");
        return links.Count > 0 ? string.Join(", ", links) : null;
    }

    /// <summary>The address as it was written, or the path that all routes of the named API begin with; null where they have no beginning in common.</summary>
    private static string? SuccessorOf(ApiDocument api, WorkspaceDocument document)
    {
        if (api.Successor is not { } name) return null;
        if (!document.Apis.TryGetValue(name, out var next)) return Uri.TryCreate(name, UriKind.Absolute, out var address) ? address.AbsoluteUri : null;
        var paths = next.Routes.Values.Select(r => RoutePath.Parse(r.Match.Split(' ', 2)[^1].Trim()).Pattern).OfType<RoutePattern>().Select(LiteralsOf).ToList();
        var common = paths.Count == 0 ? [] : paths.Aggregate((a, b) => [.. a.Zip(b).TakeWhile(p => p.First == p.Second).Select(p => p.First)]);
        return common.Count == 0 ? null : new PathString("/" + string.Join('/', common)).ToUriComponent();
    }

    private static List<string> LiteralsOf(RoutePattern pattern) =>
        [.. pattern.PathSegments.Select(s => s.Parts is [RoutePatternLiteralPart literal] ? literal.Content : null).TakeWhile(l => l is not null).OfType<string>()];
}
