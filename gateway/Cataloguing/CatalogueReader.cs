using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Gateway.Delivery.Flows;
using Gateway.Policies.Authorize;
using Gateway.Policies.Transform;
using Gateway.Usage;

namespace Gateway.Cataloguing;

/// <summary>From a workspace and its Plan to the inventory of both.</summary>
internal sealed class CatalogueReader(WorkspaceDocument document, Places places, Plan plan)
{
    private readonly IReadOnlyDictionary<string, (string Partner, ConsumerDocument Written)> _consumers = document.Partners
        .SelectMany(p => p.Value.Consumers.Select(c => (Name: c.Key, Partner: p.Key, Written: c.Value)))
        .ToDictionary(c => c.Name, c => (c.Partner, c.Written));

    private readonly RouteCallers _callers = new(document);

    public Catalogue Read()
    {
        var apis = Sorted(document.Apis.Select(a => Api(a.Key, a.Value)), a => a.Name);
        var routes = apis.SelectMany(a => a.Routes).ToList();
        return new Catalogue(
            plan.Revision,
            apis,
            Sorted(_consumers.Select(c => Consumer(c.Key, c.Value.Partner, c.Value.Written, routes)), c => c.Name),
            Sorted(document.Scopes.Select(s => Scope(s.Key, s.Value)), s => s.Name),
            Sorted(document.Roles.Select(r => new CatalogueRole(r.Key, r.Value.Description, Names(r.Value.Scopes), Names(_consumers.Where(c => c.Value.Written.Roles.Contains(r.Key)).Select(c => c.Key)))), r => r.Name),
            Sorted(document.Tiers.Select(t => new CatalogueTier(t.Key, t.Value.Description, Names(document.Partners.Where(p => p.Value.Tier == t.Key).Select(p => p.Key)))), t => t.Name),
            Sorted(document.Backends.Select(b => new CatalogueBackend(b.Key, b.Value.Adapter, b.Value.Credential?.Text ?? "") { Expires = b.Value.Credential?.Expires }), b => b.Name),
            Sorted(plan.Backends.Values.SelectMany(Operations), o => $"{o.Backend}/{o.Name}"),
            Events(),
            Sorted(plan.Flows.All.Select(Flow), f => f.Name),
            Sorted(document.Operators.Select(o => Operator(o.Key, o.Value)), o => o.Name));
    }

    private CatalogueApi Api(string name, ApiDocument api) => new(
        name,
        api.Owner,
        new CatalogueLife(api.Lifecycle)
        {
            Deprecated = api.Deprecated,
            Sunset = api.Sunset,
            Successor = api.Successor,
            Migration = api.Migration,
            Audience = api.Audience.Count > 0 ? Names(api.Audience) : null,
        })
    {
        Contact = api.Contact,
        Description = api.Description.Length > 0 ? api.Description : null,
        DataClass = api.DataClass,
        Flow = api.Flow,
        Slo = api.Slo,
        Version = api.Version,
        Routes = Sorted(plan.Routes.Where(r => r.Api == name).Select(r => Route(r, api.Routes[r.Name])), r => r.Name),
    };

    private CatalogueRoute Route(PlanRoute route, RouteDocument written)
    {
        var transform = route.Uses.Select(u => u.Options).OfType<TransformOptions>().FirstOrDefault();
        var surface = route.Surface;
        return new CatalogueRoute(
            route.Name,
            route.Method,
            route.Pattern,
            new CatalogueLife(route.Life?.Lifecycle ?? Lifecycle.Published) { Deprecated = route.Life?.Deprecated, Sunset = route.Life?.Sunset, Successor = route.Life?.Successor },
            Access(route, written),
            [.. route.Uses.SelectMany(u => u.Kind.Explain(u.Options, null).Where(e => e.Phase is Phase.Limit or Phase.Quota or Phase.LimitBody or Phase.QuotaBody).Select(e => e.Text))],
            Written([("request", surface.Request), .. surface.Parameters.Select(p => (p.Key, (string?)p.Value)), .. surface.Responses.Select(r => (r.Key, (string?)r.Value))]),
            Written([("request", transform?.Request), ("response", transform?.Response)]),
            TargetOf(route.Target),
            $"{route.Place.File}({route.Place.Line})")
        {
            Summary = written.Summary,
            Event = (route.Target as PlanTarget.Call)?.Emits,
        };
    }

    private CatalogueAccess Access(PlanRoute route, RouteDocument written)
    {
        var (ways, scopes) = (route.Surface.Credentials, route.Surface.Scopes);
        if (ways.Count == 0) return new CatalogueAccess(true, []) { Reason = written.Public };
        var demands = route.Uses.Where(u => u.Options is AuthorizeOptions).SelectMany(u => u.Kind.Explain(((AuthorizeOptions)u.Options).WithoutScopes(), null)).Select(e => e.Text).ToList();
        return new CatalogueAccess(false, _callers.Of(route)) { Scopes = scopes.Count > 0 ? [.. scopes] : null, Demands = demands.Count > 0 ? demands : null };
    }

    private CatalogueConsumer Consumer(string name, string partner, ConsumerDocument written, IReadOnlyList<CatalogueRoute> routes) => new(
        name,
        partner,
        [.. Counted(written.Keys.Count, "API key"), .. Counted(written.SignatureKeys.Count, "signature key"), .. written.Subjects.Order(StringComparer.Ordinal), .. written.Certificates.SelectMany(c => c.Names.Select(n => $"{c.Authority}/{ConsumerCertificate.NameOf(n.Kind, n.Value)}")).Order(StringComparer.Ordinal)],
        Names(RouteCallers.ScopesOf(written, document)),
        Names(routes.Where(r => r.Access.Anybody || r.Access.Consumers.Contains(name)).Select(r => r.Name)))
    {
        Tier = document.Partners[partner].Tier,
    };

    private static CatalogueOperator Operator(string name, OperatorDocument written) => new(
        name,
        [.. written.Roles.Distinct().Order()],
        [
            .. written.Tokens.Select(t => t.Expires is { } end ? $"a token until {end.UtcDateTime:yyyy-MM-dd}" : "a token without an end"),
            .. Names(written.Subjects),
            .. Names(written.Groups.Select(g => $"members of {g}")),
        ]);

    private static IEnumerable<string> Counted(int count, string what) => count == 0 ? [] : [count == 1 ? $"1 {what}" : $"{count} {what}s"];

    private CatalogueScope Scope(string name, string description) => new(
        name,
        description,
        Names(plan.Routes.Where(r => r.Surface.Scopes.Contains(name)).Select(r => r.Name)),
        Names(_consumers.Where(c => RouteCallers.ScopesOf(c.Value.Written, document).Contains(name)).Select(c => c.Key)));

    /// <summary>All that can be called there, whether a route does or not; and where it is forwarded to, that.</summary>
    private IEnumerable<CatalogueOperation> Operations(Backend backend)
    {
        foreach (var operation in backend.Operations.Values)
        {
            var described = operation.Descriptor;
            yield return new CatalogueOperation(
                backend.Name,
                described.Name,
                described.Effect.ToString().ToLowerInvariant(),
                described.About?.Text,
                described.Makes,
                [.. described.Needs.Select(either => string.Join(" or ", either))],
                Names(plan.Routes.Where(r => r.Target is PlanTarget.Call call && call.Operation.FullName == operation.FullName).Select(r => r.Name)));
        }
        var forwarded = Names(plan.Routes.Where(r => r.Target is PlanTarget.Forward forward && forward.Backend == backend.Name).Select(r => r.Name));
        if (forwarded.Count > 0) yield return new CatalogueOperation(backend.Name, "", "forwards", null, null, [], forwarded);
    }

    /// <summary>What routes, notices and flows publish, and what somebody waits for that none of them does.</summary>
    private List<CatalogueEvent> Events()
    {
        var published = plan.Routes.Where(r => r.Target is PlanTarget.Call).SelectMany(r => ((PlanTarget.Call)r.Target).Events.Select(type => (By: r.Name, Type: type)))
            .Concat(plan.Notices.Select(n => (By: $"{n.Api}, of {n.Backend}/{n.From}", n.Type)))
            .Concat(plan.Feeds.SelectMany(f => f.Kind.Types.Select(type => (By: $"changes of {f.Name}", Type: type))))
            .Concat(plan.EventTypes.All.Where(t => t.From is not null).Select(t => (By: $"the backend {t.From}", Type: t.Name)))
            .Concat(plan.Flows.All.SelectMany(f => f.Told.Append(AlertEvent.Type).Select(type => (By: $"the flow {f.Name}", Type: type)))).ToLookup(p => p.Type, p => p.By);
        var types = published.Select(p => p.Key).Concat(plan.Subscriptions.SelectMany(s => s.Types)).Concat(plan.EventTypes.All.Select(t => t.Name)).Where(t => t != "*").Distinct();
        return Sorted(types.Select(t => Event(t, Names(published[t]), plan.EventTypes.Of(t))), e => e.Type);
    }

    /// <summary>What owners are told is no partner's, whatever a partner waits for; and what partners are told, no owner's.</summary>
    private CatalogueEvent Event(string type, IReadOnlyList<string> by, EventType? known) => new(type, by, Names(known?.From is null ? PartnersOf(type, by) : Inside(type)))
    {
        Owner = known?.Owner,
        Description = known?.Description ?? (type == AlertEvent.Type ? AlertEvent.Description : null),
        Contract = known?.Contract,
        OrderingKey = known?.OrderingKey,
        Retention = known?.Retention,
        Replay = known?.Replay,
        DuplicateWindow = known?.DuplicateWindow,
    };

    private IEnumerable<string> PartnersOf(string type, IReadOnlyList<string> by) =>
        plan.Subscriptions.Where(s => s.Wants(type) && (type == AlertEvent.Type ? s.Tenant == Partner.House.Name : s.Tenant != Partner.House.Name && ReachesPartners(by))).Select(s => s.Key);

    /// <summary>Who makes something of what a backend tells.</summary>
    private IEnumerable<string> Inside(string type) =>
        plan.Notices.Where(n => n.From == type).Select(n => $"{n.Api}, as {n.Type}").Concat(plan.Flows.All.Where(f => f.Heard.Contains(type)).Select(f => $"the flow {f.Name}"));

    /// <summary>What flows for the house tell, and nobody else, comes to no partner, whatever it waits for.</summary>
    private bool ReachesPartners(IReadOnlyList<string> by) => by.Count == 0 || by.Except(plan.Flows.All.Where(f => f.Trigger.ForHouse).Select(f => $"the flow {f.Name}")).Any();

    private CatalogueFlow Flow(Flow flow)
    {
        var (written, place) = (document.Flows[flow.Name], places.Of(document.Flows, flow.Name));
        var calls = written.AllSteps().SelectMany(s => new[] { s.Call, s.Undo?.Call }).OfType<string>().Distinct();
        return new CatalogueFlow(flow.Name, flow.Owner, flow.Description, flow.Trigger.Event, Names(flow.Heard.Where(type => type != flow.Trigger.Event)), Names(flow.Told), Names(calls), flow.Revision, $"{place.File}({place.Line})")
        {
            Promise = flow.Promise,
            Runbook = flow.Runbook,
        };
    }

    private static string TargetOf(PlanTarget target) => target switch
    {
        PlanTarget.Call call => call.Operation.FullName,
        PlanTarget.Forward forward => $"forward to {forward.Backend}{(forward.Path is { } path ? $" as {path}" : "")}",
        _ => throw new NotSupportedException(target.ToString()),
    };

    private static OrderedDictionary<string, string> Written(IEnumerable<(string Part, string? Name)> parts) =>
        new(parts.Where(p => p.Name is not null).Select(p => KeyValuePair.Create(p.Part, p.Name!)));

    private static IReadOnlyList<string> Names(IEnumerable<string> names) => Sorted(names, n => n);

    private static List<T> Sorted<T>(IEnumerable<T> all, Func<T, string> by) => [.. all.OrderBy(by, StringComparer.Ordinal)];
}
