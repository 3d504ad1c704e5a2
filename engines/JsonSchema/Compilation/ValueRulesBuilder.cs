using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.JsonSchema.Evaluation;
using Gateway.JsonSchema.Formats;
using Gateway.JsonSchema.Patterns;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Compilation;

/// <summary>Reads the keywords about any value, numbers and strings.</summary>
internal sealed class ValueRulesBuilder(KeywordReader reader, SchemaOptions options)
{
    private static readonly (string Keyword, NumberLimitKind Kind, string Wording)[] LimitKeywords =
    [
        ("minimum", NumberLimitKind.Minimum, "must be at least"),
        ("exclusiveMinimum", NumberLimitKind.ExclusiveMinimum, "must be greater than"),
        ("maximum", NumberLimitKind.Maximum, "must be at most"),
        ("exclusiveMaximum", NumberLimitKind.ExclusiveMaximum, "must be less than"),
        ("multipleOf", NumberLimitKind.MultipleOf, "must be a multiple of"),
    ];

    public void Build(SchemaNode node)
    {
        NumberRules numbers = new();
        ReadType(node, numbers);
        ReadLimits(numbers);
        node.Numbers = numbers.IsEmpty ? null : numbers;
        if (reader.TryGet("const", out JsonElement constant))
            node.Const = new ValueSet([constant], reader.Site("const", $"must be {Wording.Literal(constant)}"));
        if (reader.TryGet("enum", out JsonElement values))
        {
            if (values.ValueKind == JsonValueKind.Array)
                node.Enum = new ValueSet([.. values.EnumerateArray()], reader.Site("enum", Wording.OneOf(values)));
            else
                reader.Wrong("enum", "an array of values");
        }
        StringRules strings = new();
        ReadStrings(strings);
        node.Strings = strings.IsEmpty ? null : strings;
    }

    private void ReadType(SchemaNode node, NumberRules numbers)
    {
        if (!reader.TryGet("type", out JsonElement type))
            return;
        List<JsonElement> listed = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray()] : [type];
        List<string> names = [.. listed.Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)];
        if (listed.Count == 0 || names.Count < listed.Count || names.Exists(name => KindsOf(name) == 0))
        {
            string? wrong = names.Find(name => KindsOf(name) == 0);
            string? close = wrong is null ? null : NearestName.Find(wrong, ["string", "number", "integer", "boolean", "object", "array", "null"]);
            reader.Findings.Add(reader.At, "type", wrong is null ? "'type' must be a type's name or a list of them" : $"'{wrong}' is not a type",
                close is null ? "use string, number, integer, boolean, object, array or null" : $"did you mean '{close}'?");
            return;
        }
        node.Kinds = names.Aggregate(0, (kinds, name) => kinds | KindsOf(name));
        node.KindSite = reader.Site("type", Wording.Types(names));
        if (names.Contains("integer") && !names.Contains("number"))
            numbers.IntegerOnly = node.KindSite;
    }

    private static int KindsOf(string type) => type switch
    {
        "string" => 1 << (int)JsonValueKind.String,
        "number" or "integer" => 1 << (int)JsonValueKind.Number,
        "boolean" => (1 << (int)JsonValueKind.True) | (1 << (int)JsonValueKind.False),
        "object" => 1 << (int)JsonValueKind.Object,
        "array" => 1 << (int)JsonValueKind.Array,
        "null" => 1 << (int)JsonValueKind.Null,
        _ => 0,
    };

    private void ReadLimits(NumberRules numbers)
    {
        List<NumberLimit> limits = [];
        foreach ((string keyword, NumberLimitKind kind, string wording) in LimitKeywords)
        {
            if (!reader.TryGet(keyword, out JsonElement limit))
                continue;
            if (limit.ValueKind != JsonValueKind.Number)
            {
                reader.Wrong(keyword, "a number");
                continue;
            }
            byte[] token = JsonMarshal.GetRawUtf8Value(limit).ToArray();
            if (kind == NumberLimitKind.MultipleOf && new JsonNumber(token).CompareTo(new JsonNumber("0"u8)) <= 0)
                reader.Wrong(keyword, "a number greater than 0");
            else
                limits.Add(new NumberLimit(kind, token, reader.Site(keyword, $"{wording} {limit.GetRawText()}")));
        }
        numbers.Limits = [.. limits];
    }

    private void ReadStrings(StringRules strings)
    {
        if (reader.Count("minLength") is > 0 and int min)
        {
            strings.MinLength = min;
            strings.MinSite = reader.Site("minLength", min == 1 ? "must not be empty" : Wording.AtLeast(min, "character"));
        }
        if (reader.Count("maxLength") is int max)
        {
            strings.MaxLength = max;
            strings.MaxSite = reader.Site("maxLength", Wording.AtMost(max, "character"));
        }
        if (reader.Text("pattern") is { } text)
        {
            if (Pattern.TryCreate(text, out Pattern? pattern, out string? fault))
            {
                strings.Pattern = pattern;
                strings.PatternSite = reader.Site("pattern", $"must match the pattern {text}");
            }
            else
                reader.Findings.Add(reader.At, "pattern", $"the pattern is not a regular expression: {fault}", "correct the pattern (ECMA-262 syntax)");
        }
        bool asserted = options.AssertFormats || reader.Dialect.Vocabularies.HasFlag(Vocabulary.FormatAssertion);
        if (reader.Text("format") is { } name && asserted && FormatCatalogue.Find(name) is { } format)
        {
            strings.Format = format.Check;
            strings.FormatSite = reader.Site("format", format.Message);
        }
        ReadContent(strings);
    }

    private void ReadContent(StringRules strings)
    {
        string? encoding = reader.Text("contentEncoding");
        string? mediaType = reader.Text("contentMediaType");
        if (!options.AssertContent || reader.Dialect.Draft != SchemaDraft.Draft7 || ContentFormats.For(encoding, mediaType) is not { } check)
            return;
        strings.Content = check;
        strings.ContentSite = reader.Site(mediaType is null ? "contentEncoding" : "contentMediaType", $"must be {Wording.Content(encoding, mediaType)}");
    }
}
