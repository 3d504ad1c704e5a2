using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Where a workspace declares owners, APIs, partners and events name one of them, and each of them owns something.</summary>
internal sealed class OwnerChecks(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
{
    public void Check()
    {
        foreach (var owner in document.Owners.Values.Where(o => o.Contact is not null && !ApiChecks.IsContact(o.Contact)))
            Add(Severity.Error, "GW2034", places.Of(owner, nameof(owner.Contact)), $"'{owner.Contact}' is no address where '{owner.Name}' is reached", "write an e-mail address, or https://…");
        if (places.Has(document.Owners, ""))
        {
            foreach (var api in document.Apis.Values) CheckName(api, nameof(api.Owner), api.Owner);
            foreach (var flow in document.Flows.Values) CheckName(flow, nameof(flow.Owner), flow.Owner);
            foreach (var happened in document.Events.Values) CheckName(happened, nameof(happened.Owner), happened.Owner);
            foreach (var partner in document.Partners.Values.Where(p => p.Owner is not null)) CheckName(partner, nameof(partner.Owner), partner.Owner!);
        }
    }

    /// <summary>Only for a workspace without errors: what could not be read may have an owner.</summary>
    public void ReportUnused(FlowSet flows)
    {
        var used = document.Apis.Values.Select(a => a.Owner).Concat(document.Partners.Values.Select(p => p.Owner)).Concat(document.Events.Values.Select(e => e.Owner)).Concat(document.Flows.Values.Select(f => f.Owner))
            .Concat(flows.All.SelectMany(f => f.All).SelectMany(s => s.Escalations).Select(e => e.To)).ToHashSet();
        foreach (var name in document.Owners.Keys.Where(n => !used.Contains(n)))
            Add(Severity.Warning, "GW2061", places.Of(document.Owners, name), $"the owner '{name}' owns nothing", "name it as owner: of an API or a partner, or remove it");
    }

    private void CheckName(object of, string member, string name)
    {
        if (!document.Owners.ContainsKey(name) && !places.Has(document.Owners, name))
            Add(Severity.Error, "GW2060", places.Of(of, member), $"there is no owner '{name}'", Nearest.Cure(name, document.Owners.Keys));
    }

    private void Add(Severity severity, string code, Place place, string message, string cure) =>
        diagnostics.Add(new Diagnostic(code, severity, place, message, cure));
}
