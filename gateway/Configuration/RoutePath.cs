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
