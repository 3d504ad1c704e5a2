using Microsoft.AspNetCore.Routing.Patterns;

namespace Gateway.Configuration;

/// <summary>Path templates of ASP.NET Core routing, checked for what routing itself would only find when the first request comes.</summary>
internal static class RoutePath
{
    private static readonly IInlineConstraintResolver Constraints =
        new ServiceCollection().AddRouting().BuildServiceProvider().GetRequiredService<IInlineConstraintResolver>();

    /// <summary>The pattern, or why the text is none.</summary>
    public static (RoutePattern? Pattern, string Error) Parse(string path)
    {
        try
        {
            var pattern = RoutePatternFactory.Parse(path);
            var unknown = pattern.ParameterPolicies.Values.SelectMany(policies => policies).Select(p => p.Content).OfType<string>().FirstOrDefault(c => !IsConstraint(c));
            return unknown is null ? (pattern, "") : (null, $"'{unknown}' is no constraint of a parameter");
        }
        catch (RoutePatternException broken)
        {
            return (null, broken.Message.Split('\n')[0].TrimEnd('.', '\r'));
        }
    }

    /// <summary>What two paths have in common when they take the same requests.</summary>
    public static string Shape(RoutePattern pattern) => string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part =>
        part is RoutePatternLiteralPart literal ? literal.Content.ToLowerInvariant() : "{}"))));

    /// <summary>Whether the first path takes requests that without it the second would get; constraints of parameters are not looked at.</summary>
    public static bool Shadows(string path, string other)
    {
        var (first, second) = (RoutePatternFactory.Parse(path), RoutePatternFactory.Parse(other));
        var (shorter, longer) = first.PathSegments.Count < second.PathSegments.Count ? (first, second) : (second, first);
        return first.InboundPrecedence < second.InboundPrecedence
            && (shorter.PathSegments.Count == longer.PathSegments.Count || TakesMore(shorter) || longer.PathSegments.Skip(shorter.PathSegments.Count).All(IsOptional))
            && first.PathSegments.Zip(second.PathSegments).All(pair => LiteralOf(pair.First) is not { } a || LiteralOf(pair.Second) is not { } b || a == b);
    }

    private static bool TakesMore(RoutePattern pattern) => pattern.Parameters.Any(p => p.IsCatchAll);

    private static bool IsOptional(RoutePatternPathSegment segment) => segment.Parts is [RoutePatternParameterPart { IsOptional: true } or RoutePatternParameterPart { IsCatchAll: true }];

    private static string? LiteralOf(RoutePatternPathSegment segment) => segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content.ToLowerInvariant() : null;

    private static bool IsConstraint(string text)
    {
        try
        {
            return Constraints.ResolveConstraint(text) is not null;
        }
        catch (RouteCreationException)
        {
            // Known, but not with these arguments.
            return false;
        }
    }
}
