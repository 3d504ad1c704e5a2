using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Puts the files of a workspace together: included files add, an overlay replaces.</summary>
internal static class Fragments
{
    /// <summary>
    /// Adds an included file's sections. A name may be defined once over all files; a section without content defines nothing.
    /// </summary>
    public static Node.Map Add(Node.Map into, Node.Map fragment, ICollection<Diagnostic> diagnostics)
    {
        var sections = into.Members.ToList();
        foreach (var section in fragment.Members)
        {
            var at = sections.FindIndex(s => s.Name == section.Name);
            if (section.Value is Node.Scalar { IsNull: true }) continue;
            if (at < 0) sections.Add(section);
            else if (sections[at].Value is Node.Scalar { IsNull: true }) sections[at] = section;
            else if (sections[at].Value is Node.Map known && section.Value is Node.Map more)
                sections[at] = sections[at] with { Value = AddNames(known, more, diagnostics) };
            else
                diagnostics.Add(new Diagnostic("GW1007", Severity.Error, section.Place,
                    $"'{section.Name}' is defined in another file too", $"keep one; the other is {sections[at].Place}"));
        }
        return into with { Members = sections };
    }

    private static Node.Map AddNames(Node.Map into, Node.Map more, ICollection<Diagnostic> diagnostics)
    {
        var names = into.Members.ToList();
        foreach (var name in more.Members)
        {
            if (names.FirstOrDefault(n => n.Name == name.Name) is { } first)
                diagnostics.Add(new Diagnostic("GW1007", Severity.Error, name.Place,
                    $"'{name.Name}' is defined in another file too", $"rename one; the other is {first.Place}"));
            else names.Add(name);
        }
        return into with { Members = names };
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
}
