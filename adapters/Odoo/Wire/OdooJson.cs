using System.Text.Json;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>
/// Reads Odoo's values: an empty field is <c>false</c> whatever its type, a many2one is <c>[id, name]</c>, figures are doubles.
/// Names of many2one pairs are translated and decorated; nothing here reads them.
/// </summary>
internal static class OdooJson
{
    /// <summary>The text, or null when the field is empty (<c>false</c>), missing, or no text.</summary>
    public static string? Text(this JsonElement record, string field) =>
        Get(record, field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A number field, or the id of a many2one; null when empty or missing.</summary>
    public static int? Id(this JsonElement record, string field)
    {
        if (!Get(record, field, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
            value = value[0];
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) ? id : null;
    }

    public static bool Flag(this JsonElement record, string field) =>
        Get(record, field, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>The digits Odoo sent, as a decimal; 0 when empty, missing or beyond a decimal.</summary>
    public static decimal Amount(this JsonElement record, string field) =>
        Get(record, field, out var value) ? value.Figure() : 0;

    /// <summary>The digits Odoo sent, as a decimal; 0 for anything else and beyond a decimal.</summary>
    public static decimal Figure(this JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var figure) ? figure : 0;

    /// <summary>Writes what domains, field lists and values are made of: texts, numbers, <c>false</c> for an empty field, values of a line, and lists of these.</summary>
    public static void Write(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteStringValue(text);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case decimal figure:
                json.WriteNumberValue(figure.Normal());
                break;
            case bool empty:
                json.WriteBooleanValue(empty);
                break;
            case IEnumerable<int> numbers:
                json.WriteStartArray();
                foreach (var number in numbers)
                    json.WriteNumberValue(number);
                json.WriteEndArray();
                break;
            case IReadOnlyDictionary<string, object> values:
                json.WriteStartObject();
                foreach (var (field, of) in values)
                {
                    json.WritePropertyName(field);
                    Write(json, of);
                }
                json.WriteEndObject();
                break;
            case IEnumerable<object> list:
                json.WriteStartArray();
                foreach (var item in list)
                    Write(json, item);
                json.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"{value.GetType()} is no part of a domain", nameof(value));
        }
    }

    /// <summary>Ids of an x2many field.</summary>
    public static IEnumerable<int> Ids(this JsonElement record, string field) =>
        Get(record, field, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Where(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out _)).Select(id => id.GetInt32())
            : [];

    private static bool Get(JsonElement record, string field, out JsonElement value)
    {
        value = default;
        return record.ValueKind == JsonValueKind.Object && record.TryGetProperty(field, out value);
    }
}
