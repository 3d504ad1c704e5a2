using static Gateway.JsonSchema.Compilation.SubschemaShape;
using static Gateway.JsonSchema.SchemaDraft;

namespace Gateway.JsonSchema.Compilation;

/// <summary>Where a keyword's value holds subschemas.</summary>
internal enum SubschemaShape
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>The value is a schema.</summary>
    One,

    /// <summary>The value is an array of schemas.</summary>
    List,

    /// <summary>The value is an object whose members are schemas.</summary>
    Map,

    /// <summary>A schema or an array of schemas.</summary>
    OneOrList,

    /// <summary>An object whose members are schemas or arrays of names.</summary>
    MapOrNames,
}

/// <summary>One keyword of the standard.</summary>
internal sealed record KeywordEntry(string Name, Vocabulary Vocabulary, SubschemaShape Shape, SchemaDraft Since, SchemaDraft Until);

/// <summary>All keywords of the drafts, with where they came and went.</summary>
internal static class KeywordCatalogue
{
    private static readonly Dictionary<string, KeywordEntry> Entries = All().ToDictionary(entry => entry.Name);

    public static IEnumerable<string> Names => Entries.Keys;

    public static KeywordEntry? Find(string keyword) => Entries.GetValueOrDefault(keyword);

    private static IEnumerable<KeywordEntry> All() =>
    [
        .. Group(Vocabulary.Core, None, Draft7, "$schema", "$id", "$ref", "$comment"),
        .. Group(Vocabulary.Core, None, Draft201909, "$anchor", "$vocabulary"),
        .. Group(Vocabulary.Core, None, Draft202012, "$dynamicAnchor", "$dynamicRef"),
        new("$recursiveAnchor", Vocabulary.Core, None, Draft201909, Draft201909),
        new("$recursiveRef", Vocabulary.Core, None, Draft201909, Draft201909),
        .. Group(Vocabulary.Core, Map, Draft201909, "$defs"),
        .. Group(Vocabulary.Core, Map, Draft7, "definitions"),
        .. Group(Vocabulary.Applicator, One, Draft7, "not", "if", "then", "else", "contains", "additionalProperties", "propertyNames"),
        .. Group(Vocabulary.Applicator, List, Draft7, "allOf", "anyOf", "oneOf"),
        .. Group(Vocabulary.Applicator, Map, Draft7, "properties", "patternProperties"),
        .. Group(Vocabulary.Applicator, Map, Draft201909, "dependentSchemas"),
        .. Group(Vocabulary.Applicator, MapOrNames, Draft7, "dependencies"),
        .. Group(Vocabulary.Applicator, OneOrList, Draft7, "items"),
        .. Group(Vocabulary.Applicator, List, Draft202012, "prefixItems"),
        new("additionalItems", Vocabulary.Applicator, One, Draft7, Draft201909),
        .. Group(Vocabulary.Unevaluated, One, Draft201909, "unevaluatedItems", "unevaluatedProperties"),
        .. Group(Vocabulary.Validation, None, Draft7, "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum",
            "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties",
            "minProperties", "required"),
        .. Group(Vocabulary.Validation, None, Draft201909, "maxContains", "minContains", "dependentRequired"),
        .. Group(Vocabulary.FormatAnnotation | Vocabulary.FormatAssertion, None, Draft7, "format"),
        .. Group(Vocabulary.Content, None, Draft7, "contentEncoding", "contentMediaType"),
        .. Group(Vocabulary.Content, One, Draft201909, "contentSchema"),
        .. Group(Vocabulary.MetaData, None, Draft7, "title", "description", "default", "readOnly", "writeOnly", "examples"),
        .. Group(Vocabulary.MetaData, None, Draft201909, "deprecated"),
    ];

    private static IEnumerable<KeywordEntry> Group(Vocabulary vocabulary, SubschemaShape shape, SchemaDraft since, params string[] names) =>
        names.Select(name => new KeywordEntry(name, vocabulary, shape, since, Draft202012));
}
