using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.JsonSchema;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>
/// Documents that keep a contract, made up from its schema: what is required and some of the rest, values from its examples and of its types.
/// What the schema demands beyond that is tried until it fits; what a contract says in words only, <see cref="Sensible"/> knows.
/// </summary>
internal sealed class CanonicalDocuments(string contract, Schema schema, int seed)
{
    private const int Tries = 400;
    private const string Folder = "transforms/canonical/";

    private static readonly Dictionary<string, JsonElement> Files = [];

    private static readonly string[] Texts = ["Ärmelkanal & Söhne \"Nord\"", "名前", "O'Neill <b>", "a\\b/c", "🚚 Rampe 3", "0", "false", "1.10", "x"];

    private readonly Random _random = new(seed);

    public IEnumerable<JsonElement> Take(int count)
    {
        for (var made = 0; made < count; made++)
        {
            var document = Enumerable.Range(0, Tries).Select(_ => Make(Root(contract), contract)).Select(Sensible).Select(node => JsonSerializer.SerializeToElement(node))
                .Cast<JsonElement?>().FirstOrDefault(candidate => schema.Validate(candidate!.Value, 1).Count == 0);
            yield return document ?? throw new InvalidOperationException($"{Tries} documents were made up for {contract}, and none keeps it");
        }
    }

    /// <summary>Without members that other kinds of the thing have: rows of price lists would hardly ever make sense.</summary>
    private static JsonNode? Sensible(JsonNode? document)
    {
        foreach (var row in (document as JsonObject)?["priceLines"]?.AsArray() ?? [])
        {
            var (kind, type, formula) = ((string)row!["applicabilityCode"]!, (string)row["priceTypeCode"]!, (string?)row["baseTypeCode"]);
            string[] others =
            [
                .. kind == "item" ? [] : new[] { "item" }, .. kind == "variantGroup" ? [] : new[] { "variantGroupId" }, .. kind == "category" ? [] : new[] { "itemClassificationCode" },
                .. kind is "item" or "variantGroup" ? [] : new[] { "unitCode" }, .. type == "fixed" ? new[] { "multiplierFactorNumeric" } : ["price"],
                .. type == "formula" ? [] : new[] { "baseTypeCode", "surchargeAmount", "roundingAmount", "minimumMarginAmount", "maximumMarginAmount" }, .. type == "formula" && formula == "priceList" ? [] : new[] { "basePriceListId" },
            ];
            foreach (var other in others) row.AsObject().Remove(other);
        }
        return document;
    }

    private JsonNode? Make(JsonElement schema, string file)
    {
        while (schema.TryGetProperty("$ref", out var reference)) (schema, file) = Resolve(reference.GetString()!, file);
        if (schema.TryGetProperty("const", out var constant)) return JsonNode.Parse(constant.GetRawText());
        if (schema.TryGetProperty("enum", out var choices)) return JsonNode.Parse(choices[_random.Next(choices.GetArrayLength())].GetRawText());
        if (schema.TryGetProperty("anyOf", out var any) || schema.TryGetProperty("oneOf", out any))
        {
            if (!schema.TryGetProperty("properties", out _)) return Make(any[_random.Next(any.GetArrayLength())], file);
        }
        return schema.TryGetProperty("type", out var type) ? type.GetString() switch
        {
            "object" => MakeObject(schema, file),
            "array" => MakeArray(schema, file),
            "string" => MakeText(schema),
            "boolean" => _random.Next(2) == 0,
            "integer" => _random.Next(1, 1000),
            "number" => MakeNumber(schema),
            var other => throw new NotSupportedException($"type {other}"),
        } : throw new NotSupportedException($"a schema without a type in {file}: {schema.GetRawText()[..Math.Min(200, schema.GetRawText().Length)]}");
    }

    private JsonObject MakeObject(JsonElement schema, string file)
    {
        var made = new JsonObject();
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(n => n.GetString()!).ToHashSet() : [];
        var dense = _random.NextDouble();
        if (!schema.TryGetProperty("properties", out var properties)) return made;
        foreach (var property in properties.EnumerateObject().Where(p => required.Contains(p.Name) || _random.NextDouble() < dense)) made[property.Name] = Make(property.Value, file);
        return made;
    }

    private JsonArray MakeArray(JsonElement schema, string file)
    {
        var least = schema.TryGetProperty("minItems", out var min) ? min.GetInt32() : 0;
        var most = Math.Min(schema.TryGetProperty("maxItems", out var max) ? max.GetInt32() : 4, 4);
        return new JsonArray([.. Enumerable.Range(0, _random.Next(least, Math.Max(least, most) + 1)).Select(_ => Make(schema.GetProperty("items"), file))]);
    }

    private JsonValue MakeNumber(JsonElement schema)
    {
        var least = schema.TryGetProperty("exclusiveMinimum", out var above) ? above.GetDecimal() + 0.000001m : schema.TryGetProperty("minimum", out var min) ? min.GetDecimal() : -1000;
        var most = Math.Min(schema.TryGetProperty("maximum", out var max) ? max.GetDecimal() : 1000, 100_000);
        var value = least + ((most - least) * (decimal)_random.NextDouble());
        var places = _random.Next(3) switch { 0 => 0, 1 => 2, _ => 6 };
        return JsonValue.Create(Math.Clamp(decimal.Parse(Math.Round(value, places).ToString("0.######", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), least, most));
    }

    private string MakeText(JsonElement schema)
    {
        var format = schema.TryGetProperty("format", out var named) ? named.GetString() : null;
        var day = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(_random.Next(0, 525_600 * 2));
        switch (format)
        {
            case "date":
                return day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            case "date-time":
                return day.AddSeconds(_random.Next(60)).ToOffset(TimeSpan.FromMinutes(30 * _random.Next(-22, 25))).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
        }
        if (schema.TryGetProperty("pattern", out var pattern))
        {
            if (pattern.GetString()!.Contains("(\\.[0-9]", StringComparison.Ordinal))
                return Math.Round(_random.Next(0, 9_999_999) / 1000m, _random.Next(0, 3)).ToString("0.00", CultureInfo.InvariantCulture);
            return Example(schema);
        }
        var longest = schema.TryGetProperty("maxLength", out var max) ? max.GetInt32() : 100;
        var text = format is null && _random.Next(3) == 0 ? Texts[_random.Next(Texts.Length)] : Example(schema);
        return text.Length <= longest ? text : text[..longest];
    }

    private string Example(JsonElement schema) =>
        schema.TryGetProperty("examples", out var examples) ? examples[_random.Next(examples.GetArrayLength())].GetString()! : throw new NotSupportedException($"no example: {schema.GetRawText()}");

    /// <summary>What a reference in the contract of a file leads to.</summary>
    public static (JsonElement Schema, string File) Resolve(string reference, string file)
    {
        var parts = reference.Split('#', 2);
        var target = parts[0].Length == 0 ? file : parts[0].Replace(".schema.json", "", StringComparison.Ordinal);
        var schema = Root(target);
        foreach (var step in parts.ElementAtOrDefault(1)?.Split('/', StringSplitOptions.RemoveEmptyEntries) ?? []) schema = schema.GetProperty(step);
        return (schema, target);
    }

    /// <summary>The schema of a canonical contract.</summary>
    public static JsonElement Root(string contract)
    {
        lock (Files)
        {
            if (!Files.TryGetValue(contract, out var root))
                Files[contract] = root = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Path.Combine(Repository.Root, Folder, contract + ".schema.json")));
            return root;
        }
    }
}
