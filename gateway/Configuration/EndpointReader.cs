using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Where partners take documents in APIs of their own: checked, and told to the backends that send there.</summary>
internal sealed class EndpointReader(WorkspaceDocument document, Places places, CredentialChecks credentials, ICollection<Diagnostic> diagnostics)
{
    /// <summary>Opens a backend's endpoints.</summary>
    /// <returns>The partners that have one.</returns>
    public IReadOnlyList<string> AddTo(Backend backend, Adapter adapter)
    {
        var partners = new List<string>();
        foreach (var (partner, declared) in document.Partners)
        {
            if (!declared.Endpoints.TryGetValue(backend.Name, out var endpoint)) continue;
            if (endpoint.Credential is { } credential) credentials.Check(backend.Name, credential, places.Of(endpoint, nameof(endpoint.Credential)), adapter);
            if (!backend.AllowsInside && (endpoint.Url.Scheme != Uri.UriSchemeHttps || endpoint.Url.IsLoopback))
                Error("GW5128", places.Of(endpoint, nameof(endpoint.Url)), $"documents for {partner} would go {(endpoint.Url.Scheme == Uri.UriSchemeHttps ? "to the gateway's own machine" : "over http, readable on their way")}", $"write https://…, or let an operator set allowInside: true on the backend '{backend.Name}'");
            if (!endpoint.KnowsRepeats && endpoint.ReadBack is null)
                Error("GW5129", places.Of(endpoint), $"nobody could tell what became of a document for {partner} whose answer was lost", "add readBack: /…/{id}, or knowsRepeats: true where the partner promises it");
            backend.AddEndpoint(partner, endpoint);
            partners.Add(partner);
        }
        return partners;
    }

    /// <summary>Each endpoint is of a backend that sends there.</summary>
    public void Check(IReadOnlyDictionary<string, Backend> backends)
    {
        var sending = backends.Values.Where(b => b.TakesEndpoints).Select(b => b.Name).ToList();
        foreach (var (partner, declared) in document.Partners)
        {
            foreach (var name in declared.Endpoints.Keys.Where(n => !sending.Contains(n) && (backends.ContainsKey(n) || !places.Has(document.Backends, n))))
                Error("GW5127", places.Of(declared.Endpoints, name), $"no backend '{name}' sends documents to partners, so {partner} gets none there", $"declare it with adapter: partner; {Nearest.Cure(name, sending)}");
        }
    }

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
