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
        "X-Client-IP", "Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP", "baggage", "Correlation-Context", "Via", "Proxy", .. CertificateHeaders.All,
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

    /// <summary>What the gateway itself judges or writes: another spelling of it would be a second one at a backend that reads _ for -.</summary>
    private static readonly FrozenSet<string> Judged = new[]
    {
        "Content-Length", "Content-Type", "Content-Encoding", "Content-Digest", "Transfer-Encoding", "Idempotency-Key", "Signature-Input", Answers.CorrelationHeader,
    }.ToFrozenSet(Spelling.Any);

    /// <summary>Whether a header is one of those; the rest are told by name.</summary>
    public static bool IsOfProxies(string name)
    {
        if (name.Contains('_') && Judged.Contains(name)) return true;
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
            if (Spelling.Of(name[i]) != prefix[i]) return false;
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

    /// <summary>What a backend never gets to see, however it is spelled.</summary>
    /// <param name="passed">Credentials that it is declared to get all the same.</param>
    public static FrozenSet<string> Withheld(IReadOnlyList<string> credentials, IReadOnlyList<string> passed) =>
        credentials.Except(passed, StringComparer.OrdinalIgnoreCase).Concat(OfProxies).ToFrozenSet(Spelling.Any);

    /// <summary>Names of headers, equal where some backend takes one for the other: letters of either case, and _ for -.</summary>
    private sealed class Spelling : IEqualityComparer<string>
    {
        public static readonly Spelling Any = new();

        public static char Of(char letter) => letter == '_' ? '-' : char.ToLowerInvariant(letter);

        public bool Equals(string? one, string? other)
        {
            if (one is null || other is null || one.Length != other.Length) return ReferenceEquals(one, other);
            for (var i = 0; i < one.Length; i++)
            {
                if (Of(one[i]) != Of(other[i])) return false;
            }
            return true;
        }

        /// <summary>Of the length and three letters: it is asked for each header of each request.</summary>
        public int GetHashCode(string name) => name.Length == 0 ? 0 : (name.Length << 21) ^ (Of(name[0]) << 14) ^ (Of(name[name.Length / 2]) << 7) ^ Of(name[^1]);
    }
}
