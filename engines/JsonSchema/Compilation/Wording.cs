using System.Text.Json;

namespace Gateway.JsonSchema.Compilation;

/// <summary>The sentences clients read.</summary>
internal static class Wording
{
    private const int LongestList = 10;
    private const int LongestLiteral = 60;

    public static string AtLeast(int? count, string noun) => $"must have at least {Number(count ?? 0, noun)}";

    public static string AtMost(int? count, string noun) => count == 0 ? $"must have no {noun}s" : $"must have at most {Number(count ?? 0, noun)}";

    public static string Number(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    public static string Types(IReadOnlyList<string> types) => "must be " + Enumerate([.. types.Select(TypeName)]);

    /// <summary>"must be one of 'a', 'b', 'c'".</summary>
    public static string OneOf(JsonElement values)
    {
        List<string> shown = [.. values.EnumerateArray().Take(LongestList).Select(Literal)];
        int hidden = values.GetArrayLength() - shown.Count;
        if (shown.Count == 1)
            return $"must be {shown[0]}";
        return shown.Count == 0 ? "is not allowed" : $"must be one of {string.Join(", ", shown)}{(hidden > 0 ? $" and {hidden} more" : "")}";
    }

    public static string Literal(JsonElement value)
    {
        string text = value.ValueKind == JsonValueKind.String ? $"'{System.Text.Encoding.UTF8.GetString(Values.JsonText.Of(value))}'" : value.GetRawText();
        return text.Length <= LongestLiteral ? text : value.ValueKind switch
        {
            JsonValueKind.Object => "the object of the contract",
            JsonValueKind.Array => "the array of the contract",
            _ => text[..LongestLiteral] + "…",
        };
    }

    public static string Content(string? encoding, string? mediaType)
    {
        string what = mediaType == "application/json" ? "JSON" : "text";
        return encoding is null ? what : $"{what} in {encoding}";
    }

    private static string Enumerate(IReadOnlyList<string> names) =>
        names.Count == 1 ? names[0] : $"{string.Join(", ", names.Take(names.Count - 1))} or {names[^1]}";

    private static string TypeName(string type) => type switch
    {
        "array" or "integer" or "object" => $"an {type}",
        "null" => "null",
        "boolean" => "true or false",
        _ => $"a {type}",
    };
}
