using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Policies.Authenticate;

/// <summary>What a token looks like, before anything of it is checked.</summary>
internal static class TokenShape
{
    /// <summary>How options name a token that does not say its type.</summary>
    public const string Untyped = "none";

    private const string Ambiguous = "token-ambiguous";

    /// <summary>May be left out (RFC 7515 section 4.1.9).</summary>
    private const string Media = "application/";

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
    /// Why a signed token is refused for its header, which the framework would pass: it is of another type than those that are taken (<c>typ</c>,
    /// RFC 9068 section 4), demands what nobody here understands (<c>crit</c>, RFC 7515 section 4.1.11), holds another token (<c>cty</c>, RFC 7519
    /// section 5.2), or says a thing twice (<see cref="OddBody"/>). A reason code; null for none.
    /// </summary>
    /// <param name="encoded">As it stands in the token.</param>
    /// <param name="types">Those that are taken, without <c>application/</c>.</param>
    public static string? OddHead(string encoded, IReadOnlyList<string> types) => Look(encoded, head =>
    {
        if (head.TryGetProperty("crit", out _)) return "token-critical";
        if (head.TryGetProperty("cty", out _)) return "token-nested";
        var type = head.TryGetProperty("typ", out var typ) ? typ.ValueKind == JsonValueKind.String ? typ.GetString()! : "" : Untyped;
        return types.Contains(type.StartsWith(Media, StringComparison.OrdinalIgnoreCase) ? type[Media.Length..] : type, StringComparer.OrdinalIgnoreCase) ? null : "token-of-another-type";
    });

    /// <summary>A reason code where a token says a thing twice, of which others read the other one (RFC 7519 section 4); null where it does not.</summary>
    public static string? OddBody(string encoded) => Look(encoded, static _ => null);

    private static string? Look(string encoded, Func<JsonElement, string?> look)
    {
        var pooled = ArrayPool<byte>.Shared.Rent(Base64Url.GetMaxDecodedLength(encoded.Length));
        try
        {
            if (!Base64Url.TryDecodeFromChars(encoded, pooled, out var length)) return Ambiguous;
            using var said = JsonDocument.Parse(pooled.AsMemory(0, length), Strict);
            return said.RootElement.ValueKind == JsonValueKind.Object ? look(said.RootElement) : Ambiguous;
        }
        catch (Exception odd) when (odd is JsonException or FormatException)
        {
            return Ambiguous;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pooled, clearArray: true);
        }
    }
}
