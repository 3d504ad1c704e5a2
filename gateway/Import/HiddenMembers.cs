using System.Text.Json.Nodes;
using Gateway.OpenApi;

namespace Gateway.Import;

/// <summary>
/// Members that stand in one direction only: <c>readOnly</c> ones should not be sent and <c>writeOnly</c> ones are not answered, and if they are
/// required, it is in the other direction alone (OpenAPI 3.0.3, Schema Object; 3.1 by JSON Schema validation section 9.4).
/// </summary>
internal sealed class HiddenMembers(Specification specification)
{
    private const int MaxHops = 16;

    private readonly Dictionary<(SpecificationPlace, Direction), bool> _matter = [];
    private readonly Dictionary<SpecificationPlace, (bool Request, bool Response, List<Part> References)> _own = [];

    /// <summary>Whether the schema, or one that it refers to, requires something that it must not require in this direction.</summary>
    public bool Matter(Part schema, Direction direction)
    {
        if (_matter.TryGetValue((schema.Place, direction), out var known)) return known;
        var seen = new HashSet<SpecificationPlace> { schema.Place };
        var open = new Queue<Part>([schema]);
        var matter = false;
        while (!matter && open.TryDequeue(out var part))
        {
            var (request, response, references) = Own(part);
            matter = (direction == Direction.Request ? request : response) || _matter.GetValueOrDefault((part.Place, direction));
            foreach (var reference in references.Where(r => seen.Add(r.Place))) open.Enqueue(reference);
        }
        return _matter[(schema.Place, direction)] = matter;
    }

    /// <summary>Names of members that a schema must not require in this direction: its own, and those of what it consists of by <c>allOf</c>.</summary>
    public HashSet<string> Of(Part schema, Direction direction)
    {
        var names = new HashSet<string>();
        if (direction == Direction.Either) return names;
        var mark = direction == Direction.Request ? "readOnly" : "writeOnly";
        var seen = new HashSet<SpecificationPlace>();
        var open = new Stack<Part>([schema]);
        while (open.TryPop(out var part))
        {
            if (!seen.Add(part.Place)) continue;
            names.UnionWith(part["properties"].Members.Where(m => IsMarked(m.Part, mark)).Select(m => m.Name));
            foreach (var inner in part["allOf"].Items) open.Push(inner);
            if (part.Text("$ref") is { } reference && specification.Resolve(reference, part.Place) is { Problem: null } target) open.Push(target.Found);
        }
        return names;
    }

    private (bool Request, bool Response, List<Part> References) Own(Part schema)
    {
        if (_own.TryGetValue(schema.Place, out var known)) return known;
        var (request, response) = (false, false);
        var references = new List<Part>();
        foreach (var (pointer, inner) in SchemaWalk.Of(schema.Node))
        {
            var part = new Part(inner, schema.Place with { Pointer = schema.Place.Pointer + pointer });
            request |= Requires(part, Direction.Request);
            response |= Requires(part, Direction.Response);
            if (part.Text("$ref") is { } reference && specification.Resolve(reference, part.Place) is { Problem: null } target) references.Add(target.Found);
        }
        return _own[schema.Place] = (request, response, references);
    }

    private bool Requires(Part schema, Direction direction)
    {
        var required = schema["allOf"].Items.Prepend(schema).SelectMany(s => s["required"].Items).Select(i => (i.Node as JsonValue)?.ToString()).ToList();
        return required.Count > 0 && Of(schema, direction).Overlaps(required!);
    }

    private bool IsMarked(Part member, string mark)
    {
        for (var hops = 0; hops < MaxHops; hops++)
        {
            if (member.Flag(mark)) return true;
            if (member.Text("$ref") is not { } reference || specification.Resolve(reference, member.Place) is not { Problem: null } target) return false;
            member = target.Found;
        }
        return false;
    }
}
