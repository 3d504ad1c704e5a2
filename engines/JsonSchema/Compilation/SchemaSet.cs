using System.Globalization;
using System.Text.Json;

namespace Gateway.JsonSchema.Compilation;

/// <summary>The documents of one compilation: loads them, knows their resources and anchors, and resolves references.</summary>
internal sealed class SchemaSet(SchemaOptions options, Findings findings)
{
    private readonly Dictionary<string, SchemaResource?> _resources = [];
    private readonly HashSet<string> _dialectsBeingRead = [];
    private readonly HashSet<string> _unreadable = [];
    private int _resourceCount;

    /// <summary>All resources so far.</summary>
    public IEnumerable<SchemaResource> Resources => _resources.Values.OfType<SchemaResource>();

    /// <summary>Reads and indexes a document; null (with a finding) when it is not JSON.</summary>
    public SchemaLocation? Load(string uri, ReadOnlyMemory<byte> utf8, Dialect inherited)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        if (Parse(uri, utf8) is not { } root)
            return null;
        SchemaDocument document = new(uri, utf8, root);
        Dialect dialect = DialectOf(document, "", root, inherited);
        string ownUri = uri;
        if (IdOf(root, dialect) is { } id)
            ownUri = UriReference.Resolve(uri, UriReference.Split(id).Document);
        SchemaResource resource = new(_resourceCount++, ownUri, document, "", dialect);
        _resources.TryAdd(uri, resource);
        _resources.TryAdd(ownUri, resource);
        document.Resources[""] = resource;
        SchemaLocation location = new(resource, "", root);
        new ResourceWalk(this, findings).Visit(location);
        return location;
    }

    /// <summary>The schema a reference means, loading its document if need be; null with a finding when there is none.</summary>
    public SchemaLocation? Resolve(SchemaLocation from, string keyword, string reference)
    {
        (string documentPart, string? fragment) = UriReference.Split(reference);
        string uri = documentPart.Length == 0 ? from.Resource.Uri : UriReference.Resolve(from.Resource.Uri, documentPart);
        SchemaResource? resource = documentPart.Length == 0 ? from.Resource : FindResource(uri, from.Resource.Dialect);
        if (resource is null)
        {
            // What could not be read was told when it was read.
            if (_unreadable.Contains(uri))
                return null;
            findings.Add(from, keyword, $"'{reference}' refers to {uri}, which does not exist here",
                "correct the reference, or put the file where the resolver finds it");
            return null;
        }
        if (Locate(resource, fragment) is { } location)
            return location;
        string cure = fragment!.StartsWith('/') || NearestName.Find(fragment, resource.Anchors.Keys) is not { } close
            ? "correct the fragment: it must be an existing JSON Pointer or anchor"
            : $"did you mean '#{close}'?";
        findings.Add(from, keyword, $"'{reference}' refers to nothing in {(resource.Uri.Length == 0 ? "this document" : resource.Uri)}", cure);
        return null;
    }

    /// <summary>Adds an embedded resource (one with its own <c>$id</c>).</summary>
    public SchemaResource AddResource(SchemaLocation at, string id)
    {
        string uri = UriReference.Resolve(at.Resource.Uri, UriReference.Split(id).Document);
        Dialect dialect = DialectOf(at.Document, at.Pointer, at.Value, at.Resource.Dialect);
        SchemaResource resource = new(_resourceCount++, uri, at.Document, at.Pointer, dialect);
        if (!_resources.TryAdd(uri, resource) && _resources[uri] is { } other && (other.Document != at.Document || other.Pointer != at.Pointer))
            findings.Add(at, "$id", $"{uri} is already the id of another schema", "give each schema an id of its own");
        return resource;
    }

    /// <summary>
    /// The <c>$id</c> that makes the schema a resource of its own; null when it has none, or only an anchor in draft-07's
    /// fashion.
    /// </summary>
    public static string? IdOf(JsonElement schema, Dialect dialect)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("$id", out JsonElement id) || id.ValueKind != JsonValueKind.String)
            return null;
        string text = id.GetString()!;
        if (dialect.Draft == SchemaDraft.Draft7 && (text.StartsWith('#') || schema.TryGetProperty("$ref", out _)))
            return null;
        return text;
    }

    private static SchemaLocation? Locate(SchemaResource resource, string? fragment)
    {
        SchemaLocation start = new(resource, resource.Pointer, ValueAt(resource));
        if (string.IsNullOrEmpty(fragment))
            return start;
        if (fragment[0] != '/')
            return resource.Anchors.TryGetValue(fragment, out SchemaLocation anchored) ? anchored : null;
        SchemaLocation location = start;
        foreach (string step in PointerText.Steps(fragment))
        {
            if (Descend(location.Value, step) is not { } next)
                return null;
            location = location.Child(step, next);
        }
        return location;
    }

    private static JsonElement ValueAt(SchemaResource resource)
    {
        JsonElement value = resource.Document.Root;
        foreach (string step in PointerText.Steps(Uri.UnescapeDataString(resource.Pointer)))
            value = Descend(value, step)!.Value;
        return value;
    }

    private static JsonElement? Descend(JsonElement value, string step)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            bool exists = uint.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out uint index) && index < value.GetArrayLength();
            return exists ? value[(int)index] : null;
        }
        return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(step, out JsonElement member) ? member : null;
    }

    private SchemaResource? FindResource(string uri, Dialect dialect)
    {
        if (_resources.TryGetValue(uri, out SchemaResource? known))
            return known;
        ReadOnlyMemory<byte>? content = PublishedSchemas.Find(uri) ?? Fetch(uri);
        SchemaResource? loaded = content is { } utf8 ? Load(uri, utf8, dialect)?.Resource : null;
        if (content is not null && loaded is null)
            _unreadable.Add(uri);
        _resources.TryAdd(uri, loaded);
        return loaded;
    }

    private ReadOnlyMemory<byte>? Fetch(string uri) =>
        Uri.TryCreate(uri, UriKind.RelativeOrAbsolute, out Uri? parsed) ? options.Resolver?.Invoke(parsed) : null;

    private JsonElement? Parse(string uri, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = options.MaxDepth });
            JsonElement root = document.RootElement.Clone();
            if (JsonLimits.FindDuplicateMember(root) is { } twice)
            {
                SourcePosition second = SourcePosition.Of(utf8.Span, PointerText.Steps(Uri.UnescapeDataString(twice[1..])));
                findings.Add(uri, twice, second, "this member comes twice, and only one of them would count", "remove one");
                return null;
            }
            if (root.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False)
                return root;
            findings.Add(uri, "#", new SourcePosition(1, 1), "a schema must be an object, true or false", "wrap the document in an object");
        }
        catch (JsonException error)
        {
            // The parser of the framework has no other way to say where it stopped.
            SourcePosition position = SourcePosition.InLine(utf8.Span, (int)(error.LineNumber ?? 0), (int)(error.BytePositionInLine ?? 0));
            string message = error.Message.Contains("maximum configured depth", StringComparison.Ordinal)
                ? $"the document is nested deeper than {options.MaxDepth} levels"
                : "the document is not valid JSON here";
            findings.Add(uri, "#", position, message, "correct the document at this place");
        }
        return null;
    }

    private Dialect DialectOf(SchemaDocument document, string pointer, JsonElement schema, Dialect inherited)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("$schema", out JsonElement name) || name.ValueKind != JsonValueKind.String)
            return inherited;
        string uri = name.GetString()!;
        if (Dialect.Published(uri) is { } published)
            return published;
        if (ReadDialect(UriReference.Split(uri).Document, out string? unknownVocabulary) is { } custom)
            return custom;
        findings.Add(document, pointer + "/$schema",
            unknownVocabulary is null
                ? $"the dialect {uri} is not known"
                : $"the dialect {uri} needs the vocabulary {unknownVocabulary}, which is not known",
            "use https://json-schema.org/draft/2020-12/schema or http://json-schema.org/draft-07/schema#");
        return inherited;
    }

    // A metaschema of the user's own: its own dialect gives the draft, its $vocabulary the keywords.
    private Dialect? ReadDialect(string uri, out string? unknownVocabulary)
    {
        unknownVocabulary = null;
        if (!_dialectsBeingRead.Add(uri))
            return null;
        SchemaResource? metaschema = FindResource(uri, Dialect.Of(options.DefaultDraft));
        _dialectsBeingRead.Remove(uri);
        if (metaschema is null)
            return null;
        SchemaDraft draft = metaschema.Dialect.Draft;
        if (!ValueAt(metaschema).TryGetProperty("$vocabulary", out JsonElement listed) || listed.ValueKind != JsonValueKind.Object)
            return Dialect.Of(draft);
        Vocabulary vocabularies = Vocabulary.None;
        foreach (JsonProperty entry in listed.EnumerateObject())
        {
            Vocabulary vocabulary = Dialect.VocabularyOf(entry.Name);
            vocabularies |= vocabulary;
            if (vocabulary == Vocabulary.None && entry.Value.ValueKind == JsonValueKind.True)
                unknownVocabulary = entry.Name;
        }
        return unknownVocabulary is null ? new Dialect(draft, vocabularies) : null;
    }
}
