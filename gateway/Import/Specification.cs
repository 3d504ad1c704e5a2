using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Import;

/// <summary>A place in the documents of one import: the file, and the JSON Pointer (RFC 6901) in it.</summary>
internal readonly record struct SpecificationPlace(string File, string Pointer)
{
    public SpecificationPlace At(string step) => this with { Pointer = $"{Pointer}/{OpenApi.SchemaWalk.Escape(step)}" };

    /// <summary>The steps of the pointer, unescaped.</summary>
    public string[] Steps => OpenApi.SchemaWalk.Steps(Pointer);

    public override string ToString() => "#" + Pointer;
}

/// <summary>A part of a document, and where it stands.</summary>
internal readonly record struct Part(JsonNode? Node, SpecificationPlace Place)
{
    public JsonObject? Object => Node as JsonObject;

    public Part this[string member] => new(Object?[member], Place.At(member));

    public string? Text(string member) => Object?[member] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public bool Flag(string member) => Object?[member] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    /// <summary>The members of an object, or nothing.</summary>
    public IEnumerable<(string Name, Part Part)> Members
    {
        get
        {
            foreach (var (name, node) in Object ?? []) yield return (name, new Part(node, Place.At(name)));
        }
    }

    /// <summary>The items of a list, or nothing.</summary>
    public IEnumerable<Part> Items
    {
        get
        {
            var list = Node as JsonArray ?? [];
            for (var i = 0; i < list.Count; i++) yield return new Part(list[i], Place.At(i.ToString(CultureInfo.InvariantCulture)));
        }
    }
}

/// <summary>
/// An OpenAPI document and the files beside it that it refers to. The documents are walked as they are written, not through a model of
/// OpenAPI: the model of Microsoft.OpenApi drops what it has no member for (<c>nullable</c> beside <c>allOf</c>, keywords beside <c>$ref</c>), turns
/// references into the inside of a schema to its root, and fails on the schemas <c>true</c> and <c>false</c>.
/// </summary>
internal sealed class Specification
{
    private const int MaxHops = 32;

    private readonly string _folder;
    private readonly Dictionary<string, JsonNode?> _files = [];
    private Dictionary<string, SpecificationPlace>? _anchors;

    private Specification(string folder, string file, JsonObject root)
    {
        _folder = folder;
        _files[file] = root;
        Root = new Part(root, new SpecificationPlace(file, ""));
    }

    public Part Root { get; }

    /// <summary>Version of OpenAPI: <c>3.0.3</c>.</summary>
    public string Version => Root.Text("openapi")!;

    /// <summary>3.0 has a dialect of its own; from 3.1 on schemas are JSON Schema 2020-12.</summary>
    public bool IsVersion30 => Version.StartsWith("3.0", StringComparison.Ordinal);

    /// <exception cref="ImportRefusedException">The file can't be read, or is no OpenAPI 3 document.</exception>
    public static Specification Read(string path)
    {
        var full = Path.GetFullPath(path);
        if (SpecificationReader.Read(full) is not JsonObject root) throw new ImportRefusedException($"{path} is not an OpenAPI document: it is no object");
        var document = new Specification(Path.GetDirectoryName(full)!, Path.GetFileName(full), root);
        if (document.Root.Text("swagger") is { } old) throw new ImportRefusedException($"{path} is Swagger {old}; convert it to OpenAPI 3.0 first");
        var version = document.Root.Text("openapi")
            ?? throw new ImportRefusedException($"{path} is not an OpenAPI document: it has no text member 'openapi' that names its version");
        if (!version.StartsWith("3.", StringComparison.Ordinal))
            throw new ImportRefusedException($"{path} is OpenAPI {YamlText.Line(version, 20)}; versions 3.0 and 3.1 are taken");
        return document;
    }

    /// <summary>What a reference leads to, or why it leads nowhere.</summary>
    public (Part Found, string? Problem) Resolve(string reference, SpecificationPlace from)
    {
        var (file, fragment) = reference.Split('#', 2) is [var before, var behind] ? (before, Uri.UnescapeDataString(behind)) : (reference, "");
        if (fragment.Length > 0 && fragment[0] != '/') return Anchored(file, fragment);
        var start = new SpecificationPlace(from.File, "");
        if (file.Length == 0) start = Resource(from);
        else if (Anchors.TryGetValue(file, out var known)) start = known;
        else if (Uri.TryCreate(file, UriKind.Absolute, out _)) return (default, $"'{reference}' is not followed: nothing is fetched from elsewhere");
        else if (FileOf(file, from.File) is { } beside) start = new SpecificationPlace(beside, "");
        else return (default, $"'{reference}' is not followed: there is no such file beside the document, or it can't be read");
        var at = At(start);
        foreach (var step in OpenApi.SchemaWalk.Steps(fragment)) at = Step(at, step);
        if (at.Node is null && file.Length == 0) at = InSchema(fragment, from) ?? at;
        return at.Node is null ? (default, $"'{reference}' leads to nothing") : (at, null);
    }

    /// <summary>The part itself, or what it refers to by <c>$ref</c>, however often.</summary>
    public (Part Found, string? Problem) Follow(Part part)
    {
        for (var hops = 0; part.Text("$ref") is { } reference; hops++)
        {
            if (hops == MaxHops) return (default, $"'{reference}' leads back to itself");
            var (found, problem) = Resolve(reference, part.Place);
            if (problem is not null) return (default, problem);
            part = found;
        }
        return part.Object is null ? (default, "it is no object") : (part, null);
    }

    /// <summary>What stands at a place.</summary>
    public Part At(SpecificationPlace place) =>
        place.Steps.Aggregate(new Part(_files.GetValueOrDefault(place.File), new SpecificationPlace(place.File, "")), Step);

    private static Part Step(Part at, string step) => at.Node is JsonArray list
        ? new Part(int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < list.Count ? list[i] : null, at.Place.At(step))
        : at[step];

    /// <summary>
    /// A file beside the document, read once; null when there is none. Not above the document's folder: who wrote the document must not choose
    /// among our files.
    /// </summary>
    private string? FileOf(string reference, string from)
    {
        var full = Path.GetFullPath(Path.Combine(_folder, Path.GetDirectoryName(from) ?? "", Uri.UnescapeDataString(reference)));
        if (!full.StartsWith(_folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) || new FileInfo(full) is not { Exists: true, LinkTarget: null }) return null;
        var name = Path.GetRelativePath(_folder, full);
        if (_files.TryGetValue(name, out var known)) return known is null ? null : name;
        try
        {
            _files[name] = SpecificationReader.Read(full);
        }
        catch (ImportRefusedException)
        {
            _files[name] = null;
        }
        return _files[name] is null ? null : name;
    }

    /// <summary>The schema with an <c>$id</c> around a place: JSON Schema counts pointers from there. Elsewhere it is the document.</summary>
    private SpecificationPlace Resource(SpecificationPlace from)
    {
        var at = At(new SpecificationPlace(from.File, ""));
        var found = at.Place;
        if (IsVersion30) return found;
        foreach (var step in from.Steps)
        {
            at = Step(at, step);
            if (at.Text("$id") is not null) found = at.Place;
        }
        return found;
    }

    /// <summary>
    /// Definitions that a schema carries along, as generators write them: <c>#/$defs/x</c> would have to stand in the document's root, and stands in the
    /// schema. Nothing else is looked for so.
    /// </summary>
    private Part? InSchema(string fragment, SpecificationPlace from)
    {
        var steps = OpenApi.SchemaWalk.Steps(fragment);
        if (steps is not ["$defs" or "definitions", ..]) return null;
        var around = new List<Part> { At(new SpecificationPlace(from.File, "")) };
        foreach (var step in from.Steps) around.Add(Step(around[^1], step));
        return Enumerable.Reverse(around).Select(a => steps.Aggregate(a, Step)).Cast<Part?>().FirstOrDefault(p => p!.Value.Node is not null);
    }

    private (Part, string?) Anchored(string file, string anchor) => Anchors.TryGetValue($"{file}#{anchor}", out var place) || Anchors.TryGetValue("#" + anchor, out place)
        ? (At(place), null)
        : (default, $"there is no anchor '{anchor}'");

    /// <summary>Schemas of the document by <c>$id</c> and, behind a <c>#</c>, by anchor; the first of a name.</summary>
    private Dictionary<string, SpecificationPlace> Anchors
    {
        get
        {
            if (_anchors is not null) return _anchors;
            _anchors = [];
            if (IsVersion30) return _anchors;
            var open = new Stack<Part>([Root]);
            while (open.TryPop(out var part))
            {
                if (part.Text("$id") is { } id) _anchors.TryAdd(id.TrimEnd('#'), part.Place);
                if ((part.Text("$anchor") ?? part.Text("$dynamicAnchor")) is { } anchor) _anchors.TryAdd("#" + anchor, part.Place);
                foreach (var inner in part.Members.Select(m => m.Part).Concat(part.Items)) open.Push(inner);
            }
            return _anchors;
        }
    }
}
