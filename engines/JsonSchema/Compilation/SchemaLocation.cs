using System.Text.Json;

namespace Gateway.JsonSchema.Compilation;

/// <summary>A JSON document that holds schemas. Two of them are the same only where they are one: what they hold is never compared, or hashed.</summary>
internal sealed class SchemaDocument(string uri, ReadOnlyMemory<byte> utf8, JsonElement root)
{
    public string Uri => uri;

    public ReadOnlyMemory<byte> Utf8 => utf8;

    public JsonElement Root => root;

    /// <summary>By pointer: the resource each subschema belongs to. Complete for what the dialects call subschemas.</summary>
    public Dictionary<string, SchemaResource> Resources { get; } = [];
}

/// <summary>A schema with its own base URI and the subschemas that share it (JSON Schema core, section 4.3.5).</summary>
internal sealed record SchemaResource(int Number, string Uri, SchemaDocument Document, string Pointer, Dialect Dialect)
{
    /// <summary>Anchors and dynamic anchors, by name.</summary>
    public Dictionary<string, SchemaLocation> Anchors { get; } = [];

    /// <summary>Dynamic anchors only, by name; the empty name is 2019-09's <c>$recursiveAnchor</c>.</summary>
    public Dictionary<string, SchemaLocation> DynamicAnchors { get; } = [];
}

/// <summary>The place of one schema. The pointer is in URI-fragment form without the <c>#</c>.</summary>
internal readonly record struct SchemaLocation(SchemaResource Resource, string Pointer, JsonElement Value)
{
    public SchemaDocument Document => Resource.Document;

    public string Name => $"{Document.Uri}#{Pointer}";

    /// <summary>The same place one member or index further down.</summary>
    public SchemaLocation Child(string step, JsonElement value)
    {
        string pointer = $"{Pointer}/{PointerText.EscapeStep(step)}";
        return new SchemaLocation(Document.Resources.GetValueOrDefault(pointer, Resource), pointer, value);
    }
}
