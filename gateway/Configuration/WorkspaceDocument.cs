using System.Collections.Concurrent;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Gateway.Configuration.Flows;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>The whole workspace as it was written: policies.yaml, its included files and one overlay, merged.</summary>
public sealed record WorkspaceDocument
{
    [Description("Files whose sections belong to this document, as patterns from the workspace's root, in partners/, routes/, transforms/, events/ or flows/. What is written here replaces the default: partners/*.yaml, routes/*.yaml, events/*.yaml, flows/*.yaml and transforms/codes/*.yaml.")]
    public IReadOnlyList<string> Include { get; init; } = DefaultInclude;

    [Description("Where problem types lead; a page name is appended. Default: /problems/ of the gateway itself.")]
    public string ProblemBase { get; init; } = "/problems/";

    [Description("What the public description (/openapi.json) says of the whole.")]
    public DescriptionDocument Description { get; init; } = new();

    [Description("Token issuers by name.")]
    public IReadOnlyDictionary<string, IssuerOptions> Issuers { get; init; } = new Dictionary<string, IssuerOptions>();

    [Description("Authorities of client certificates by name.")]
    public IReadOnlyDictionary<string, AuthorityOptions> Authorities { get; init; } = new Dictionary<string, AuthorityOptions>();

    [Description("TLS of the ports: their certificates, and what http does beside https. Without it the ports are http.")]
    public TlsOptions? Tls { get; init; }

    [Description("Service levels of partners.")]
    public IReadOnlyDictionary<string, TierDocument> Tiers { get; init; } = new Dictionary<string, TierDocument>();

    [Description("What callers may be allowed to do: scopes by name, with what each means.")]
    public IReadOnlyDictionary<string, string> Scopes { get; init; } = new Dictionary<string, string>();

    [Description("What consumers may do together, by names that are granted to them.")]
    public IReadOnlyDictionary<string, RoleDocument> Roles { get; init; } = new Dictionary<string, RoleDocument>();

    [Description("Our companies, the legal entities that partners trade with.")]
    public IReadOnlyDictionary<string, CompanyDocument> Companies { get; init; } = new Dictionary<string, CompanyDocument>();

    [Description("Policies with a name, for use on many routes.")]
    public IReadOnlyDictionary<string, PolicyDocument> Policies { get; init; } = new Dictionary<string, PolicyDocument>();

    [Description("Systems behind the gateway.")]
    public IReadOnlyDictionary<string, BackendOptions> Backends { get; init; } = new Dictionary<string, BackendOptions>();

    [Description("Teams and people who look after APIs and partners. Where it is used, each owner: is one of these names.")]
    public IReadOnlyDictionary<string, OwnerDocument> Owners { get; init; } = new Dictionary<string, OwnerDocument>();

    [Description("Who works on the admin port. Where nobody is declared, it is for looking, and for callers on the same machine.")]
    public IReadOnlyDictionary<string, OperatorDocument> Operators { get; init; } = new Dictionary<string, OperatorDocument>();

    [Description("Companies we trade with.")]
    public IReadOnlyDictionary<string, PartnerDocument> Partners { get; init; } = new Dictionary<string, PartnerDocument>();

    [Description("Code tables, by the name mappings look them up with.")]
    public IReadOnlyDictionary<string, CodeTableDocument> Codes { get; init; } = new Dictionary<string, CodeTableDocument>();

    [Description("The API surface, one entry an API.")]
    public IReadOnlyDictionary<string, ApiDocument> Apis { get; init; } = new Dictionary<string, ApiDocument>();

    [Description("The event catalogue, by type: order.accepted.v1. Where one type is in it, all that are told and waited for are.")]
    public IReadOnlyDictionary<string, EventTypeDocument> Events { get; init; } = new Dictionary<string, EventTypeDocument>();

    [Description("Durable processes of many steps by name: order-to-ship.")]
    public IReadOnlyDictionary<string, FlowDeclaration> Flows { get; init; } = new Dictionary<string, FlowDeclaration>();

    [Description("Where the gateway keeps what outlives a request.")]
    public StateOptions State { get; init; } = new();

    [Description("What operators allow beyond the safe defaults.")]
    public GovernanceDocument Governance { get; init; } = new();

    public static readonly IReadOnlyList<string> DefaultInclude = ["partners/*.yaml", "routes/*.yaml", "events/*.yaml", "flows/*.yaml", "transforms/codes/*.yaml"];
}

public sealed record DescriptionDocument
{
    [Description("Title of the API surface.")]
    public string Title { get; init; } = "API";

    [Description("Its version. Default: the revision of the workspace.")]
    public string? Version { get; init; }

    [Description("What it is for; Markdown.")]
    public string Summary { get; init; } = "";

    [Description("SPDX identifier of the licence of the description.")]
    public string? License { get; init; }

    [Description("Addresses that callers use.")]
    public IReadOnlyList<string> Servers { get; init; } = ["/"];
}

public sealed record OwnerDocument
{
    [Description("The team's name, for people.")]
    public required string Name { get; init; }

    [Description("Where it is reached: an e-mail address, or the address of a page.")]
    public string? Contact { get; init; }

    [Description("How the host of the repository calls it, for CODEOWNERS: @company/team, @user, or an e-mail address.")]
    [RegularExpression(@"^@[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9._-]+)*$|^[^@\s]+@[^@\s]+$")]
    public required string Handle { get; init; }

    [Description("Where it is told, by webhook, that a flow of its is parked, failed or late, or has come to it by escalate:. Default: in the log and the metrics alone.")]
    public AlertsDocument? Alerts { get; init; }
}

/// <summary>Where an owner is told what a flow needs it for.</summary>
public sealed record AlertsDocument
{
    [Description("The owner's endpoint: of whoever calls people, or writes to them.")]
    public required Uri Url { get; init; }

    [Description("Signing secrets, newest first; all of them sign. whsec_…: shared with the receiver (v1). whsk_…: a key pair, of which the receiver has the public half (v1a).")]
    public required IReadOnlyList<Secret> Secrets { get; init; }

    [Description("Waiting times before the second, third … attempt.")]
    public IReadOnlyList<TimeSpan> Retry { get; init; } = WebhookRetries.ByDefault;
}

public sealed record TierDocument
{
    [Description("What the tier means, for people.")]
    public string Description { get; init; } = "";

    [Description("Codes of warehouses whose stock its partners may see, beside the one that their orders ship from.")]
    public IReadOnlyList<string> Warehouses { get; init; } = [];
}

public sealed record RoleDocument
{
    [Description("What the role is for, for people.")]
    public string Description { get; init; } = "";

    [Description("Scopes that come with it; declared under scopes.")]
    public required IReadOnlyList<string> Scopes { get; init; }
}

public sealed record CompanyDocument
{
    [Description("The company's name, for people.")]
    public required string Name { get; init; }

    [Description("Its database id in Odoo.")]
    [Range(1, int.MaxValue)]
    public required int Id { get; init; }

    [Description("Code of the journal that its sales invoices are posted in: INV. Default: the one that Odoo takes.")]
    [MinLength(1)]
    public string? Journal { get; init; }

    [Description("IANA time zone of its clocks, by which the days of its partners go: Europe/Berlin.")]
    public string TimeZone { get; init; } = "UTC";
}

/// <summary>A use of a policy kind: either a name, or the kind's key with its options.</summary>
/// <param name="Name">Name of a declared policy; null for one written in place.</param>
/// <param name="Kind">The kind; null for a name.</param>
/// <param name="Options">The kind's options record; null for a name.</param>
public sealed record PolicyDocument(string? Name, PolicyKind? Kind, object? Options, Place Place);

/// <summary>A loaded workspace: the document (null when it could not be read), the files, the places of everything, what was found.</summary>
public sealed record LoadedWorkspace(
    WorkspaceFiles Files, WorkspaceDocument? Document, Places Places, IReadOnlyList<Diagnostic> Diagnostics, string Environment)
{
    private readonly ConcurrentDictionary<string, Lazy<object>> _compiled = new();

    public bool HasErrors => Diagnostics.Any(d => d.Severity == Severity.Error);

    /// <summary>False where a document, or an entry of one, could not be read: what it declares is not known, and is not missed.</summary>
    public bool IsRead { get; } = !Diagnostics.Any(d => d.Severity == Severity.Error && d.Code.StartsWith("GW10", StringComparison.Ordinal));

    /// <inheritdoc cref="PolicyScope.Coverage"/>
    public Coverage? Coverage { get; init; }

    /// <inheritdoc cref="PolicyScope.Compiled"/>
    public T Compiled<T>(string key, Func<T> create) where T : class => (T)_compiled.GetOrAdd(key, _ => new Lazy<object>(create)).Value;
}
