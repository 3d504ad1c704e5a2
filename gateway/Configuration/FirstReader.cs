using Gateway.Configuration.Flows;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>From what a target says of flows to what they are asked.</summary>
internal sealed class FirstReader(ScopeContext context, Places places, ICollection<Diagnostic> diagnostics)
{
    /// <summary>Null where something is wrong, which is reported.</summary>
    public FlowGuard? Of(TargetDocument target, FirstDocument first, BackendOperation operation)
    {
        if (first.Cancel is null == first.Without is null)
        {
            Error(places.Of(target, nameof(target.First)), "a flow is asked one thing", "write cancel: FLOW or without: FLOW");
            return null;
        }
        if (target.Object is null || operation.Descriptor.Effect == Effect.Reads)
        {
            Error(places.Of(target, nameof(target.First)), target.Object is null ? "without object: nothing tells which instance of the flow is meant" : $"{operation.FullName} only reads, so no flow is in its way",
                target.Object is null ? "add object: KIND/{parameter}" : "remove first:");
            return null;
        }
        var name = first.Cancel ?? first.Without!;
        if (FlowReader.IsForHouse(context.Document, name))
        {
            diagnostics.Add(new Diagnostic("GW5413", Severity.Error, places.Of(first, first.Cancel is null ? nameof(first.Without) : nameof(first.Cancel)), $"the flow '{name}' is for the house, so no object of a partner's is in it", "name a flow of partners', or remove first:"));
            return null;
        }
        if (context.Document.Flows.ContainsKey(name)) return new FlowGuard(name, first.Cancel is not null);
        if (!places.Has(context.Document.Flows, name))
            Error(places.Of(first, first.Cancel is null ? nameof(first.Without) : nameof(first.Cancel)), $"there is no flow '{name}'", Nearest.Cure(name, context.Document.Flows.Keys));
        return null;
    }

    private void Error(Place place, string message, string cure) => diagnostics.Add(new Diagnostic("GW5412", Severity.Error, place, message, cure));
}
