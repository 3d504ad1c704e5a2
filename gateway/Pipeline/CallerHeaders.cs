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
        "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP", "baggage", "Correlation-Context",
    ];

    /// <summary>Credentials that callers of this workspace may bring: of every way in of every route, since who has a key for one may send it to another.</summary>
    public static IReadOnlyList<string> CredentialsOf(WorkspaceDocument document) =>
    [
        .. document.Policies.Values.Concat(document.Apis.Values.SelectMany(a => a.Routes.Values).SelectMany(r => r.Policies))
            .Select(p => p.Options).OfType<AuthenticateOptions>().SelectMany(o => o.AllWays).SelectMany(w => w.Headers)
            .Concat(Credentials).Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>What a backend never gets to see.</summary>
    /// <param name="passed">Credentials that it is declared to get all the same.</param>
    public static IReadOnlyList<string> Withheld(IReadOnlyList<string> credentials, IReadOnlyList<string> passed) =>
        [.. credentials.Except(passed, StringComparer.OrdinalIgnoreCase), .. OfProxies];
}
