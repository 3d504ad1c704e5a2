using System.Collections.Frozen;
using Gateway.Configuration;
using Gateway.Policies.Authenticate;

namespace Gateway.Pipeline;

/// <summary>Headers of callers that end at the gateway.</summary>
internal static class CallerHeaders
{
    /// <summary>Credentials wherever they stand, whether a route takes them or not.</summary>
    private static readonly string[] Credentials = ["Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key"];

    /// <summary>
    /// Headers by which proxies tell who called, and what they carry from hop to hop: of strangers, smuggled. What is believed of them stands in
    /// the request itself, and backends are told of that.
    /// </summary>
    private static readonly string[] OfProxies =
    [
        ForwardedHeader.Name, "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Server",
        "X-Forwarded-Scheme", "X-Forwarded-Ssl", "X-Original-For", "X-Original-Proto", "X-Original-Host", "X-Original-URL", "X-Rewrite-URL", "X-Real-IP",
        "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP", "baggage", "Correlation-Context", "Via", .. CertificateHeaders.All,
    ];

    /// <summary>
    /// How headers begin by which proxies and identity layers tell backends who somebody is, or what method is meant. Some backends read _ for -, so it
    /// counts as that.
    /// </summary>
    private static readonly string[] Prefixes =
    [
        "x-forwarded-", "x-original-", "x-auth-request-", "x-authenticated-", "x-remote-", "x-ms-client-principal", "x-ms-token-", "x-amzn-oidc-", "x-goog-authenticated-", "x-goog-iap-",
        "x-envoy-", "x-ssl-", "x-client-cert", "ssl-client-", "x-http-method", "x-method-override", "remote-", "cf-connecting-", "cf-access-", "fastly-client-", "tailscale-user-",
    ];

    /// <summary>Whether a header is one of those; the rest are told by name.</summary>
    public static bool IsOfProxies(string name)
    {
        if (name.Length < 7 || !Letters.Contains((char)(name[0] | 0x20))) return false;
        foreach (var prefix in Prefixes)
        {
            if (Begins(name, prefix)) return true;
        }
        return false;
    }

    /// <summary>What <see cref="Prefixes"/> begin with: most headers begin otherwise.</summary>
    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("xsrcft");

    private static bool Begins(string name, string prefix)
    {
        if (name.Length < prefix.Length) return false;
        for (var i = 0; i < prefix.Length; i++)
        {
            var letter = name[i] == '_' ? '-' : char.ToLowerInvariant(name[i]);
            if (letter != prefix[i]) return false;
        }
        return true;
    }

    /// <summary>Credentials that callers of this workspace may bring: of every way in of every route, since who has a key for one may send it to another.</summary>
    public static IReadOnlyList<string> CredentialsOf(WorkspaceDocument document) =>
    [
        .. document.Policies.Values.Concat(document.Apis.Values.SelectMany(a => a.Routes.Values).SelectMany(r => r.Policies))
            .Select(p => p.Options).OfType<AuthenticateOptions>().SelectMany(o => o.AllWays).SelectMany(w => w.Headers)
            .Concat(Credentials).Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>What a backend never gets to see.</summary>
    /// <param name="passed">Credentials that it is declared to get all the same.</param>
    public static FrozenSet<string> Withheld(IReadOnlyList<string> credentials, IReadOnlyList<string> passed) =>
        credentials.Except(passed, StringComparer.OrdinalIgnoreCase).Concat(OfProxies).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
