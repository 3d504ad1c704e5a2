using Gateway.Configuration;

namespace Gateway.Usage;

/// <summary>Who may call a route: consumers with a credential that it takes, every scope that it wants, and a place in its audience.</summary>
internal sealed class RouteCallers(WorkspaceDocument document)
{
    private readonly IReadOnlyList<(string Name, ConsumerDocument Written)> _consumers = [.. document.Partners.SelectMany(p => p.Value.Consumers.Select(c => (c.Key, c.Value)))];

    /// <summary>Names of consumers, sorted; nobody's where the route asks nobody who they are.</summary>
    public IReadOnlyList<string> Of(PlanRoute route) =>
    [
        .. _consumers.Where(c => route.Surface.Credentials.Any(way => way.Parts.All(part => Has(c.Written, part))) && route.Surface.Scopes.IsSubsetOf(c.Written.Scopes) && route.Life?.Audience?.Contains(c.Name) != false)
            .Select(c => c.Name).Order(StringComparer.Ordinal),
    ];

    private static bool Has(ConsumerDocument consumer, SurfaceCredential way) => way switch
    {
        SurfaceCredential.ApiKey => consumer.Keys.Count > 0,
        SurfaceCredential.Token token => consumer.Subjects.Any(s => s.StartsWith(token.Issuer + "/", StringComparison.Ordinal)),
        SurfaceCredential.Certificate certificate => consumer.Certificates.Any(c => c.Authority == certificate.Authority),
        _ => false,
    };
}
