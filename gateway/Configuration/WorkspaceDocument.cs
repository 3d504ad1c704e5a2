using System.Collections.Concurrent;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>The whole workspace as it was written: policies.yaml, its included files and one overlay, merged.</summary>
public sealed record WorkspaceDocument
{
    [Description("Files whose sections belong to this document, as patterns from the workspace's root, in partners/, routes/, transforms/, events/ or flows/. What is written here replaces the default: partners/*.yaml, routes/*.yaml and transforms/codes/*.yaml.")]
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

    [Description("Where the gateway keeps what outlives a request.")]
    public StateOptions State { get; init; } = new();

    [Description("What operators allow beyond the safe defaults.")]
    public GovernanceDocument Governance { get; init; } = new();

    public static readonly IReadOnlyList<string> DefaultInclude = ["partners/*.yaml", "routes/*.yaml", "transforms/codes/*.yaml"];
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

public sealed record PartnerDocument
{
    [Description("The company's name, for people.")]
    public required string Name { get; init; }

    [Description("Who looks after this partner, one of owners. Default: whoever looks after the whole workspace.")]
    public string? Owner { get; init; }

    [Description("Service level, one of tiers.")]
    public string? Tier { get; init; }

    [Description("Buyers it may order for: the references of customers in Odoo, buyerParty.id in orders.")]
    public IReadOnlyList<string> Buyers { get; init; } = [];

    [Description("Our companies that this partner trades with, by their names under companies; it sees nothing of the others. What is made for it is made in the first.")]
    public IReadOnlyList<string> Companies { get; init; } = [];

    [Description("Code of the warehouse its orders ship from.")]
    public string? Warehouse { get; init; }

    [Description("When it is invoiced: delivery, each time that some of an order was shipped; order, once all of it was; month, all that a buyer ordered up to the end of a month.")]
    public Invoicing Invoicing { get; init; }

    [Description("IANA time zone that days of deliveries and lots are told in. Default: that of its first company, else UTC.")]
    public string? TimeZone { get; init; }

    [Description("Codes that mean something else for this partner, or only for it: by the name of the table.")]
    public IReadOnlyDictionary<string, OwnCodesDocument> Codes { get; init; } = new Dictionary<string, OwnCodesDocument>();

    [Description("Identities that call for this partner.")]
    public IReadOnlyDictionary<string, ConsumerDocument> Consumers { get; init; } = new Dictionary<string, ConsumerDocument>();

    [Description("Where this partner's events are delivered.")]
    public IReadOnlyDictionary<string, WebhookDocument> Webhooks { get; init; } = new Dictionary<string, WebhookDocument>();

    [Description("Where this partner takes documents in an API of its own, by the names of backends with the adapter partner.")]
    public IReadOnlyDictionary<string, EndpointOptions> Endpoints { get; init; } = new Dictionary<string, EndpointOptions>();
}

public sealed record ConsumerDocument
{
    [Description("service: a program. user: people, by way of a portal. device: a device at a location, whose keys end.")]
    public ConsumerKind Kind { get; init; } = ConsumerKind.Service;

    [Description("Where it stands; of a device, the code of its warehouse or shop.")]
    public string? Location { get; init; }

    [Description("API keys; two may be valid at once while one replaces the other.")]
    public IReadOnlyList<KeyDocument> Keys { get; init; } = [];

    [Description("Keys it signs requests with; two may have the same id while one replaces the other.")]
    public IReadOnlyList<SignatureKeyDocument> SignatureKeys { get; init; } = [];

    [Description("Tokens that are this consumer, as issuer/subject; the subject is the token's azp, client_id, appid or sub.")]
    public IReadOnlyList<string> Subjects { get; init; } = [];

    [Description("Client certificates that are this consumer.")]
    public IReadOnlyList<ConsumerCertificateDocument> Certificates { get; init; } = [];

    [Description("Roles that it has; a token that carries scopes or roles of its own narrows them.")]
    public IReadOnlyList<string> Roles { get; init; } = [];

    [Description("What it may do beside its roles; a token that carries scopes or roles of its own narrows them.")]
    public IReadOnlyList<string> Scopes { get; init; } = [];
}

public sealed record KeyDocument
{
    [Description("SHA-256 of the key, 64 hex digits: printf %s KEY | sha256sum.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public string? Sha256 { get; init; }

    [Description("The key itself, by reference.")]
    public Secret? Secret { get; init; }

    [Description("From when on it opens nothing; a day begins at midnight UTC. The keys of devices must end.")]
    public DateTimeOffset? Expires { get; init; }
}

/// <summary>A certificate by its authority, and by one thing that tells it from the authority's others.</summary>
public sealed record ConsumerCertificateDocument
{
    [Description("The authority that issued it; declared under authorities.")]
    public required string Authority { get; init; }

    [Description("A DNS name among its subject alternative names, whole: edi.acme.example.")]
    [RegularExpression(@"^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$")]
    public string? Dns { get; init; }

    [Description("A URI among them, to the letter: spiffe://acme.example/edi.")]
    [RegularExpression("^[A-Za-z][A-Za-z0-9+.-]*:.+$")]
    public string? Uri { get; init; }

    [Description("An e-mail address among them, to the letter.")]
    [RegularExpression(@"^[^@\s]+@[^@\s]+$")]
    public string? Email { get; init; }

    [Description("SHA-256 of the certificate, 64 hex digits: openssl x509 -in FILE -outform der | sha256sum.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public string? Sha256 { get; init; }

    /// <summary>What was written of these four, by kind.</summary>
    internal IEnumerable<(string Kind, string Value)> Names => ((string, string?)[])
        [(ConsumerCertificate.Dns, Dns), (ConsumerCertificate.Uri, Uri), (ConsumerCertificate.Email, Email), (ConsumerCertificate.Sha256, Sha256)] is var all
        ? all.Where(n => n.Item2 is not null).Select(n => (n.Item1, n.Item2!))
        : [];
}

public sealed record WebhookDocument
{
    [Description("The partner's endpoint.")]
    public required Uri Url { get; init; }

    [Description("Event types to deliver; * is every type.")]
    public required IReadOnlyList<string> Events { get; init; }

    [Description("Signing secrets (whsec_…), newest first; all of them sign.")]
    public required IReadOnlyList<Secret> Secrets { get; init; }

    [Description("Waiting times before the second, third … attempt.")]
    public IReadOnlyList<TimeSpan> Retry { get; init; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    [Description("Time for one attempt.")]
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);
}

public sealed record ApiDocument
{
    [Description("Who answers for this API.")]
    public required string Owner { get; init; }

    [Description("Where they are reached: an e-mail address, or the address of a page.")]
    public string? Contact { get; init; }

    [Description("What it is for, for people.")]
    public string Description { get; init; } = "";

    [Description("What its data are: public, internal, confidential, personal.")]
    public DataClass? DataClass { get; init; }

    [Description("Criticality, latency tolerance, volume and recovery.")]
    public FlowDocument? Flow { get; init; }

    [Description("What its owner promises.")]
    public SloDocument? Slo { get; init; }

    [Description("Which version of its paths it is, where a header of the request chooses; a version in the path needs none.")]
    public VersionDocument? Version { get; init; }

    [Description("draft: only its audience sees it. deprecated: callers should look for another. retired: 410.")]
    public Lifecycle Lifecycle { get; init; } = Lifecycle.Published;

    [Description("Since when, or from when on, callers should look for another; a day begins at midnight UTC.")]
    public DateTimeOffset? Deprecated { get; init; }

    [Description("From when on it answers 410.")]
    public DateTimeOffset? Sunset { get; init; }

    [Description("What comes in its place: the name of an API of this workspace, or an address.")]
    public string? Successor { get; init; }

    [Description("A page that tells how to move to the successor.")]
    public Uri? Migration { get; init; }

    [Description("Consumers who see its drafts.")]
    public IReadOnlyList<string> Audience { get; init; } = [];

    [Description("Its routes, by names that no other API uses: orders.create.")]
    public required IReadOnlyDictionary<string, RouteDocument> Routes { get; init; }
}

public sealed record RouteDocument
{
    [Description("Method and path: POST /v1/orders, GET /v1/orders/{id}.")]
    public required string Match { get; init; }

    [Description("One sentence for callers. Default: what the operation says of itself.")]
    public string? Summary { get; init; }

    [Description("Where this route is in its life, if not where its API is.")]
    public Lifecycle? Lifecycle { get; init; }

    [Description("From when on callers should look for another, if not as its API says.")]
    public DateTimeOffset? Deprecated { get; init; }

    [Description("From when on it answers 410, if not as its API says.")]
    public DateTimeOffset? Sunset { get; init; }

    [Description("Why it asks nobody who they are.")]
    [MinLength(3)]
    public string? Public { get; init; }

    [Description("Policies by name or in place. The order they run in is fixed by their kinds.")]
    public IReadOnlyList<PolicyDocument> Policies { get; init; } = [];

    [Description("What does the work.")]
    public required TargetDocument Target { get; init; }

    [Description("Time for the call of the operation; counted, where it changes something, from its stored intent.")]
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    [Description("Who comes first, where limits that several routes share run short: high, normal, low. How much is kept for whom says the limit (reserve).")]
    public RoutePriority Priority { get; init; }

    [Description("Largest body taken.")]
    [Range(typeof(long), "1", "104857600")]
    public long MaxBody { get; init; } = 1 << 20;
}

public sealed record TargetDocument
{
    [Description("An adapter's operation: backend/operation.")]
    public string? Call { get; init; }

    [Description("An adapter's operation that is called later: what is asked for is stored, its caller gets 202 and follows the object, and it is forwarded at the backend's pace.")]
    public string? Accept { get; init; }

    [Description("A backend that the request is forwarded to.")]
    public string? Forward { get; init; }

    [Description("Path at the backend, may use the route's parameters. Default: the caller's.")]
    public string? Path { get; init; }

    [Description("What the caller's path begins with, and the backend's does not: /v1.")]
    public string? RemovePrefix { get; init; }

    [Description("Headers of the forwarded request that are set or removed.")]
    public ChangesDocument? Headers { get; init; }

    [Description("Parameters of the forwarded query that are set or removed.")]
    public ChangesDocument? Query { get; init; }

    [Description("Kind of the object that a success creates: order.")]
    public string? Creates { get; init; }

    [Description("The object the call is about, and the route parameter that names it: order/{id}.")]
    public string? Object { get; init; }

    [Description("Type of the event that a success publishes.")]
    public string? Emits { get; init; }

    [Description("What becomes of a call that can't be sent. fail: 503. accept: it is taken as by accept, and forwarded when the backend is back.")]
    public WhenDown WhenDown { get; init; }

    [Description("How what is accepted is told of and forwarded.")]
    public AcceptedDocument? Accepted { get; init; }
}

public enum WhenDown
{
    Fail,
    Accept,
}

public sealed record AcceptedDocument
{
    [Description("Type of the event that is published when it is accepted. Default: KIND.received.v1.")]
    public string? Received { get; init; }

    [Description("Type of the event that is published when nothing becomes of it. Default: KIND.rejected.v1.")]
    public string? Rejected { get; init; }

    [Description("Members of the body whose values keep an order among different objects: buyerParty.id forwards a buyer's one after another. Default: only what is about one object keeps its order.")]
    public IReadOnlyList<string> InOrderOf { get; init; } = [];

    [Description("How urgent it is, in JSONata on the body: a day or time, of which the earlier goes first, or a number, of which the smaller does; what gives nothing goes last. Default: what came first goes first.")]
    public string? Urgency { get; init; }
}

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
