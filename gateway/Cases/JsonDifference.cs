using System.Globalization;
using System.Text.Json;

namespace Gateway.Cases;

/// <summary>The first place at which two documents say different things. Members have no order; numbers are what they amount to: 1.10 is 1.1.</summary>
internal static class JsonDifference
{
    /// <summary>Which place, what was expected and what is there; null when there is no difference.</summary>
    public static string? Find(JsonElement expected, JsonElement actual) => Find(expected, actual, "#");

    private static string? Find(JsonElement expected, JsonElement actual, string at) => (expected.ValueKind, actual.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.Object) => InObjects(expected, actual, at),
        (JsonValueKind.Array, JsonValueKind.Array) => InArrays(expected, actual, at),
        (JsonValueKind.Number, JsonValueKind.Number) when IsSameNumber(expected.GetRawText(), actual.GetRawText()) => null,
        (JsonValueKind.String, JsonValueKind.String) when expected.ValueEquals(actual.GetString()) => null,
        (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null, var kind) when kind == expected.ValueKind => null,
        _ => $"{at}: {expected.GetRawText()} is expected, not {actual.GetRawText()}",
    };

    private static string? InObjects(JsonElement expected, JsonElement actual, string at)
    {
        foreach (var member in expected.EnumerateObject())
        {
            var place = $"{at}/{member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (!actual.TryGetProperty(member.Name, out var there)) return $"{place}: {member.Value.GetRawText()} is expected, and missing";
            if (Find(member.Value, there, place) is { } difference) return difference;
        }
        foreach (var member in actual.EnumerateObject())
        {
            if (!expected.TryGetProperty(member.Name, out _)) return $"{at}/{member.Name}: {member.Value.GetRawText()} is not expected";
        }
        return null;
    }

    private static string? InArrays(JsonElement expected, JsonElement actual, string at)
    {
        var (wanted, there) = (expected.GetArrayLength(), actual.GetArrayLength());
        for (var i = 0; i < Math.Min(wanted, there); i++)
        {
            if (Find(expected[i], actual[i], $"{at}/{i.ToString(CultureInfo.InvariantCulture)}") is { } difference) return difference;
        }
        return wanted == there ? null : $"{at}: {wanted} items are expected, not {there}";
    }

    private static bool IsSameNumber(string a, string b) =>
        a == b || (decimal.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && decimal.TryParse(b, NumberStyles.Float, CultureInfo.InvariantCulture, out var y) && x == y);
}
