using System.Globalization;
using System.Text.Json;

namespace Gateway.Cases;

/// <summary>The first place at which two documents say different things. Members have no order; numbers are what they amount to: 1.10 is 1.1.</summary>
internal sealed class JsonDifference
{
    private readonly Names? _names;
    private readonly bool _part;

    private JsonDifference(Names? names, bool part) => (_names, _part) = (names, part);

    /// <summary>Which place, what was expected and what is there; null when there is no difference.</summary>
    public static string? Find(JsonElement expected, JsonElement actual) => new JsonDifference(null, part: false).Find(expected, actual, "#");

    /// <summary>The same where expected text may hold names, which are known afterwards.</summary>
    /// <param name="part">Whether objects may have members that are not expected.</param>
    public static string? Find(JsonElement expected, JsonElement actual, Names names, bool part) => new JsonDifference(names, part).Find(expected, actual, "#");

    private string? Find(JsonElement expected, JsonElement actual, string at) => (expected.ValueKind, actual.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.Object) => InObjects(expected, actual, at),
        (JsonValueKind.Array, JsonValueKind.Array) => InArrays(expected, actual, at),
        (JsonValueKind.Number, JsonValueKind.Number) when IsSameNumber(expected.GetRawText(), actual.GetRawText()) => null,
        (JsonValueKind.String, JsonValueKind.String) when IsSameText(expected, actual) => null,
        (JsonValueKind.String, _) when _names?.MatchValue(expected.GetString()!, actual) == true => null,
        (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null, var kind) when kind == expected.ValueKind => null,
        _ => $"{at}: {Raw(expected)} is expected, not {actual.GetRawText()}",
    };

    private string? InObjects(JsonElement expected, JsonElement actual, string at)
    {
        foreach (var member in expected.EnumerateObject())
        {
            var place = $"{at}/{member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (!actual.TryGetProperty(member.Name, out var there)) return $"{place}: {Raw(member.Value)} is expected, and missing";
            if (Find(member.Value, there, place) is { } difference) return difference;
        }
        if (_part) return null;
        foreach (var member in actual.EnumerateObject())
        {
            if (!expected.TryGetProperty(member.Name, out _)) return $"{at}/{member.Name}: {member.Value.GetRawText()} is not expected";
        }
        return null;
    }

    private string? InArrays(JsonElement expected, JsonElement actual, string at)
    {
        var (wanted, there) = (expected.GetArrayLength(), actual.GetArrayLength());
        for (var i = 0; i < Math.Min(wanted, there); i++)
        {
            if (Find(expected[i], actual[i], $"{at}/{i.ToString(CultureInfo.InvariantCulture)}") is { } difference) return difference;
        }
        return wanted == there ? null : $"{at}: {wanted} items are expected, not {there}";
    }

    private bool IsSameText(JsonElement expected, JsonElement actual) =>
        expected.ValueEquals(actual.GetString()) || _names?.Match(expected.GetString()!, actual.GetString()!) == true;

    private string Raw(JsonElement expected) => _names?.Fill(expected.GetRawText()) ?? expected.GetRawText();

    private static bool IsSameNumber(string a, string b) =>
        a == b || (decimal.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && decimal.TryParse(b, NumberStyles.Float, CultureInfo.InvariantCulture, out var y) && x == y);
}
