using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gateway.JsonSchema.Evaluation;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Compilation;

/// <summary>
/// Reads the keywords of one schema object as their types; what has another type becomes a finding and counts as absent.
/// </summary>
internal sealed class KeywordReader(SchemaLocation at, Findings findings, string documentName)
{
    public SchemaLocation At => at;

    public Findings Findings => findings;

    public Dialect Dialect => at.Resource.Dialect;

    public bool TryGet(string keyword, out JsonElement value)
    {
        value = default;
        return Dialect.Knows(keyword) && at.Value.TryGetProperty(keyword, out value);
    }

    public KeywordSite Site(string keyword, string message) =>
        new(keyword, $"{documentName}#{at.Pointer}/{PointerText.EscapeStep(keyword)}", message);

    public SchemaLocation Child(string keyword, JsonElement value) => at.Child(keyword, value);

    /// <summary>A non-negative integer.</summary>
    public int? Count(string keyword)
    {
        if (!TryGet(keyword, out JsonElement value))
            return null;
        if (value.ValueKind == JsonValueKind.Number)
        {
            JsonNumber number = new(JsonMarshal.GetRawUtf8Value(value));
            if (number.TryGetInt32(out int count) && count >= 0)
                return count;
            // A limit beyond all memory is as good as the largest one.
            if (number.IsInteger && number.CompareTo(new JsonNumber("0"u8)) > 0)
                return int.MaxValue;
        }
        Wrong(keyword, "a non-negative integer");
        return null;
    }

    public string? Text(string keyword)
    {
        if (!TryGet(keyword, out JsonElement value))
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return Encoding.UTF8.GetString(JsonText.Of(value));
        Wrong(keyword, "a string");
        return null;
    }

    public bool Flag(string keyword)
    {
        if (!TryGet(keyword, out JsonElement value))
            return false;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            Wrong(keyword, "true or false");
        return value.ValueKind == JsonValueKind.True;
    }

    /// <summary>The distinct strings of an array of strings, as UTF-8.</summary>
    public List<byte[]> Names(SchemaLocation list, string keyword)
    {
        List<byte[]> names = [];
        if (list.Value.ValueKind != JsonValueKind.Array || list.Value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            findings.Add(list, $"'{keyword}' must be an array of strings", "list the member names as strings");
            return names;
        }
        foreach (JsonElement item in list.Value.EnumerateArray())
        {
            byte[] name = JsonText.Of(item);
            if (!names.Exists(other => other.AsSpan().SequenceEqual(name)))
                names.Add(name);
        }
        return names;
    }

    /// <summary>The members of an object, each with its place.</summary>
    public IEnumerable<(byte[] Name, SchemaLocation Value)> Members(string keyword)
    {
        if (!TryGet(keyword, out JsonElement value))
            return [];
        if (value.ValueKind != JsonValueKind.Object)
        {
            Wrong(keyword, "an object");
            return [];
        }
        SchemaLocation holder = Child(keyword, value);
        return value.EnumerateObject()
            .Select(member => (Name: JsonText.Of(JsonMarshal.GetRawUtf8PropertyName(member)), member.Value))
            .Select(member => (member.Name, holder.Child(Encoding.UTF8.GetString(member.Name), member.Value)));
    }

    /// <summary>The items of a non-empty array, each with its place.</summary>
    public List<SchemaLocation> Items(string keyword)
    {
        if (!TryGet(keyword, out JsonElement value))
            return [];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            Wrong(keyword, "a non-empty array of schemas");
            return [];
        }
        SchemaLocation holder = Child(keyword, value);
        return [.. value.EnumerateArray().Select((item, index) => holder.Child(index.ToString(CultureInfo.InvariantCulture), item))];
    }

    public void Wrong(string keyword, string expected) =>
        findings.Add(at, keyword, $"'{keyword}' must be {expected}", $"write {expected} here, or remove the keyword");
}
