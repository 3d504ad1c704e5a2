using System.Text.RegularExpressions;
using Gateway.Configuration.Yaml;
using Gateway.Pipeline.Hooks;
using Gateway.Policies.Contract;
using Gateway.Policies.Transform;

namespace Gateway.Configuration;

/// <summary>From the notices that APIs declare to what partners are told of backends' webhooks.</summary>
internal sealed partial class NoticeReader(ScopeContext context, IReadOnlyDictionary<string, Backend> backends)
{
    private readonly IReadOnlyList<Partner> _partners = [.. context.Consumers.Select(c => c.Partner).DistinctBy(p => p.Name)];

    private Places Places => context.Workspace.Places;

    /// <param name="routes">Those of the Plan: what they emit is told by nobody else.</param>
    public IReadOnlyList<Notice> Read(IReadOnlyList<PlanRoute> routes)
    {
        var told = routes.SelectMany(r => r.Target is PlanTarget.Call call ? call.Events.Select(e => (Type: e, By: $"route '{r.Name}'")) : [])
            .DistinctBy(e => e.Type).ToDictionary(e => e.Type, e => e.By);
        var notices = new List<Notice>();
        foreach (var (api, document) in context.Document.Apis)
            foreach (var (type, notice) in document.Notices)
            {
                if (!told.TryAdd(type, $"API '{api}'"))
                    Error("GW5282", Places.Of(document.Notices, type), $"the {told[type]} tells the event '{type}' already", "give it a type of its own: receivers know by the type what an event says");
                if (Of(api, type, notice) is { } read) notices.Add(read);
            }
        return notices;
    }

    private Notice? Of(string api, string type, NoticeDocument document)
    {
        var scope = new Scope(context, type, type, HttpMethods.Post, [], new PlanTarget.Nowhere());
        var source = SourceOf(document);
        if (!Path().IsMatch(document.Buyer))
            Error("GW5281", Places.Of(document, nameof(document.Buyer)), $"'{document.Buyer}' is no member of what the backend tells", "write its name, or a path of names: shipment.customer_reference");
        var mapping = document.Mapping is { } name ? Mapping.Find(name, Places.Of(document, nameof(document.Mapping)), scope) : null;
        var contract = CompiledContract.Find(document.Contract, Places.Of(document, nameof(document.Contract)), scope);
        if (source is not var (backend, from) || contract is null) return null;
        return new Notice(type, api, backend, from) { Judge = new NoticeWords(type, document.Buyer, _partners, mapping, contract, context.Clock).Judge };
    }

    private (string Backend, string From)? SourceOf(NoticeDocument document)
    {
        var place = Places.Of(document, nameof(document.From));
        var (name, from) = document.From.Split('/', 2) is [var b, var f] ? (b, f) : (document.From, "");
        var hooked = backends.Values.Where(b => b.Hook is not null).Select(b => b.Name).ToList();
        if (!backends.TryGetValue(name, out var backend) || backend.Hook is not { } hook)
        {
            // A backend that could not be opened was told of.
            if (backend is not null || !Places.Has(context.Document.Backends, name))
                Error("GW5280", place, backend is null ? $"there is no backend '{name}'" : $"the backend '{name}' declares no webhooks", backend is null ? Nearest.Cure(name, hooked) : "add webhooks: { secrets: […] } to it");
            return null;
        }
        if (hook.WrongType(from) is not { } cure) return (name, from);
        Error("GW5280", place, $"the backend '{name}' tells no events of the type '{from}'", cure);
        return null;
    }

    private void Error(string code, Place place, string message, string cure) => context.Diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));

    [GeneratedRegex(@"^[^.\s]+(\.[^.\s]+)*$")]
    private static partial Regex Path();
}
