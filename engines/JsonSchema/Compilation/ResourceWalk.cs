using System.Text.Json;

namespace Gateway.JsonSchema.Compilation;

/// <summary>Visits every subschema of a document, where the keywords say there is one, and notes resources and anchors.</summary>
internal sealed class ResourceWalk(SchemaSet set, Findings findings)
{
    public void Visit(SchemaLocation at)
    {
        if (at.Value.ValueKind != JsonValueKind.Object)
            return;
        SchemaLocation here = at;
        if (at.Pointer.Length > 0)
        {
            SchemaResource resource = SchemaSet.IdOf(at.Value, at.Resource.Dialect) is { } id ? set.AddResource(at, id) : at.Resource;
            here = at with { Resource = resource };
            at.Document.Resources[at.Pointer] = resource;
        }
        NoteAnchors(here);
        foreach (JsonProperty member in here.Value.EnumerateObject())
        {
            if (KeywordCatalogue.Find(member.Name) is { Shape: not SubschemaShape.None } entry && IsSubschemaKeyword(entry, here.Resource.Dialect))
                VisitMember(here, member, entry.Shape);
        }
    }

    // Definitions are looked into whatever the draft calls them: old documents often keep the old word.
    private static bool IsSubschemaKeyword(KeywordEntry entry, Dialect dialect) => dialect.Knows(entry.Name) || entry.Name is "definitions";

    private void VisitMember(SchemaLocation here, JsonProperty member, SubschemaShape shape)
    {
        SchemaLocation holder = Step(here, member.Name, member.Value);
        if (member.Value.ValueKind == JsonValueKind.Array && shape is SubschemaShape.List or SubschemaShape.OneOrList)
        {
            int index = 0;
            foreach (JsonElement item in member.Value.EnumerateArray())
                Visit(Step(holder, (index++).ToString(System.Globalization.CultureInfo.InvariantCulture), item));
        }
        else if (member.Value.ValueKind == JsonValueKind.Object && shape is SubschemaShape.Map or SubschemaShape.MapOrNames)
        {
            foreach (JsonProperty entry in member.Value.EnumerateObject())
                Visit(Step(holder, entry.Name, entry.Value));
        }
        else if (shape is SubschemaShape.One or SubschemaShape.OneOrList)
            Visit(holder);
    }

    private static SchemaLocation Step(SchemaLocation parent, string step, JsonElement value) =>
        parent with { Pointer = $"{parent.Pointer}/{PointerText.EscapeStep(step)}", Value = value };

    private void NoteAnchors(SchemaLocation here)
    {
        SchemaResource resource = here.Resource;
        if (resource.Dialect.Draft == SchemaDraft.Draft7)
        {
            if (Text(here, "$id") is { } id && id.Contains('#', StringComparison.Ordinal) && !here.Value.TryGetProperty("$ref", out _))
                NoteAnchor(here, "$id", UriReference.Split(id).Fragment!, dynamic: false);
            return;
        }
        if (Text(here, "$anchor") is { } anchor)
            NoteAnchor(here, "$anchor", anchor, dynamic: false);
        if (resource.Dialect.Draft == SchemaDraft.Draft202012 && Text(here, "$dynamicAnchor") is { } dynamicAnchor)
            NoteAnchor(here, "$dynamicAnchor", dynamicAnchor, dynamic: true);
        if (resource.Dialect.Draft == SchemaDraft.Draft201909 && here.Value.TryGetProperty("$recursiveAnchor", out JsonElement recursive)
            && recursive.ValueKind == JsonValueKind.True)
            resource.DynamicAnchors[""] = here;
    }

    private void NoteAnchor(SchemaLocation here, string keyword, string name, bool dynamic)
    {
        if (name.Length == 0)
            return;
        if (!here.Resource.Anchors.TryAdd(name, here) && here.Resource.Anchors[name].Pointer != here.Pointer)
            findings.Add(here, keyword, $"the anchor '{name}' exists twice in this schema resource", "rename one of them");
        if (dynamic)
            here.Resource.DynamicAnchors[name] = here;
    }

    private static string? Text(SchemaLocation here, string keyword) =>
        here.Value.TryGetProperty(keyword, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
