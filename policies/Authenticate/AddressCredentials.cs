using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// Credentials in the address of a request: they end up in logs and histories on the way (RFC 9700 section 4.3.2), so a request that carries some is
/// refused, even where good ones stand in a header.
/// </summary>
internal static class AddressCredentials
{
    private static readonly string[] Usual = ["access_token", "id_token", "refresh_token", "client_secret", "api_key", "apikey", "api-key", "x-api-key"];

    /// <summary>What credentials are called in the address of a route: the usual names, and those of the headers that it takes keys in.</summary>
    public static FrozenSet<string> Names(AuthenticateOptions options) =>
        Usual.Concat(options.AllWays.OfType<ApiKeyOptions>().SelectMany(way => way.Headers)).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <param name="names">See <see cref="Names"/>.</param>
    public static bool StandIn(QueryString query, FrozenSet<string> names)
    {
        if (!query.HasValue) return false;
        var known = names.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var parameter in new QueryStringEnumerable(query.Value))
        {
            if (known.Contains(parameter.DecodeName().Span)) return true;
        }
        return false;
    }
}
