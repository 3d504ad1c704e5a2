using Microsoft.AspNetCore.Routing.Matching;

namespace Gateway.Pipeline;

/// <summary>
/// Chooses among routes of one method and path by the header that names their version. It is asked only where routing found such routes,
/// so that other paths pay nothing.
/// </summary>
internal sealed class VersionSelector : MatcherPolicy, IEndpointSelectorPolicy
{
    /// <summary>Stands for: the path has versions, and none of them is the one that was asked for.</summary>
    public static readonly Endpoint NoVersion = new(_ => Task.CompletedTask, EndpointMetadataCollection.Empty, "no such version");

    /// <summary>Behind the framework's, which look at the method.</summary>
    public override int Order => 100;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(e => VersionOf(e) is not null);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        int? best = null;
        var served = false;
        for (var i = 0; i < candidates.Count; i++)
        {
            if (!candidates.IsValidCandidate(i)) continue;
            best ??= candidates[i].Score;
            if (candidates[i].Score != best) continue;
            if (VersionOf(candidates[i].Endpoint) is { } version && !Names(httpContext.Request, version)) candidates.SetValidity(i, false);
            else served = true;
        }
        if (best is not null && !served) httpContext.SetEndpoint(NoVersion);
        return Task.CompletedTask;
    }

    /// <summary>Whether a request asks for a version; one that names none asks for the default.</summary>
    public static bool Names(HttpRequest request, RouteVersion version) =>
        request.Headers[version.Header] is [{ Length: > 0 } named] ? named == version.Value : request.Headers[version.Header].Count == 0 && version.IsDefault;

    private static RouteVersion? VersionOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<PlanRoute>()?.Version;
}
