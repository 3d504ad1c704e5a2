using System.Runtime.InteropServices;
using System.Text.Json;

namespace Gateway.Adapters.Rest;

/// <summary>Members of JSON that may be missing, null, or of another kind.</summary>
internal static class RestMembers
{
    /// <summary>The text; null when it is missing, empty or no text.</summary>
    public static string? Text(this JsonElement document, string name) =>
        Member(document, name) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>A text, or a number as it is written: what systems use as ids.</summary>
    public static string? Id(this JsonElement document, string name) =>
        Member(document, name) is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : document.Text(name);

    /// <summary>Elements of an array; none when it is missing or no array.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement document, string name) => Member(document, name) is { } value ? value.Elements() : [];

    /// <summary>Elements, where it is an array.</summary>
    public static IEnumerable<JsonElement> Elements(this JsonElement value) => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    public static bool Flag(this JsonElement document, string name) => Member(document, name) is { ValueKind: JsonValueKind.True };

    /// <summary>The same reply, where its record is the one that was asked for; else it makes no sense.</summary>
    public static RestReply About(this RestReply reply, string name, string reference) =>
        !reply.Done || reply.Value.Id(name) == reference ? reply : RestReply.Unusable($"the answer is about {reply.Value.Id(name) ?? "nothing"}, and not {reference}");

    /// <summary>As it was sent, digit by digit.</summary>
    public static byte[] Bytes(this JsonElement value) => JsonMarshal.GetRawUtf8Value(value).ToArray();

    public static JsonElement? Member(this JsonElement document, string name) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty(name, out var value) ? value : null;
}
