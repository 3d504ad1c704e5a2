using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Configuration;

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

    [Description("Events that partners get of what backends' webhooks tell, by type: parcel.moved.v1.")]
    public IReadOnlyDictionary<string, NoticeDocument> Notices { get; init; } = new Dictionary<string, NoticeDocument>();

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

    [Description("What the flow that works on the object is asked before the backend is called.")]
    public FirstDocument? First { get; init; }

    [Description("Type of the event that a success publishes.")]
    public string? Emits { get; init; }

    [Description("What becomes of a call that can't be sent. fail: 503. accept: it is taken as by accept, and forwarded when the backend is back.")]
    public WhenDown WhenDown { get; init; }

    [Description("How what is accepted is told of and forwarded.")]
    public AcceptedDocument? Accepted { get; init; }
}

public sealed record FirstDocument
{
    [Description("A flow whose instance for the object is cancelled first: what it did is undone, and where that is too late nothing is called.")]
    public string? Cancel { get; init; }

    [Description("A flow that must not be at work on the object.")]
    public string? Without { get; init; }
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
