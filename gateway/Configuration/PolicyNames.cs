using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Declared policies by name, and which of them somebody uses.</summary>
internal sealed class PolicyNames(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
{
    private readonly HashSet<string> _used = [];

    /// <summary>The policy a use stands for: itself when written in place; null when its name is not declared.</summary>
    public (string Name, PolicyDocument Policy)? Resolve(PolicyDocument use, string inPlace)
    {
        if (use.Name is not { } name) return (inPlace, use);
        if (document.Policies.TryGetValue(name, out var declared) && declared.Kind is not null)
        {
            _used.Add(name);
            return (name, declared);
        }
        if (places.Has(document.Policies, name) && declared is null) return null;
        if (declared is null)
            diagnostics.Add(new Diagnostic("GW2003", Severity.Error, use.Place, $"policy '{name}' is not defined", Nearest.Cure(name, document.Policies.Keys)));
        else
            diagnostics.Add(new Diagnostic("GW2004", Severity.Error, declared.Place, $"policy '{name}' is only another name", "give it a kind and options"));
        return null;
    }

    /// <summary>Only for a workspace without errors: a route with an error may be the one that uses it.</summary>
    public void ReportUnused()
    {
        if (diagnostics.Any(d => d.Severity == Severity.Error)) return;
        foreach (var name in document.Policies.Keys.Where(n => !_used.Contains(n)))
            diagnostics.Add(new Diagnostic("GW2013", Severity.Warning, places.Of(document.Policies, name), $"policy '{name}' is used by no route", "use it, or remove it"));
    }
}
