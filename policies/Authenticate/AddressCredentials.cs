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
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Names = FrozenSet
        .Create(StringComparer.OrdinalIgnoreCase, "access_token", "id_token", "refresh_token", "client_secret", "api_key", "apikey", "api-key", "x-api-key")
        .GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool StandIn(QueryString query)
    {
        if (!query.HasValue) return false;
        foreach (var parameter in new QueryStringEnumerable(query.Value))
        {
            if (Names.Contains(parameter.DecodeName().Span)) return true;
        }
        return false;
    }
}
