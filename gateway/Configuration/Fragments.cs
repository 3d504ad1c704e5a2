using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Puts the files of a workspace together: included files add, an overlay replaces.</summary>
internal static class Fragments
{
    /// <summary>Adds the sections of included files. A name may be defined once over all files.</summary>
    public static Node.Map Add(Node.Map into, IEnumerable<Node.Map> fragments, ICollection<Diagnostic> diagnostics)
    {
        var sections = new OrderedDictionary<string, Section>(into.Members.Select(m => KeyValuePair.Create(m.Name, new Section(m))));
        foreach (var section in fragments.SelectMany(f => f.Members))
        {
            if (!sections.TryGetValue(section.Name, out var known)) sections[section.Name] = new Section(section);
            else if (known.First.Value is Node.Map && section.Value is Node.Map more) known.Add(more, diagnostics);
            else
                diagnostics.Add(new Diagnostic("GW1007", Severity.Error, section.Place,
                    $"'{section.Name}' is defined in another file too", $"keep one; the other is {known.First.Place}"));
        }
        return into with { Members = [.. sections.Values.Select(s => s.Whole)] };
    }

    /// <summary>Lays an overlay over a document: mappings merge, member by member; everything else is replaced.</summary>
    public static Node Overlay(Node below, Node above)
    {
        if (below is not Node.Map low || above is not Node.Map high) return above;
        var members = low.Members.ToList();
        foreach (var member in high.Members)
        {
            var at = members.FindIndex(m => m.Name == member.Name);
            if (at < 0) members.Add(member);
            else members[at] = member with { Value = Overlay(members[at].Value, member.Value) };
        }
        return low with { Members = members };
    }

    /// <summary>A section that grows file by file; its names are looked up, as there may be thousands.</summary>
    private sealed class Section(Member first)
    {
        private OrderedDictionary<string, Member>? _names;

        public Member First { get; } = first;

        public Member Whole => _names is null ? First : First with { Value = (Node.Map)First.Value with { Members = [.. _names.Values] } };

        public void Add(Node.Map more, ICollection<Diagnostic> diagnostics)
        {
            _names ??= new(((Node.Map)First.Value).Members.Select(m => KeyValuePair.Create(m.Name, m)));
            foreach (var name in more.Members)
            {
                if (!_names.TryAdd(name.Name, name))
                    diagnostics.Add(new Diagnostic("GW1007", Severity.Error, name.Place,
                        $"'{name.Name}' is defined in another file too", $"rename one; the other is {_names[name.Name].Place}"));
            }
        }
    }
}
