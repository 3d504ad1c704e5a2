using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Whether what is said of the store goes together.</summary>
internal static class StateChecks
{
    public static void Check(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
    {
        var state = document.State;
        // A section that could not be bound was told by itself.
        var declared = places.Has(state, nameof(state.Postgresql));
        if (state.Store == StateEngine.Postgresql && !declared)
        {
            diagnostics.Add(new Diagnostic("GW2090", Severity.Error, places.Of(state, nameof(state.Store)), "the store is postgresql, and nothing says which database",
                "add postgresql: { connection: secret://env/NAME }"));
        }
        else if (state.Store != StateEngine.Postgresql && declared)
        {
            diagnostics.Add(new Diagnostic("GW2091", Severity.Warning, places.Of(state, nameof(state.Postgresql)), "a database is named, and the store is sqlite: nothing is kept there",
                "write store: postgresql, or remove postgresql:"));
        }
        if (state.Cluster is null) return;
        if (state.Store != StateEngine.Postgresql)
            diagnostics.Add(new Diagnostic("GW5380", Severity.Error, places.Of(state, nameof(state.Cluster)), "nodes form a cluster, and with sqlite there can be only one node", "write store: postgresql, or remove cluster:"));
        if (!places.Has(state, nameof(state.Redis)))
            diagnostics.Add(new Diagnostic("GW5381", Severity.Error, places.Of(state, nameof(state.Cluster)), "nodes form a cluster, and no Redis is declared in which they find each other", "add redis: { connection: secret://env/NAME }, or remove cluster:"));
    }
}
