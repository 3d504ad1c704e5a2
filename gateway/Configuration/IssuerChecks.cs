using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Issuers whose tokens can be trusted: by signatures that only they can make, of tenants that are named, over connections that nobody can bend.</summary>
internal sealed partial class IssuerChecks(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
{
    /// <summary>Signatures of key pairs (RFC 7518 section 3.1): who checks them can't make them.</summary>
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public void Check()
    {
        foreach (var (name, issuer) in document.Issuers)
        {
            CheckAlgorithms(issuer);
            CheckNames(issuer);
            if (issuer.Kind == IssuerKind.Entra) CheckEntra(issuer);
            else if (issuer.Tenants.Count > 0) Error("GW5014", places.Of(issuer, nameof(issuer.Tenants)), "only Entra ID has tenants", "write kind: entra, or remove tenants");
            CheckIntrospection(name, issuer);
            CheckConnection(issuer, nameof(issuer.Issuer), issuer.Issuer);
            if (issuer.Introspection is { Endpoint: { } endpoint } asked) CheckConnection(asked, nameof(asked.Endpoint), endpoint);
        }
        foreach (var subjects in document.Partners.Values.SelectMany(p => p.Consumers.Values).Select(c => c.Subjects).Concat(document.Operators.Values.Select(o => o.Subjects))) CheckSubjects(subjects);
    }

    private void CheckAlgorithms(IssuerOptions issuer)
    {
        if (issuer.Algorithms.Count == 0) Error("GW5013", places.Of(issuer, nameof(issuer.Algorithms)), "no algorithm is taken", "remove algorithms, and RS256, PS256 and ES256 are");
        for (var i = 0; i < issuer.Algorithms.Count; i++)
        {
            var algorithm = issuer.Algorithms[i];
            if (Algorithms.Contains(algorithm)) continue;
            var cure = algorithm.ToUpperInvariant() switch
            {
                "NONE" => "remove it: a token that nobody signed is anybody's",
                ['H', 'S', ..] => "remove it: who can check such a signature can make it, and the issuer's keys are for everybody to fetch",
                _ => Nearest.Cure(algorithm, Algorithms),
            };
            Error("GW5013", places.Of(issuer.Algorithms, i.ToString(CultureInfo.InvariantCulture)), $"'{algorithm}' is no algorithm by which tokens can be trusted", cure);
        }
    }

    private void CheckNames(IssuerOptions issuer)
    {
        if (issuer.Types.Count == 0) Error("GW5003", places.Of(issuer, nameof(issuer.Types)), "no type of token is taken", "remove types, and at+jwt, JWT and tokens without one are");
        if (issuer.CallerClaims.Count == 0) Error("GW5003", places.Of(issuer, nameof(issuer.CallerClaims)), "nothing in a token names its caller", "remove callerClaims, or write [sub]");
        for (var i = 0; i < issuer.Types.Count; i++)
        {
            if (issuer.Types[i].StartsWith("application/", StringComparison.OrdinalIgnoreCase))
                Error("GW5003", places.Of(issuer.Types, i.ToString(CultureInfo.InvariantCulture)), $"'{issuer.Types[i]}' is written without application/", $"write {issuer.Types[i]["application/".Length..]}");
        }
    }

    /// <summary>An authority of no tenant signs for everybody who has one, so those that are trusted are named.</summary>
    private void CheckEntra(IssuerOptions issuer)
    {
        var place = places.Of(issuer, nameof(issuer.Issuer));
        var tenant = Authority().Match(issuer.Issuer.OriginalString).Groups["tenant"].Value;
        if (tenant is "common" or "organizations" or "consumers")
        {
            if (issuer.Tenants.Count == 0) Error("GW5014", place, $"'{tenant}' is everybody who has a tenant", "write tenants: [TENANT-ID], or the id in the address");
        }
        else if (!Guid.TryParseExact(tenant, "D", out _))
        {
            Error("GW5014", place, $"'{issuer.Issuer.OriginalString}' is no authority of Entra ID for tokens of version 2", "write https://login.microsoftonline.com/TENANT-ID/v2.0, with the tenant's id in small letters");
        }
        else if (issuer.Tenants.Count > 0)
        {
            Error("GW5014", places.Of(issuer, nameof(issuer.Tenants)), "the address names a tenant already", "write organizations in its place, or remove tenants");
        }
        for (var i = 0; i < issuer.Tenants.Count; i++)
        {
            if (issuer.Tenants[i] != issuer.Tenants[i].ToLowerInvariant() || !Guid.TryParseExact(issuer.Tenants[i], "D", out _))
                Error("GW5014", places.Of(issuer.Tenants, i.ToString(CultureInfo.InvariantCulture)), $"'{issuer.Tenants[i]}' is no id of a tenant", "write its id, not its name, in small letters");
        }
    }

    private void CheckIntrospection(string name, IssuerOptions issuer)
    {
        if (issuer is { Kind: IssuerKind.Introspection, Introspection: null })
            Error("GW5015", places.Of(document.Issuers, name), $"nothing says how '{name}' is asked about tokens", "add introspection: { client: NAME, secret: secret://env/NAME }");
        if (issuer is { Kind: IssuerKind.Entra, Introspection: not null })
            Error("GW5015", places.Of(issuer, nameof(issuer.Introspection)), "Entra ID can't be asked about tokens", "remove introspection: its tokens are checked by its keys");
    }

    /// <summary>Several directories may have the same ids, so a subject says of which it is.</summary>
    private void CheckSubjects(IReadOnlyList<string> subjects)
    {
        for (var i = 0; i < subjects.Count; i++)
        {
            if (subjects[i].Split('/', 3) is not [var name, .. var rest] || !document.Issuers.TryGetValue(name, out var issuer) || issuer.Tenants.Count == 0) continue;
            if (rest is not [var tenant, { Length: > 0 }] || !issuer.Tenants.Contains(tenant))
                Error("GW5018", places.Of(subjects, i.ToString(CultureInfo.InvariantCulture)), $"'{subjects[i]}' does not say of which tenant it is", $"write it as {name}/TENANT-ID/SUBJECT; {Nearest.Cure(rest[0], issuer.Tenants)}");
        }
    }

    private void CheckConnection(object of, string member, Uri address)
    {
        if (address.IsAbsoluteUri && address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
            Error("GW5019", places.Of(of, member), $"{address.OriginalString} is asked without TLS: who sits between can say whose tokens are good", "write https://, or an address of this machine");
    }

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));

    [GeneratedRegex("^https://[^/?#]+/(?<tenant>[0-9a-z-]+)/v2\\.0/?$")]
    private static partial Regex Authority();
}
