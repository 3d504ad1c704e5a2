using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>
/// Canonical documents in one form, so that two that say the same are the same. What may be said in more ways than one is said by their
/// contract: moments (<c>date-time</c>) in any offset, amounts with zeros at their ends, sets (<c>uniqueItems</c>) in any order, prices for
/// more than one. Everything else has to be there as it was.
/// </summary>
internal static class CanonicalForm
{
    public static JsonNode? Of(string contract, JsonNode? document) => Of(document, CanonicalDocuments.Root(contract), contract);

    private static JsonNode? Of(JsonNode? node, JsonElement schema, string file)
    {
        while (schema.TryGetProperty("$ref", out var reference)) (schema, file) = CanonicalDocuments.Resolve(reference.GetString()!, file);
        return node switch
        {
            JsonObject map when map["baseQuantity"] is JsonValue of && map["priceAmount"] is JsonValue price => OfOne(map, (decimal)of, (string)price!),
            JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Of(m.Value, schema.GetProperty("properties").GetProperty(m.Key), file)))),
            JsonArray list => new JsonArray([.. InOrder(list.Select(item => Of(item, schema.GetProperty("items"), file)), schema)]),
            JsonValue value when value.TryGetValue(out string? text) => OfText(text, schema),
            _ => node?.DeepClone(),
        };
    }

    private static IEnumerable<JsonNode?> InOrder(IEnumerable<JsonNode?> items, JsonElement schema) =>
        schema.TryGetProperty("uniqueItems", out var set) && set.GetBoolean() ? items.OrderBy(item => item!.ToJsonString(), StringComparer.Ordinal) : items;

    private static string OfText(string text, JsonElement schema)
    {
        if (schema.TryGetProperty("format", out var format) && format.GetString() == "date-time")
            return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        return IsAmount(schema) ? decimal.Parse(text, CultureInfo.InvariantCulture).ToString("0.##########", CultureInfo.InvariantCulture) : text;
    }

    private static bool IsAmount(JsonElement schema) =>
        schema.TryGetProperty("pattern", out var pattern) && pattern.GetString()!.Contains("(\\.[0-9]", StringComparison.Ordinal);

    private static JsonObject OfOne(JsonObject price, decimal of, string amount)
    {
        var one = (JsonObject)price.DeepClone();
        one.Remove("baseQuantity");
        one["priceAmount"] = Math.Round(decimal.Parse(amount, CultureInfo.InvariantCulture) / of, 6).ToString("0.######", CultureInfo.InvariantCulture);
        return one;
    }
}
