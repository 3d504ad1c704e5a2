using System.Buffers.Text;
using System.Text.Json;

namespace Gateway.JsonSchema.Formats;

/// <summary>draft-07, validation section 8: strings that hold encoded documents.</summary>
internal static class ContentFormats
{
    private const string Json = "application/json";
    private const string Base64Encoding = "base64";

    /// <summary>The check for this pair, or null when neither is one this engine looks into.</summary>
    public static FormatCheck? For(string? encoding, string? mediaType) => (encoding, mediaType) switch
    {
        (null, Json) => IsJson,
        (Base64Encoding, Json) => IsEncodedJson,
        (Base64Encoding, _) => IsBase64,
        _ => null,
    };

    private static bool IsBase64(ReadOnlySpan<byte> text) => Base64.IsValid(text);

    private static bool IsEncodedJson(ReadOnlySpan<byte> text)
    {
        byte[] content = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, content, out _, out int written) == System.Buffers.OperationStatus.Done && IsJson(content.AsSpan(0, written));
    }

    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        Utf8JsonReader reader = new(text);
        try
        {
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            // The framework's reader has no other way to say no.
            return false;
        }
    }
}
