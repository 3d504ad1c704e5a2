using Microsoft.AspNetCore.Routing.Template;

namespace Gateway.Pipeline;

/// <summary>
/// What is answered where no route takes a request: 404, or 405 with the methods that the path takes (RFC 9110 section 15.5.6).
/// Drafts are no part of it: nobody can tell them from what is not there.
/// </summary>
internal static class Unserved
{
    public const string Nothing = "Nothing is served under this path.";

    /// <summary>For a path, whatever the method.</summary>
    public static Refusal Of(IReadOnlyList<PlanRoute> routes, PathString path) =>
        Of(routes.Where(r => r.Life is not { IsDraft: true } && Matches(r, path)).Select(r => r.Method));

    /// <summary>For a path that takes these methods, as routing found them, drafts among them.</summary>
    public static Refusal Of(IReadOnlyList<PlanRoute> routes, PathString path, IEnumerable<string> methods)
    {
        if (!routes.Any(r => r.Life is { IsDraft: true })) return Of(methods);
        var here = routes.Where(r => Matches(r, path)).ToLookup(r => r.Method);
        // A method that no route of the Plan takes is of a page of the gateway itself.
        return Of(methods.Where(m => !here[m].Any() || here[m].Any(r => r.Life is not { IsDraft: true })));
    }

    private static Refusal Of(IEnumerable<string> methods)
    {
        var allow = string.Join(", ", methods.Distinct().Order(StringComparer.Ordinal));
        return allow.Length == 0 ? new Refusal(Failure.NotFound, Nothing) : new Refusal(Failure.MethodNotAllowed, $"This path takes {allow}.") { Allow = allow };
    }

    private static bool Matches(PlanRoute route, PathString path) => new TemplateMatcher(TemplateParser.Parse(route.Pattern), []).TryMatch(path, []);
}
