using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Gateway;

/// <summary>The immutable, compiled form of a whole workspace. Requests in flight finish on the Plan they started on.</summary>
public sealed class Plan(string revision, IReadOnlyList<PlanRoute> routes, IReadOnlyDictionary<string, Backend> backends,
    IReadOnlyList<Subscription> subscriptions, IReadOnlyDictionary<string, Consumer> consumers) : IAsyncDisposable
{
    private static long _numbers;

    private FrozenDictionary<string, Partner>? _partners;

    /// <summary>Hash of the workspace's content, hex; secrets are no part of it.</summary>
    public string Revision { get; } = revision;

    public IReadOnlyList<PlanRoute> Routes { get; } = routes;

    public IReadOnlyDictionary<string, Backend> Backends { get; } = backends;

    public IReadOnlyList<Subscription> Subscriptions { get; } = subscriptions;

    public IReadOnlyDictionary<string, Consumer> Consumers { get; } = consumers;

    /// <summary>What partners are told of what backends' webhooks report.</summary>
    public IReadOnlyList<Notice> Notices { get; init; } = [];

    /// <summary>What is watched in backends for the partners.</summary>
    public IReadOnlyList<PlanFeed> Feeds { get; init; } = [];

    /// <summary>Durable processes.</summary>
    public FlowSet Flows { get; init; } = FlowSet.None;

    /// <summary>The event catalogue.</summary>
    public EventTypes EventTypes { get; init; } = EventTypes.None;

    /// <summary>Requests a second that one address may send, known or not.</summary>
    public AddressLimits AddressLimits { get; init; } = AddressLimits.Generous;

    /// <summary>Where the gateway keeps what outlives a request; a process takes it as it was when it started.</summary>
    public StateOptions State { get; init; } = new();

    /// <summary>Where webhooks may go.</summary>
    public WebhookReach WebhookReach { get; init; } = WebhookReach.Default;

    /// <summary>What holds for subscriptions that partners make themselves.</summary>
    public SubscriptionRules SubscriptionRules { get; init; } = new();

    /// <summary>Names of all partners.</summary>
    public IReadOnlySet<string> Partners { get; init; } = FrozenSet<string>.Empty;

    /// <summary>What the public port takes of anybody.</summary>
    public ServerLimits Server { get; init; } = new();

    /// <summary>Who may come to the admin port.</summary>
    public AdminAccess Admin { get; init; } = AdminAccess.Undeclared;

    /// <summary>The proxies before the gateway; null where callers connect to it themselves.</summary>
    public Proxies? Proxies { get; init; }

    /// <summary>TLS of the ports; null where none is declared.</summary>
    public PlanTls? Tls { get; init; }

    /// <summary>What follows files of its own while this Plan runs: certificates and authorities.</summary>
    public IReadOnlyList<Followed> Followed { get; init; } = [];

    /// <summary>Whether callers are asked for a certificate: where no route takes one, they are not.</summary>
    public bool AsksForCertificates { get; } = routes.Any(r => r.Surface.Credentials.SelectMany(c => c.Parts).Any(c => c is SurfaceCredential.Certificate));

    /// <summary>From how many failed attempts to get in on nobody is listened to.</summary>
    public FailedAttemptLimits FailedAttempts { get; init; } = new();

    /// <summary>What makes the gateway that starts with this Plan take over another.</summary>
    public ReloadMode Reload { get; init; } = ReloadMode.On;

    /// <summary>How long records of the audit are kept.</summary>
    public AuditRetention AuditRetention { get; init; } = new();

    /// <summary>A refusal of what no route takes, as the problem document (RFC 9457) of this Plan.</summary>
    public required Func<Refusal, Answer> Problem { get; init; }

    /// <summary>The public description, an OpenAPI 3.1 document in UTF-8; made when the first asks for it.</summary>
    public Lazy<ReadOnlyMemory<byte>> OpenApi { get; init; } = new(ReadOnlyMemory<byte>.Empty);

    /// <summary>What only the Plan before this one still uses: closed when that one has retired.</summary>
    public IReadOnlyList<IDisposable> Leaves { get; init; } = [];

    /// <summary>New with every Plan of this process, also where the revision is the same: a secret may have changed.</summary>
    public long Number { get; } = Interlocked.Increment(ref _numbers);

    /// <summary>What is closed when the last request of this Plan has gone.</summary>
    public IReadOnlyList<IAsyncDisposable> Owned { get; init; } = [];

    /// <summary>A partner by its name; null for one that has no consumer.</summary>
    public Partner? Partner(string name) => (_partners ??= Consumers.Values.Select(c => c.Partner).DistinctBy(p => p.Name).ToFrozenDictionary(p => p.Name)).GetValueOrDefault(name);

    public PlanRoute? Route(string name) => Routes.FirstOrDefault(r => r.Name == name);

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Owned) await owned.DisposeAsync();
        foreach (var backend in Backends.Values) await backend.DisposeAsync();
    }
}

/// <summary>What makes a running gateway take over a changed workspace.</summary>
public enum ReloadMode
{
    /// <summary>A change of its files, and SIGHUP.</summary>
    On,

    /// <summary>SIGHUP alone.</summary>
    Signal,

    /// <summary>Nothing: what was deployed runs until the process ends.</summary>
    Off,
}

/// <summary>A route as it runs: method, path, target, and one delegate folded from its policies.</summary>
public sealed class PlanRoute(string name, string api, string method, string pattern, PlanTarget target, string revision)
{
    public string Name { get; } = name;

    public string Api { get; } = api;

    public string Method { get; } = method;

    /// <summary>Path template of ASP.NET Core routing: <c>/v1/orders/{id}</c>.</summary>
    public string Pattern { get; } = pattern;

    public PlanTarget Target { get; } = target;

    /// <summary>The Plan this route belongs to.</summary>
    public string Revision { get; } = revision;

    /// <summary>What the audit of its calls is about, and so how long it is kept.</summary>
    public AuditClass AuditClass { get; init; }

    /// <summary>Who comes first, where limits that several routes share run short.</summary>
    public RoutePriority Priority { get; init; }

    /// <summary>Largest body taken, bytes.</summary>
    public long MaxBodyBytes { get; init; } = 1 << 20;

    /// <summary>Time for the call of the operation, counted from the stored intent where it changes something.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True when a policy or the target needs the parsed body, or judges it; else the body streams untouched.</summary>
    public bool ReadsBody { get; init; }

    /// <summary>True when the route wants a body; false where one is judged if it comes.</summary>
    public bool AsksBody { get; init; }

    /// <summary>The bytes of the body are read before it is known who calls.</summary>
    public bool ReadsBytes { get; init; }

    /// <summary>True when a policy looks at the answer of a forwarded route: it is read first, and given on whole.</summary>
    public bool ReadsAnswer { get; init; }

    /// <summary>True when the body is mapped before the target sees it.</summary>
    public bool MapsRequest { get; init; }

    /// <summary>True when a success is mapped before the caller sees it.</summary>
    public bool MapsAnswer { get; init; }

    /// <summary>True when a condition looks at the answer: nothing of it passes before it was judged.</summary>
    public bool JudgesAnswer { get; init; }

    /// <summary>True when a success is kept, to be given again: it is read first, and given on whole.</summary>
    public bool KeepsAnswer { get; init; }

    /// <summary>Where the route is in its life; null for a published one of which nothing more is to be told.</summary>
    public RouteLife? Life { get; init; }

    /// <summary>Which version of its path it is, where a header chooses; null where the path is this route's alone.</summary>
    public RouteVersion? Version { get; init; }

    /// <summary>What the route promises its callers.</summary>
    public Surface Surface { get; init; } = new();

    /// <summary>What is taken and given beyond or short of the safe defaults.</summary>
    public Protection Protection => Surface.Protection;

    /// <summary>Writes what pages of other origins may do, onto an answer; null where they may do nothing, and on drafts, which nobody can tell from nothing.</summary>
    public Action<HttpContext>? Share { get; init; }

    /// <summary>A part of its path is a secret: nothing that is kept or told may show a path of its requests.</summary>
    public bool HidesPath { get; init; }

    /// <summary>A path of a request as logs, traces and audit may show it: the pattern, where a part of the path is a secret.</summary>
    public string Shown(string path) => HidesPath ? Pattern : path;

    /// <summary>Where it was declared.</summary>
    public Place Place { get; init; }

    /// <summary>The policies on this route, and where each use and each policy with a name was declared.</summary>
    public IReadOnlyList<UsedPolicy> Uses { get; init; } = [];

    /// <summary>The policies on this route, in the order they run, as <c>kind</c> or <c>kind (name)</c>: what explain and audit show.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>Where what it creates is read; null where no route reads it. Known when all routes are.</summary>
    public Lazy<ObjectPath?> ReadBy { get; init; } = new((ObjectPath?)null);

    /// <summary>The whole road of a request; set once by the compiler.</summary>
    public required ExchangeDelegate Run { get; init; }

    /// <summary>A refusal as the problem document (RFC 9457) of this Plan.</summary>
    public required Func<Refusal, Answer> Problem { get; init; }

    /// <summary>The mapping of the request alone: it sets Input or Refusal. What was accepted is prepared by it where the workspace has changed since.</summary>
    public required ExchangeDelegate Prepare { get; init; }

    /// <summary>
    /// The part of the road behind the target: response mapping and response contract. It sets Answer or Refusal.
    /// Recovery runs it for work that was finished without its caller.
    /// </summary>
    public required ExchangeDelegate Respond { get; init; }
}

/// <summary>Who comes first, where limits that several routes share run short.</summary>
public enum RoutePriority
{
    Normal,
    High,
    Low,
}

/// <summary>A version that is chosen by a header of the request.</summary>
/// <param name="IsDefault">Requests without the header get it.</param>
public sealed record RouteVersion(string Header, string Value, bool IsDefault);

/// <summary>A policy on a route.</summary>
/// <param name="Name">Of a declared policy; the route's, where it was written in place.</param>
/// <param name="Declared">Where its options stand.</param>
public sealed record UsedPolicy(string Name, PolicyKind Kind, object Options, Place Declared);

/// <summary>What a route leads to.</summary>
public abstract record PlanTarget
{
    /// <summary>Plainly forwarded by YARP to a backend; <paramref name="Path"/> is a template, null keeps the caller's path.</summary>
    public sealed record Forward(string Backend, string? Path) : PlanTarget
    {
        public required ForwardAddress Address { get; init; }

        public required Credential Credential { get; init; }

        /// <summary>What is changed on the way there.</summary>
        public ForwardChanges Changes { get; init; } = ForwardChanges.None;

        /// <summary>Headers of callers that never reach the backend.</summary>
        public required FrozenSet<string> Withheld { get; init; }

        /// <summary>
        /// Whether a backend's answer of this status stays inside and becomes a problem of the gateway: its own failures, and its judgement of
        /// the gateway's credential.
        /// </summary>
        public static bool StaysInside(int status) => status is 401 or 403 or 407 or >= 500;
    }

    /// <summary>Nowhere: what is compiled stands on no route.</summary>
    public sealed record Nowhere : PlanTarget;

    /// <summary>An adapter's operation.</summary>
    public sealed record Call(BackendOperation Operation) : PlanTarget
    {
        /// <summary>Kind of the object that a success creates; null where it creates none.</summary>
        public string? Creates { get; init; }

        /// <summary>Kind and route parameter of the object the call is about: <c>order</c>, <c>id</c>.</summary>
        public (string Kind, string Parameter)? Object { get; init; }

        /// <summary>The request takes the place of the one that the object was made of, as PUT says (RFC 9110 section 9.3.4).</summary>
        public bool Replaces { get; init; }

        /// <summary>Type of the event that a success publishes.</summary>
        public string? Emits { get; init; }

        /// <summary>Where the backend is watched for what this may leave behind; null where it is not.</summary>
        public ChangeSource? Watched { get; init; }

        /// <summary>How work is taken that the backend gets later; null where all is called while the caller waits.</summary>
        public Accepting? Accepting { get; init; }

        /// <summary>What the flow that works on the object is asked first; null for nothing.</summary>
        public FlowGuard? First { get; init; }

        /// <summary>What the catalogue says of events.</summary>
        public EventTypes Catalogue { get; init; } = EventTypes.None;

        /// <summary>Types of all events that the route may publish.</summary>
        public IEnumerable<string> Events => ((string?[])[Emits, Accepting?.Received, Accepting?.Rejected]).OfType<string>();
    }
}

/// <summary>Who wants which events where.</summary>
public sealed record Subscription(string Name, string Tenant, Uri Url, IReadOnlyList<string> Types)
{
    /// <summary>Among <see cref="Types"/>: all of them, and those that there will be.</summary>
    public const string EveryType = "*";

    /// <summary>Signing secrets, newest first; every one signs, so that rotation overlaps (Standard Webhooks).</summary>
    public required IReadOnlyList<Secret> Secrets { get; init; }

    /// <summary>Waiting times before attempt 2, 3 …; after the last the delivery is dead-lettered.</summary>
    public required IReadOnlyList<TimeSpan> Schedule { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Deliveries under way at the same time, on each node.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>Most attempts in any stretch of time, on each node; null for no limit.</summary>
    public WebhookRate? Rate { get; init; }

    public WebhookOrder Order { get; init; }

    public WebhookMode Mode { get; init; }

    /// <summary>How long its endpoint may fail without one success before it is disabled.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromDays(5);

    /// <summary>Until when all secrets but the newest sign; null where all always do.</summary>
    public DateTimeOffset? OldSecretsUntil { get; init; }

    /// <summary>Which events of these types it gets, in JSONata over the envelope: those of which it is true. Null for all of them.</summary>
    public string? When { get; init; }

    /// <summary>What it gets of an event, in JSONata over the envelope: what it gives takes the place of <c>data</c>. Null for the data as they are.</summary>
    public string? Mapping { get; init; }

    /// <summary>The gateway's id of one that the partner has made itself; null for one of the workspace.</summary>
    public string? Id { get; init; }

    /// <summary>Stable name over reloads: tenant and name.</summary>
    public string Key => $"{Tenant}/{Name}";

    /// <summary>Whether a type of event is among <see cref="Types"/>; <c>*</c> stands for all.</summary>
    public bool Wants(string type) => Types.Contains(type) || Types.Contains(EveryType);

    /// <summary>What signs at a moment, newest first.</summary>
    public IEnumerable<Secret> SecretsAt(DateTimeOffset now) => OldSecretsUntil <= now ? Secrets.Take(1) : Secrets;
}
