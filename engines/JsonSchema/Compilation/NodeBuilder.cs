using System.Globalization;
using System.Text.Json;
using Gateway.JsonSchema.Evaluation;

namespace Gateway.JsonSchema.Compilation;

/// <summary>
/// Builds the tree of validators: one node for each schema that can be reached, shared by all references to it.
/// </summary>
internal sealed class NodeBuilder(SchemaSet set, Findings findings, SchemaOptions options, SchemaLocation root)
{
    private readonly Dictionary<(SchemaDocument Document, string Pointer), SchemaNode> _nodes = [];
    private readonly Queue<(SchemaNode Node, SchemaLocation At)> _pending = [];
    private readonly Dictionary<string, Dictionary<int, SchemaNode>> _dynamicTargets = [];
    private readonly List<(SchemaNode Node, SchemaLocation At)> _built = [];

    /// <summary>Every node with its place, in the order found.</summary>
    public IReadOnlyList<(SchemaNode Node, SchemaLocation At)> Nodes => _built;

    public SchemaOptions Options => options;

    public SchemaNode Build()
    {
        SchemaNode node = NodeAt(root);
        // What nothing refers to yet is read too: its mistakes would come to light with the first reference.
        if (options.Strict)
            NoteAll(root.Document);
        do
        {
            while (_pending.TryDequeue(out (SchemaNode Node, SchemaLocation At) next))
                Fill(next.Node, next.At);
        }
        while (AddDynamicTargets());
        NoteResources();
        foreach ((SchemaNode each, _) in _built)
            each.Seal();
        return node;
    }

    private void NoteAll(SchemaDocument document)
    {
        foreach ((string pointer, SchemaResource resource) in document.Resources.ToList())
        {
            JsonElement value = document.Root;
            foreach (string step in PointerText.Steps(Uri.UnescapeDataString(pointer)))
                value = value.ValueKind == JsonValueKind.Array ? value[int.Parse(step, CultureInfo.InvariantCulture)] : value.GetProperty(step);
            NodeAt(new SchemaLocation(resource, pointer, value));
        }
    }

    /// <summary>The node of a schema. What only refers to a schema of the same resource is that schema.</summary>
    public SchemaNode NodeAt(SchemaLocation at)
    {
        HashSet<string> passed = [];
        while (passed.Add(at.Name) && OnlyReference(at) is { } target)
            at = target;
        if (_nodes.TryGetValue((at.Document, at.Pointer), out SchemaNode? node))
            return node;
        node = new SchemaNode();
        _nodes.Add((at.Document, at.Pointer), node);
        _pending.Enqueue((node, at));
        _built.Add((node, at));
        return node;
    }

    // Such a step can be left out at compile time: it adds nothing, and the dynamic scope stays as it is.
    private SchemaLocation? OnlyReference(SchemaLocation at)
    {
        if (at.Value.ValueKind != JsonValueKind.Object || !at.Value.TryGetProperty("$ref", out JsonElement reference)
            || reference.ValueKind != JsonValueKind.String || IsSensitive(at.Value))
            return null;
        // In draft-07 the reference stands for all; strict mode still wants to see what else was written.
        bool alone = (at.Resource.Dialect.Draft == SchemaDraft.Draft7 && !options.Strict) || at.Value.EnumerateObject().All(member => member.Name is "$ref"
            || member.Name.StartsWith("x-", StringComparison.Ordinal)
            || KeywordCatalogue.Find(member.Name) is { Vocabulary: Vocabulary.MetaData } or { Name: "$comment" or "$defs" or "definitions" });
        return alone && set.Resolve(at, "$ref", reference.GetString()!) is { } target && target.Resource == at.Resource ? target : null;
    }

    private void Fill(SchemaNode node, SchemaLocation at)
    {
        KeywordReader reader = new(at, findings, NameOf(at.Document));
        switch (at.Value.ValueKind)
        {
            case JsonValueKind.True:
                return;
            case JsonValueKind.False:
                node.Kinds = 0;
                node.KindSite = new KeywordSite("false", $"{NameOf(at.Document)}#{at.Pointer}", "is not allowed");
                return;
            case JsonValueKind.Object:
                break;
            default:
                findings.Add(at, "a schema must be an object, true or false", "write a schema here");
                return;
        }
        node.Sensitive = IsSensitive(at.Value);
        if (at.Resource.Dialect.Draft == SchemaDraft.Draft7 && at.Value.TryGetProperty("$ref", out _))
        {
            node.InPlace = [.. References(reader)];
            return;
        }
        new ValueRulesBuilder(reader, options).Build(node);
        node.Objects = new ObjectRulesBuilder(reader, this).Build();
        node.Arrays = new ArrayRulesBuilder(reader, this).Build();
        node.InPlace = [.. References(reader), .. Applicators(reader)];
        node.UnevaluatedMembers = Unevaluated(reader, "unevaluatedProperties", "is not a known member");
        node.UnevaluatedItems = Unevaluated(reader, "unevaluatedItems", "is one item too many");
    }

    private IEnumerable<InPlaceRule> References(KeywordReader reader)
    {
        if (Target(reader, "$ref") is { } target)
            yield return new RefRule(NodeAt(target));
        if (Target(reader, "$dynamicRef") is { } dynamicTarget)
            yield return DynamicReference(dynamicTarget, UriReference.Split(reader.Text("$dynamicRef")!).Fragment ?? "");
        if (Target(reader, "$recursiveRef") is { } recursiveTarget)
            yield return DynamicReference(recursiveTarget, "");
    }

    private SchemaLocation? Target(KeywordReader reader, string keyword) =>
        reader.Text(keyword) is { } reference ? set.Resolve(reader.At, keyword, reference) : null;

    private InPlaceRule DynamicReference(SchemaLocation target, string anchor)
    {
        bool isDynamic = target.Resource.DynamicAnchors.TryGetValue(anchor, out SchemaLocation anchored) && anchored.Pointer == target.Pointer;
        if (!isDynamic)
            return new RefRule(NodeAt(target));
        if (!_dynamicTargets.TryGetValue(anchor, out Dictionary<int, SchemaNode>? targets))
            _dynamicTargets[anchor] = targets = [];
        return new DynamicRefRule(NodeAt(target), targets);
    }

    private IEnumerable<InPlaceRule> Applicators(KeywordReader reader)
    {
        foreach (SchemaLocation part in reader.Items("allOf"))
            yield return new AllOfRule(NodeAt(part));
        if (reader.Items("anyOf") is { Count: > 0 } any)
            yield return Choice(reader, "anyOf", any, $"must match at least one of the {any.Count} allowed forms");
        if (reader.Items("oneOf") is { Count: > 0 } one)
            yield return Choice(reader, "oneOf", one, $"must match exactly one of the {one.Count} allowed forms, but matches none");
        if (reader.TryGet("not", out JsonElement not))
            yield return new NotRule(NodeAt(reader.Child("not", not)), reader.Site("not", "must not have this form"));
        if (reader.TryGet("if", out JsonElement condition))
        {
            SchemaNode? then = reader.TryGet("then", out JsonElement thenSchema) ? NodeAt(reader.Child("then", thenSchema)) : null;
            SchemaNode? otherwise = reader.TryGet("else", out JsonElement elseSchema) ? NodeAt(reader.Child("else", elseSchema)) : null;
            yield return new ConditionRule(NodeAt(reader.Child("if", condition)), then, otherwise);
        }
    }

    private ChoiceRule Choice(KeywordReader reader, string keyword, List<SchemaLocation> branches, string message) =>
        new([.. branches.Select(NodeAt)], keyword == "oneOf", reader.Site(keyword, message));

    private UnevaluatedRule? Unevaluated(KeywordReader reader, string keyword, string message) => reader.TryGet(keyword, out JsonElement schema)
        ? new UnevaluatedRule(NodeAt(reader.Child(keyword, schema)), reader.Site(keyword, message))
        : null;

    private bool AddDynamicTargets()
    {
        foreach ((string anchor, Dictionary<int, SchemaNode> targets) in _dynamicTargets)
        {
            foreach (SchemaResource resource in set.Resources.ToList())
            {
                if (resource.DynamicAnchors.TryGetValue(anchor, out SchemaLocation anchored))
                    targets[resource.Number] = NodeAt(anchored);
            }
        }
        return _pending.Count > 0;
    }

    // Only where a dynamic reference exists does anyone ask which resources were entered.
    private void NoteResources()
    {
        if (_dynamicTargets.Count == 0)
            return;
        foreach ((SchemaNode node, SchemaLocation at) in _built)
            node.Resource = at.Resource.Number;
    }

    private string NameOf(SchemaDocument document)
    {
        if (document == root.Document)
            return "";
        // Clients see these names: not more of the path than tells documents apart.
        string folder = root.Document.Uri[..(root.Document.Uri.LastIndexOf('/') + 1)];
        return folder.Length > 0 && document.Uri.StartsWith(folder, StringComparison.Ordinal) ? document.Uri[folder.Length..] : document.Uri;
    }

    private static bool IsSensitive(JsonElement schema) => schema.TryGetProperty("x-sensitive", out JsonElement mark) && mark.ValueKind == JsonValueKind.True;
}
