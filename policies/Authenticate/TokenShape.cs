using System.Buffers;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Policies.Authenticate;

/// <summary>What a token looks like, before anything of it is checked.</summary>
internal static class TokenShape
{
    private static readonly SearchValues<char> Token68 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Whether it has no characters but those of a bearer token (<c>b64token</c> of RFC 6750 section 2.1).</summary>
    public static bool IsBearer(ReadOnlySpan<char> token) => token.Length > 0 && !token.ContainsAnyExcept(Token68);

    /// <summary>The parts of a signed JWT (RFC 7519 section 7.2 steps 1 to 7); null when it is something else, as an encrypted one (RFC 7516) is.</summary>
    public static JsonWebToken? Parse(ReadOnlyMemory<char> token)
    {
        try
        {
            return new JsonWebToken(token) is { IsEncrypted: false } signed ? signed : null;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or JsonException or InvalidOperationException or SecurityTokenException)
        {
            return null;
        }
    }

    /// <summary>
    /// Why a signed token is refused that the framework would look at: it demands what nobody here understands (<c>crit</c>, RFC 7515 section
    /// 4.1.11), holds another token (<c>cty</c>, RFC 7519 section 5.2), or says a thing twice, of which others read the other one (RFC 7519
    /// section 4). A reason code; null for none.
    /// </summary>
    public static string? Oddity(JsonWebToken token)
    {
        try
        {
            using var head = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedHeader), Strict);
            using var body = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload), Strict);
            if (head.RootElement.TryGetProperty("crit", out _)) return "token-critical";
            return head.RootElement.TryGetProperty("cty", out _) ? "token-nested" : null;
        }
        catch (Exception odd) when (odd is JsonException or FormatException)
        {
            return "token-ambiguous";
        }
    }
}
