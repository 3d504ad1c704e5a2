using System.Globalization;
using Gateway.Adapters.Http;
using Gateway.Configuration.Yaml;
using Gateway.Pipeline;

namespace Gateway.Configuration;

/// <summary>Whether a backend's credential says one way to sign in, and one that its adapter knows.</summary>
internal sealed class CredentialChecks(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
{
    private readonly IReadOnlyList<string> _callers = CallerHeaders.CredentialsOf(document);

    public void Check(string backend, BackendOptions options, Adapter adapter)
    {
        if (options is HttpBackendOptions http) CheckPassed(http);
        if (options.Credential is { } credential) Check(backend, credential, places.Of(options, nameof(options.Credential)), adapter);
    }

    /// <param name="place">Of the credential.</param>
    public void Check(string backend, CredentialOptions credential, Place place, Adapter adapter)
    {
        // What was written and could not be bound is told already.
        bool Has(string member) => places.Has(credential, member);
        var ways = new[] { nameof(credential.Key), nameof(credential.Basic), nameof(credential.Oauth2) }.Where(Has).Select(Scalars.Camel).ToList();
        if (ways.Count > 1)
            Error("GW3011", place, $"the gateway would sign in at '{backend}' by {string.Join(" and by ", ways)} at once", "keep one; a certificate may stand beside it");
        else if (ways.Count == 0 && !Has(nameof(credential.Certificate)))
            Error("GW3011", place, $"the credential of '{backend}' says no way to sign in", "add key:, basic:, oauth2: or certificate:, or remove it");
        var ofKeys = new[] { nameof(credential.Header), nameof(credential.Scheme) }.Where(Has).ToList();
        if (!ways.Contains("key"))
            foreach (var member in ofKeys) Error("GW3011", places.Of(credential, member), $"'{Scalars.Camel(member)}' belongs to a key", "remove it, or add key:");
        if (adapter.TakesKeysOnly && !ways.Contains("key"))
            Error("GW3012", place, $"the adapter {adapter.Name} signs in by a key", "add key: secret://env/NAME");
        else if (adapter.TakesKeysOnly)
            foreach (var member in ofKeys) Error("GW3012", places.Of(credential, member), $"the adapter {adapter.Name} has no use for '{Scalars.Camel(member)}': its protocol says how a key is sent", "remove it");
        if (credential.Oauth2 is { } oauth2 && oauth2.TokenUrl.Scheme != Uri.UriSchemeHttps && !oauth2.TokenUrl.IsLoopback)
            Error("GW3013", places.Of(oauth2, nameof(oauth2.TokenUrl)), "the client secret would go over http, readable on its way", "write https://…");
    }

    /// <summary>What reaches the backend anyway, what it never may, and what is the gateway's own there.</summary>
    private void CheckPassed(HttpBackendOptions options)
    {
        var own = options.Credential is { } credential ? credential.Key is not null ? credential.Header : credential is { Basic: null, Oauth2: null } ? null : "Authorization" : null;
        for (var i = 0; i < options.PassHeaders.Count; i++)
        {
            var (name, place) = (options.PassHeaders[i], places.Of(options.PassHeaders, i.ToString(CultureInfo.InvariantCulture)));
            if (name.Equals(own, StringComparison.OrdinalIgnoreCase))
                Error("GW3014", place, $"{name} carries the gateway's own credential there", "remove it, or send the gateway's in another header");
            else if (CallerHeaders.IsOfProxies(name))
                Error("GW3014", place, $"{name} is a header that backends believe of proxies, so callers' own reaches none", "take callers' credential in a header of another name");
            else if (!_callers.Contains(name, StringComparer.OrdinalIgnoreCase))
                Error("GW3014", place, $"'{name}' is no credential of callers", Nearest.Cure(name, _callers));
        }
    }

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
