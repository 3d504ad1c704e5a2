using System.Globalization;
using System.Text.Json;

namespace Gateway.Admin;

/// <summary>Where two documents differ.</summary>
internal static class DataChange
{
    /// <summary>JSON Pointers (RFC 6901, as URI fragments are written) to the deepest members that are other, new or gone, in their order.</summary>
    public static IReadOnlyList<string> Between(JsonElement before, JsonElement after)
    {
        var changed = new List<string>();
        Compare(before, after, "#", changed);
        return changed;
    }

    private static void Compare(JsonElement before, JsonElement after, string at, List<string> changed)
    {
        if (JsonElement.DeepEquals(before, after)) return;
        if (before.ValueKind != after.ValueKind || before.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            changed.Add(at);
            return;
        }
        var (then, now) = (PartsOf(before), PartsOf(after));
        foreach (var name in then.Keys.Union(now.Keys))
        {
            var place = $"{at}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (then.TryGetValue(name, out var old) && now.TryGetValue(name, out var other)) Compare(old, other, place, changed);
            else changed.Add(place);
        }
    }

    private static Dictionary<string, JsonElement> PartsOf(JsonElement element) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().ToDictionary(m => m.Name, m => m.Value)
        : element.EnumerateArray().Index().ToDictionary(i => i.Index.ToString(CultureInfo.InvariantCulture), i => i.Item);
}
