namespace Gateway.JsonSchema;

/// <summary>How a schema is compiled.</summary>
public sealed record SchemaOptions
{
    /// <summary>Where the document was found: the base of relative references, and the document's name in diagnostics.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>
    /// Gives the document behind a URI (without fragment), or null when there is none. The engine itself never opens a file or a
    /// connection. The published metaschemas are built in and are not asked for.
    /// </summary>
    public Func<Uri, ReadOnlyMemory<byte>?>? Resolver { get; init; }

    /// <summary>
    /// Refuses what the specification tolerates but an author hardly means: unknown keywords (unless they start with <c>x-</c>), keywords that do
    /// nothing where they stand, schemas that no value can match as far as that can be seen, and references that lead back to themselves without looking at a smaller part of the
    /// instance.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>Makes <c>format</c> an assertion. Unknown formats never fail; in strict mode they are findings.</summary>
    public bool AssertFormats { get; init; }

    /// <summary>
    /// Makes <c>contentEncoding: base64</c> and <c>contentMediaType: application/json</c> assertions (draft-07 only, section 8).
    /// </summary>
    public bool AssertContent { get; init; }

    /// <summary>The draft of documents without <c>$schema</c>.</summary>
    public SchemaDraft DefaultDraft { get; init; } = SchemaDraft.Draft202012;

    /// <summary>
    /// Containers nested deeper than this are refused: instances with an error, schema documents with a diagnostic. Default 64.
    /// </summary>
    public int MaxDepth { get; init; } = 64;
}

/// <summary>The drafts this engine speaks.</summary>
public enum SchemaDraft
{
    /// <summary>draft-handrews-json-schema-validation-01, <c>http://json-schema.org/draft-07/schema#</c>.</summary>
    Draft7,

    /// <summary>2019-09: only so far as a document of the other drafts may refer to one of this draft.</summary>
    Draft201909,

    /// <summary>draft-bhutton-json-schema-01, <c>https://json-schema.org/draft/2020-12/schema</c>.</summary>
    Draft202012,
}
