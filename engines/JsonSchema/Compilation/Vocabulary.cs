namespace Gateway.JsonSchema.Compilation;

/// <summary>The groups of keywords a metaschema can switch on (JSON Schema core, section 8.1.2).</summary>
[Flags]
internal enum Vocabulary
{
    None = 0,
    Core = 1,
    Applicator = 2,
    Unevaluated = 4,
    Validation = 8,
    MetaData = 16,
    FormatAnnotation = 32,
    FormatAssertion = 64,
    Content = 128,

    /// <summary>
    /// What <c>https://json-schema.org/draft/2020-12/schema</c> switches on; also what the older drafts amount to.
    /// </summary>
    Standard = Core | Applicator | Unevaluated | Validation | MetaData | FormatAnnotation | Content,
}

/// <summary>How a schema resource is to be read.</summary>
internal sealed record Dialect(SchemaDraft Draft, Vocabulary Vocabularies)
{
    /// <summary>The dialects of the published metaschemas, by <c>$schema</c> without an empty fragment.</summary>
    public static Dialect? Published(string schemaUri) => schemaUri.TrimEnd('#') switch
    {
        "https://json-schema.org/draft/2020-12/schema" => Of(SchemaDraft.Draft202012),
        "https://json-schema.org/draft/2019-09/schema" => Of(SchemaDraft.Draft201909),
        "http://json-schema.org/draft-07/schema" or "https://json-schema.org/draft-07/schema" => Of(SchemaDraft.Draft7),
        _ => null,
    };

    public static Dialect Of(SchemaDraft draft) => new(draft, Vocabulary.Standard);

    /// <summary>
    /// The vocabulary a URI of <c>$vocabulary</c> names; <see cref="Vocabulary.None"/> for one this engine does not know.
    /// </summary>
    public static Vocabulary VocabularyOf(string uri)
    {
        int name = uri.LastIndexOf('/') + 1;
        if (uri[..name] is not ("https://json-schema.org/draft/2020-12/vocab/" or "https://json-schema.org/draft/2019-09/vocab/"))
            return Vocabulary.None;
        return uri[name..] switch
        {
            "core" => Vocabulary.Core,
            // In 2019-09 the applicators still included the unevaluated ones.
            "applicator" => uri.Contains("2019-09", StringComparison.Ordinal) ? Vocabulary.Applicator | Vocabulary.Unevaluated : Vocabulary.Applicator,
            "unevaluated" => Vocabulary.Unevaluated,
            "validation" => Vocabulary.Validation,
            "meta-data" => Vocabulary.MetaData,
            "format" or "format-annotation" => Vocabulary.FormatAnnotation,
            "format-assertion" => Vocabulary.FormatAssertion,
            "content" => Vocabulary.Content,
            _ => Vocabulary.None,
        };
    }

    /// <summary>Whether the keyword means something in this dialect.</summary>
    public bool Knows(string keyword) => KeywordCatalogue.Find(keyword) is { } entry
        && Draft >= entry.Since && Draft <= entry.Until
        && (entry.Vocabulary == Vocabulary.Core || (Vocabularies & entry.Vocabulary) != 0);
}
