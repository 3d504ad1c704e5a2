using System.Globalization;
using Gateway.Adapters.Odoo;
using Gateway.Configuration.Yaml;
using Gateway.Pipeline.Own;

namespace Gateway.Configuration;

/// <summary>
/// Who tells events, and who waits for them, against the catalogue. A workspace without one is not held against it; one that catalogues a
/// single type is held to it wholly.
/// </summary>
internal sealed class EventChecks(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
{
    private readonly bool _catalogued = places.Has(document.Events, "") && (document.Events.Count > 0 || diagnostics.Any(d => d.Severity == Severity.Error));

    public void Check(IReadOnlyList<PlanRoute> routes, IReadOnlyList<Notice> notices, IReadOnlyList<PlanFeed> feeds, FlowSet flows)
    {
        foreach (var webhook in document.Partners.Values.SelectMany(p => p.Webhooks.Values)) CheckHearer(webhook);
        if (!_catalogued) return;
        foreach (var (type, place, who) in Told(routes, notices, feeds, flows).DistinctBy(t => (t.Type, t.Place)))
        {
            if (!IsKnown(type))
                Add(Severity.Error, "GW5300", place, $"{who} tells the event '{type}', which stands in no catalogue", $"add it to events/ with its owner and contract; {Nearest.Cure(type, document.Events.Keys)}");
        }
    }

    /// <summary>Only for a workspace without errors: what could not be read may tell it.</summary>
    public void ReportUnused(IReadOnlyList<PlanRoute> routes, IReadOnlyList<Notice> notices, IReadOnlyList<PlanFeed> feeds, FlowSet flows)
    {
        var told = Told(routes, notices, feeds, flows).Select(t => t.Type).Concat(OfBackends.Select(e => e.Key)).ToHashSet();
        var heard = document.Partners.Values.SelectMany(p => p.Webhooks.Values).SelectMany(w => w.Events).Concat(flows.All.SelectMany(f => f.Heard)).ToHashSet();
        // What is told for the house is for operators, who read the log.
        heard.UnionWith(flows.All.Where(f => f.Trigger.ForHouse).SelectMany(f => f.Told));
        var readable = heard.Contains("*") || routes.Any(r => r.Target is PlanTarget.Call { Operation: EventsOperation });
        foreach (var (type, declared) in document.Events)
        {
            var place = places.Of(document.Events, type);
            if (!told.Contains(type))
                Add(Severity.Warning, "GW5301", place, $"nobody tells the event '{type}'", told.Count > 0 ? $"remove it, or let a route, a notice or a flow tell it; {Nearest.Cure(type, told)}" : "remove it, or let a route, a notice or a flow tell it");
            else if (declared.From is not null && !heard.Contains(type) && notices.All(n => n.From != type))
                Add(Severity.Warning, "GW5302", place, $"nobody hears of the event '{type}': no notice and no flow waits for it", "name it in a notice (from:), or in a flow");
            else if (declared.From is null && !readable && !heard.Contains(type))
                Add(Severity.Warning, "GW5302", place, $"nobody hears of the event '{type}': no webhook and no flow waits for it, and no route lets partners read events", "name it in a webhook, or add a route that calls gateway/events");
        }
    }

    private void CheckHearer(WebhookDocument webhook)
    {
        if (webhook.Events.Count == 0)
            Add(Severity.Error, "GW5304", places.Of(webhook, nameof(webhook.Events)), "this webhook waits for no event", "name types of events, or \"*\" for all of them; or remove the webhook");
        if (!_catalogued) return;
        for (var i = 0; i < webhook.Events.Count; i++)
        {
            var (type, place) = (webhook.Events[i], places.Of(webhook.Events, i.ToString(CultureInfo.InvariantCulture)));
            if (type == "*") continue;
            if (document.Events.GetValueOrDefault(type)?.From is { } backend)
                Add(Severity.Error, "GW5303", place, $"'{type}' is told by the backend '{backend}', in its own words, and never to partners", "let a notice tell an event of partners of it, and wait for that");
            else if (!IsKnown(type))
                Add(Severity.Error, "GW5303", place, $"the catalogue has no event '{type}'", Nearest.Cure(type, document.Events.Keys.Except(OfBackends.Select(e => e.Key))));
        }
    }

    private IEnumerable<KeyValuePair<string, EventTypeDocument>> OfBackends => document.Events.Where(e => e.Value.From is not null);

    /// <summary>One that could not be read is known all the same.</summary>
    private bool IsKnown(string type) => places.Has(document.Events, type);

    private IEnumerable<(string Type, Place Place, string Who)> Told(IReadOnlyList<PlanRoute> routes, IReadOnlyList<Notice> notices, IReadOnlyList<PlanFeed> feeds, FlowSet flows)
    {
        foreach (var route in routes)
        {
            if (route.Target is not PlanTarget.Call call) continue;
            var target = document.Apis[route.Api].Routes[route.Name].Target;
            foreach (var type in call.Events) yield return (type, PlaceOf(target, type, call), $"the route '{route.Name}'");
        }
        foreach (var notice in notices) yield return (notice.Type, places.Of(document.Apis[notice.Api].Notices, notice.Type), $"the API '{notice.Api}'");
        foreach (var feed in feeds)
        {
            var place = document.Backends[feed.Backend] is OdooOptions { Changes: { } changes } ? places.Of(changes.Of, feed.Kind.Name) : places.Of(document.Backends, feed.Backend);
            foreach (var type in feed.Kind.Types) yield return (type, place, $"the feed {feed.Name}");
        }
        foreach (var flow in flows.All)
            foreach (var type in flow.Told) yield return (type, places.Of(document.Flows, flow.Name), $"the flow '{flow.Name}'");
    }

    private Place PlaceOf(TargetDocument target, string type, PlanTarget.Call call) =>
        type == call.Emits ? places.Of(target, nameof(target.Emits))
        : target.Accepted is { } accepted && type == accepted.Received ? places.Of(accepted, nameof(accepted.Received))
        : target.Accepted is { } rejected && type == rejected.Rejected ? places.Of(rejected, nameof(rejected.Rejected))
        : places.Of(target, target.Accept is not null ? nameof(target.Accept) : nameof(target.WhenDown));

    private void Add(Severity severity, string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, severity, place, message, cure));
}
