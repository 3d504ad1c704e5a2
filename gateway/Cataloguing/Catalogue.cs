using Gateway.Configuration;

namespace Gateway.Cataloguing;

/// <summary>What there is in a workspace, for who looks over all of it: APIs, who may call them, what they cost the backends. Everything by name.</summary>
internal sealed record Catalogue(
    string Revision,
    IReadOnlyList<CatalogueApi> Apis,
    IReadOnlyList<CatalogueConsumer> Consumers,
    IReadOnlyList<CatalogueScope> Scopes,
    IReadOnlyList<CatalogueRole> Roles,
    IReadOnlyList<CatalogueTier> Tiers,
    IReadOnlyList<CatalogueBackend> Backends,
    IReadOnlyList<CatalogueOperation> Operations,
    IReadOnlyList<CatalogueEvent> Events,
    IReadOnlyList<CatalogueFlow> Flows,
    IReadOnlyList<CatalogueOperator> Operators);

/// <summary>An API and what its owner says of it.</summary>
internal sealed record CatalogueApi(string Name, string Owner, CatalogueLife Life)
{
    public string? Contact { get; init; }

    public string? Description { get; init; }

    public DataClass? DataClass { get; init; }

    public FlowDocument? Flow { get; init; }

    public SloDocument? Slo { get; init; }

    public VersionDocument? Version { get; init; }

    public required IReadOnlyList<CatalogueRoute> Routes { get; init; }
}

/// <summary>Where an API or a route is in its life, with the dates as callers are told them.</summary>
internal sealed record CatalogueLife(Lifecycle Lifecycle)
{
    public DateTimeOffset? Deprecated { get; init; }

    public DateTimeOffset? Sunset { get; init; }

    public string? Successor { get; init; }

    public Uri? Migration { get; init; }

    public IReadOnlyList<string>? Audience { get; init; }
}

/// <summary>A route: what is called, by whom, how often, and what stands behind it.</summary>
/// <param name="Contracts">By what they are of: <c>request</c>, <c>path</c>, <c>query</c>, <c>header</c>, or the status of an answer.</param>
/// <param name="Mappings">By <c>request</c> and <c>response</c>.</param>
/// <param name="Place">File and line.</param>
internal sealed record CatalogueRoute(
    string Name,
    string Method,
    string Path,
    CatalogueLife Life,
    CatalogueAccess Access,
    IReadOnlyList<string> Limits,
    IReadOnlyDictionary<string, string> Contracts,
    IReadOnlyDictionary<string, string> Mappings,
    string Target,
    string Place)
{
    public string? Summary { get; init; }

    /// <summary>Type of the event that a success publishes.</summary>
    public string? Event { get; init; }
}

/// <summary>Who may call.</summary>
/// <param name="Anybody">Nobody is asked who they are.</param>
/// <param name="Consumers">Those who have a credential that the route takes and the scopes that it wants; empty where anybody may call.</param>
internal sealed record CatalogueAccess(bool Anybody, IReadOnlyList<string> Consumers)
{
    /// <summary>Why anybody may call.</summary>
    public string? Reason { get; init; }

    /// <summary>Scopes that are wanted, all of them; null for none.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>What else is demanded, as <c>explain</c> tells it: roles, claims, networks, hours, conditions; null for nothing.</summary>
    public IReadOnlyList<string>? Demands { get; init; }
}

/// <summary>A consumer and the routes it may call.</summary>
internal sealed record CatalogueConsumer(string Name, string Partner, IReadOnlyList<string> Credentials, IReadOnlyList<string> Scopes, IReadOnlyList<string> Routes)
{
    public string? Tier { get; init; }
}

/// <param name="Routes">Those that want it.</param>
/// <param name="Consumers">Those it is granted to.</param>
internal sealed record CatalogueScope(string Name, string Description, IReadOnlyList<string> Routes, IReadOnlyList<string> Consumers);

/// <param name="Scopes">Those that come with it.</param>
/// <param name="Consumers">Those that have it.</param>
internal sealed record CatalogueRole(string Name, string Description, IReadOnlyList<string> Scopes, IReadOnlyList<string> Consumers);

internal sealed record CatalogueTier(string Name, string Description, IReadOnlyList<string> Partners);

/// <summary>A system behind, and what the gateway shows it of itself.</summary>
/// <param name="Credential"><c>a key in API-Key</c>; empty for nothing.</param>
internal sealed record CatalogueBackend(string Name, string Adapter, string Credential)
{
    /// <summary>When the credential ends, as it is declared.</summary>
    public DateTimeOffset? Expires { get; init; }
}

/// <summary>An operation of a backend; a forwarded backend is one without a name.</summary>
/// <param name="Effect"><c>reads</c>, <c>changes</c>, or <c>forwards</c>.</param>
/// <param name="About">What a call is about: <c>order</c>; null for nothing that was made before.</param>
/// <param name="Makes">What a call makes; null for nothing new.</param>
/// <param name="Needs">Members of the input without which a call can do nothing: <c>item</c>, <c>id or sku</c>.</param>
/// <param name="Routes">Those that call it. Empty for one that no route calls yet.</param>
internal sealed record CatalogueOperation(string Backend, string Name, string Effect, string? About, string? Makes, IReadOnlyList<string> Needs, IReadOnlyList<string> Routes);

/// <summary>Who works on the admin port.</summary>
/// <param name="Credentials">How it comes in: <c>1 token</c>, subjects, groups.</param>
internal sealed record CatalogueOperator(string Name, IReadOnlyList<Role> Roles, IReadOnlyList<string> Credentials);

/// <summary>A durable process of many steps.</summary>
/// <param name="Begins">Type of the event that begins an instance.</param>
/// <param name="Hears">Types of the events that it waits for or is cancelled by.</param>
/// <param name="Calls">Operations that it calls, and that undo these: <c>wms/warehouse-order.create</c>.</param>
/// <param name="Place">File and line.</param>
internal sealed record CatalogueFlow(string Name, string Owner, string Description, string Begins, IReadOnlyList<string> Hears, IReadOnlyList<string> Tells, IReadOnlyList<string> Calls, string Revision, string Place)
{
    /// <summary>How long an instance takes at most, as promised; null where nothing is.</summary>
    public TimeSpan? Promise { get; init; }

    public Uri? Runbook { get; init; }
}

/// <param name="Routes">Those that publish it.</param>
/// <param name="Subscribers">As <c>partner/webhook</c>.</param>
internal sealed record CatalogueEvent(string Type, IReadOnlyList<string> Routes, IReadOnlyList<string> Subscribers)
{
    /// <summary>Who answers for it; null, as are those below, where the workspace catalogues no events.</summary>
    public string? Owner { get; init; }

    public string? Description { get; init; }

    /// <summary>The contract of its data.</summary>
    public string? Contract { get; init; }

    /// <summary>Member of the data that keeps an order; null for the subject.</summary>
    public string? OrderingKey { get; init; }

    public TimeSpan? Retention { get; init; }

    public EventReplay? Replay { get; init; }

    public TimeSpan? DuplicateWindow { get; init; }
}
