using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Gateway.Configuration;

/// <summary>
/// Paths of routes: literals, <c>{name}</c>, and <c>{**name}</c> as the last segment. ASP.NET Core's routing knows more; what it knows beyond that is
/// refused here, because it is decided outside of contracts, or matches no request at all.
/// </summary>
internal static partial class RoutePath
{
    /// <summary>The pattern, or why the text is none and what to write instead.</summary>
    public static (RoutePattern? Pattern, string Error, string Cure) Parse(string path)
    {
        if ((FaultOfBraces(path) ?? FaultOfParameters(path) ?? FaultOfLiterals(path)) is { } fault) return (null, fault.Error, fault.Cure);
        try
        {
            return (RoutePatternFactory.Parse(path), "", "");
        }
        catch (RoutePatternException)
        {
            return (null, $"'{path}' is no path with parameters", "write parameters as {name}");
        }
    }

    /// <summary>What two paths have in common when they take the same requests.</summary>
    public static string Shape(RoutePattern pattern) => string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part =>
        TextOf(part)?.ToLowerInvariant() ?? "{}"))));

    /// <summary>Whether the first path takes requests that without it the second would get.</summary>
    public static bool Shadows(string path, string other)
    {
        var (first, second) = (RoutePatternFactory.Parse(path), RoutePatternFactory.Parse(other));
        var (shorter, longer) = first.PathSegments.Count < second.PathSegments.Count ? (first, second) : (second, first);
        return first.InboundPrecedence < second.InboundPrecedence
            && (shorter.PathSegments.Count == longer.PathSegments.Count || TakesMore(shorter) || longer.PathSegments.Skip(shorter.PathSegments.Count).All(IsCatchAll))
            && first.PathSegments.Zip(second.PathSegments).All(pair => LiteralOf(pair.First) is not { } a || LiteralOf(pair.Second) is not { } b || a == b);
    }

    /// <summary>Whether there may be requests that both paths take with the same right, so that routing would decide for none of them.</summary>
    public static bool Undecided(RoutePattern first, RoutePattern second) =>
        first.InboundPrecedence == second.InboundPrecedence
        && first.PathSegments.Count == second.PathSegments.Count
        && first.PathSegments.Zip(second.PathSegments).All(pair => MayBeSame(pair.First, pair.Second));

    private static (string Error, string Cure)? FaultOfBraces(string path)
    {
        var rest = Parameter().Replace(path, "");
        if (path.Contains("}{", StringComparison.Ordinal)) return ("nothing stands between two parameters of one segment", "put a / or a letter between them");
        if (rest.Contains('{', StringComparison.Ordinal)) return ("a { is not closed", "write parameters as {name}");
        return rest.Contains('}', StringComparison.Ordinal) ? ("a } closes nothing", "write parameters as {name}") : null;
    }

    private static (string Error, string Cure)? FaultOfParameters(string path)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (text, inner, end) in Parameter().Matches(path).Select(m => (m.Value, m.Groups["inner"].Value, m.Index + m.Length)))
        {
            var (stars, name) = (inner.Length - inner.TrimStart('*').Length, NameIn(inner));
            if (name.Length == 0) return ($"the parameter {text} has no name", "write parameters as {name}");
            if (inner.Contains(':', StringComparison.Ordinal))
                return ($"the parameter {text} has a constraint, and contracts alone say what parameters look like", $"write {{{inner[..stars]}{name}}}, and check it with contract: {{ path: NAME@1 }}");
            if (inner.Length != stars + name.Length)
                return ($"the parameter {text} may be left out", $"write {{{name}}}, and a route of its own for the path without it");
            if (stars > 2) return ($"the parameter {text} has too many stars", $"write {{**{name}}}");
            if (stars > 0 && (end != path.Length || !path.EndsWith("/" + text, StringComparison.Ordinal)))
                return ($"{text} takes all that follows, and is not the whole last segment", $"move it to the end, or write {{{name}}}");
            if (!names.Add(name)) return ($"the parameter '{name}' stands in the path twice", "give each parameter a name of its own");
        }
        return null;
    }

    /// <summary>Requests are compared when their queries are off, their dot segments resolved (RFC 3986 section 5.2.4) and their characters decoded.</summary>
    private static (string Error, string Cure)? FaultOfLiterals(string path)
    {
        var literals = Parameter().Replace(path, "x");
        if (literals.IndexOf('?', StringComparison.Ordinal) >= 0) return ("a query is no part of a path", "end it before the ?; contract: { query: NAME@1 } checks what stands in queries");
        if (literals.IndexOf('#', StringComparison.Ordinal) >= 0) return ("a fragment is never sent", "end it before the #");
        if (literals.IndexOf('%', StringComparison.Ordinal) is >= 0 and var at)
            return ($"'{literals.Substring(at, Math.Min(3, literals.Length - at))}' would match no request, for paths are compared decoded", "write the character itself");
        if (literals.Contains("//", StringComparison.Ordinal)) return ("a segment is empty", "write one / between segments");
        return literals.Split('/').FirstOrDefault(s => s is "." or "..") is { } dots
            ? ($"the segment '{dots}' would match no request, for it is resolved before paths are compared", "write the path that it leads to")
            : null;
    }

    private static string NameIn(string inner) => inner.TrimStart('*').Split(':', '=', '?')[0];

    /// <summary>Two segments of the same precedence; whether a text may be both is judged by how they begin and end.</summary>
    private static bool MayBeSame(RoutePatternPathSegment first, RoutePatternPathSegment second)
    {
        if (LiteralOf(first) is { } one && LiteralOf(second) is { } other) return one == other;
        return Agree(EndOf(first.Parts[0]), EndOf(second.Parts[0]), (a, b) => a.StartsWith(b, StringComparison.OrdinalIgnoreCase))
            && Agree(EndOf(first.Parts[^1]), EndOf(second.Parts[^1]), (a, b) => a.EndsWith(b, StringComparison.OrdinalIgnoreCase));
    }

    private static bool Agree(string first, string second, Func<string, string, bool> covers) => covers(first, second) || covers(second, first);

    private static string EndOf(RoutePatternPart part) => TextOf(part) ?? "";

    private static string? TextOf(RoutePatternPart part) => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        _ => null,
    };

    private static bool TakesMore(RoutePattern pattern) => pattern.Parameters.Any(p => p.IsCatchAll);

    private static bool IsCatchAll(RoutePatternPathSegment segment) => segment.Parts is [RoutePatternParameterPart { IsCatchAll: true }];

    private static string? LiteralOf(RoutePatternPathSegment segment) => segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content.ToLowerInvariant() : null;

    [GeneratedRegex(@"\{(?<inner>[^{}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
