using Microsoft.AspNetCore.Routing.Template;

namespace Gateway.Pipeline;

/// <summary>
/// What is answered where no route takes a request: 404, 405 with the methods that the path takes (RFC 9110 section 15.5.6), or 400 with the
/// versions that there are. Drafts, and what hides from who calls, are no part of it: nobody can tell them from what is not there.
/// </summary>
internal static class Unserved
{
    public const string Nothing = Refusal.NothingServed;

    public static Refusal Of(IReadOnlyList<PlanRoute> routes, HttpRequest request)
    {
        var here = routes.Where(r => IsShown(r, request.HttpContext) && Matches(r, request.Path)).ToList();
        var versions = here.Where(r => r.Method == request.Method).Select(r => r.Version).OfType<RouteVersion>().ToList();
        return versions.Count > 0 ? NoVersion(versions) : OtherMethod(here.Select(r => r.Method));
    }

    /// <summary>For a path that takes these methods, as routing found them, hidden ones among them.</summary>
    public static Refusal Of(IReadOnlyList<PlanRoute> routes, HttpContext http, IEnumerable<string> methods)
    {
        if (routes.All(r => IsShown(r, http))) return OtherMethod(methods);
        var here = routes.Where(r => Matches(r, http.Request.Path)).ToLookup(r => r.Method);
        // A method that no route of the Plan takes is of a page of the gateway itself.
        return OtherMethod(methods.Where(m => !here[m].Any() || here[m].Any(r => IsShown(r, http))));
    }

    /// <summary>Whether a part of a path may be a secret: a route of another method would take it for one.</summary>
    public static bool Hides(IReadOnlyList<PlanRoute> routes, PathString path) => routes.Any(r => r.HidesPath && Matches(r, path));

    private static bool IsShown(PlanRoute route, HttpContext http) => route.Life is not { IsDraft: true } && route.Protection.HidesFrom?.Invoke(http) is not true;

    private static Refusal OtherMethod(IEnumerable<string> methods)
    {
        var allow = string.Join(", ", methods.Distinct().Order(StringComparer.Ordinal));
        return allow.Length == 0 ? new Refusal(Failure.NotFound, Nothing) : new Refusal(Failure.MethodNotAllowed, $"This path takes {allow}.") { Allow = allow };
    }

    private static Refusal NoVersion(IReadOnlyList<RouteVersion> versions)
    {
        var (header, known) = (versions[0].Header, string.Join(", ", versions.Select(v => v.Value).Order(StringComparer.Ordinal)));
        return new Refusal(Failure.VersionUnknown, $"Say in {header} which version you want. Versions of this path: {known}.")
        {
            Vary = header,
            Findings = [new Finding("#/" + header.Replace("~", "~0", StringComparison.Ordinal), "enum", $"must be one of {known}") { In = "header" }],
        };
    }

    private static bool Matches(PlanRoute route, PathString path) => new TemplateMatcher(TemplateParser.Parse(route.Pattern), []).TryMatch(path, []);
}
