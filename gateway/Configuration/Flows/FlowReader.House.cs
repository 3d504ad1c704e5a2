using System.Globalization;
using Gateway.Adapters.Partners;
using Gateway.Policies;

namespace Gateway.Configuration.Flows;

/// <summary>Whose the events and objects of a flow are: a partner's flow has the partner's, and a flow for the house has those that are nobody's.</summary>
internal sealed partial class FlowReader
{
    private const string NotOfHouse = "GW5413";

    /// <summary>The flow that is read is for the house.</summary>
    private bool _forHouse;

    /// <summary>Whether a flow is declared, and for the house.</summary>
    public static bool IsForHouse(WorkspaceDocument document, string flow) => document.Flows.TryGetValue(flow, out var declared) && declared.On.For == FlowFor.House;

    /// <summary>Flows that partners are said to begin are flows of partners.</summary>
    private void CheckThoseOfPartners()
    {
        foreach (var (name, partner) in Document.Partners)
        {
            foreach (var (n, flow) in (partner.Flows ?? []).Index().Where(f => IsForHouse(Document, f.Item)))
                Error(NotOfHouse, places.Of(partner.Flows!, n.ToString(CultureInfo.InvariantCulture)), $"the flow '{flow}' is for the house, so no event of {name} begins it", "remove it: what backends tell begins it, whatever partners say");
        }
    }

    /// <summary>An event that begins or cancels an instance is one of whose the instance is.</summary>
    private void CheckOwn(object of, string member, string type, string what, string cure)
    {
        if (_forHouse) CheckOfHouse(of, member, type);
        else if (IsOfBackend(type)) Error("GW5408", places.Of(of, member), $"'{type}' is told by a backend, which does not know whose it is, so it can't {what}", cure);
        else CheckCatalogued(of, member, type, "the catalogue has no");
    }

    /// <summary>Events of partners never come to what is no partner's.</summary>
    private void CheckOfHouse(object of, string member, string type)
    {
        if (IsOfAnotherTime || IsOfBackend(type) || IsToldByHouse(type)) return;
        if (Document.Events.Count > 0 && !places.Has(Document.Events, type)) CheckCatalogued(of, member, type, "neither the catalogue nor a backend has an");
        else Error(NotOfHouse, places.Of(of, member), $"'{type}' is an event of partners, and the flow is for the house", "write an event that a backend with webhooks: tells, or remove for: house");
    }

    private bool IsToldByHouse(string type) => Document.Flows.Values.Any(f => f.On.For == FlowFor.House && f.AllSteps().Any(s => s.Emit?.Event == type));

    private void CheckCallOfHouse(object of, string member, BackendOperation operation)
    {
        if (_forHouse && Document.Backends.GetValueOrDefault(operation.Backend) is PartnerOptions)
            Error(NotOfHouse, places.Of(of, member), $"{operation.FullName} is about the partner that it is for, and the flow is for the house", "remove for: house, or call another backend");
    }

    private void CheckObjectOfHouse(object of)
    {
        if (_forHouse)
            Error(NotOfHouse, places.Of(of, nameof(StepDocument.Object)), "an object is a partner's, and the flow is for the house", "write of: with the step that has made it, or name it in input:");
    }

    /// <summary>Whether an expression is none only because it asks who the partner is.</summary>
    private bool AsksForPartner(string text, bool forFigure) => _forHouse && StepExpression.Compile(text, context.Codes, forFigure: forFigure).Expression is not null;
}
