using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway;

public enum Effect
{
    /// <summary>Changes nothing; may be repeated freely.</summary>
    Reads,

    /// <summary>Changes something in the backend: an intent is stored before it is called.</summary>
    Changes,
}

/// <summary>
/// What an operation is, for validate, plan and explain, without calling it.
/// </summary>
/// <param name="Name">Name within its adapter: <c>order.create</c>.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Effect">Whether the backend is changed.</param>
/// <param name="Idempotent">True when the same call with the same external id may be sent again by the adapter itself.</param>
/// <param name="ReadsBack">True when what an earlier call did can be found by its external id.</param>
/// <param name="Compensation">The operation that undoes it; null where nothing does.</param>
/// <param name="Cost">Calls to the backend that one call of this operation takes, about.</param>
public sealed record OperationDescriptor(
    string Name, string Summary, Effect Effect, bool Idempotent, bool ReadsBack, string? Compensation = null, int Cost = 1)
{
    /// <summary>Shape of the input, in words of the backend: member name and meaning.</summary>
    public IReadOnlyDictionary<string, string> Input { get; init; } = new Dictionary<string, string>();

    /// <summary>Members of <see cref="Input"/> without which a call can do nothing: of each entry one.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Needs { get; init; } = [];

    /// <summary>What it makes, by the backend's own kinds: <c>order</c>. Its reference is what calls about such a thing take. Null where nothing new is there afterwards.</summary>
    public string? Makes { get; init; }

    /// <summary>What a call is about, by the reference of it; null where it takes none.</summary>
    public Subject? About { get; init; }

    /// <summary>
    /// What a call is about is over with it for good, and the next one may be made under the same external id: the business reference is free again.
    /// </summary>
    public bool FreesReference { get; init; }
}

/// <summary>What calls of an operation are about.</summary>
/// <param name="Kinds">As operations of the same backend make them (<see cref="OperationDescriptor.Makes"/>).</param>
public sealed record Subject(params string[] Kinds)
{
    /// <summary>Members of the input of which one says it where there is no reference. Empty: no call without a reference can do anything.</summary>
    public IReadOnlyList<string> Or { get; init; } = [];

    /// <summary>For people: <c>invoice or credit-note</c>.</summary>
    public string Text => string.Join(" or ", Kinds);
}

/// <summary>One call of an operation.</summary>
/// <param name="Input">What the operation is called with; valid for the duration of the call only.</param>
/// <param name="Partner">For whom.</param>
public sealed record OperationCall(JsonElement Input, Partner Partner)
{
    /// <summary>The external id under which the backend knows, or will know, what this call creates; null on reads.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The gateway's id of what this call makes or changes; null on reads.</summary>
    public string? ObjectId { get; init; }

    /// <summary>The object this call is about: the reference that the creating operation gave in <see cref="OperationResult.Reference"/>; null without one.</summary>
    public string? Reference { get; init; }

    /// <summary>
    /// From here on nothing may be sent that changes something: a process that stood still meanwhile no longer holds the work, and another may have
    /// done it. Looked at right before each change is sent, for timers of such a process are late. Null on reads.
    /// </summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>When nobody waits for its end any more; null where the backend's own timeout is all there is.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Sent to the backend for its logs, where it takes one.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>It settles what was begun, so it does not stand in line behind what is new.</summary>
    public bool GoesFirst { get; init; }

    /// <summary>Its turn at the backend's gate was waited for before, so it stands in line no more.</summary>
    public bool HasTurn { get; init; }
}

/// <summary>How a call ended. Closed; the recovery rules of exactly-once rest on the difference between the values.</summary>
public enum OperationStatus
{
    /// <summary>Done; Result holds the backend's record.</summary>
    Done,

    /// <summary>Nothing of that kind: reads, and read-back that is certain that the call did nothing.</summary>
    NotFound,

    /// <summary>The backend's business rules said no; nothing was changed.</summary>
    Refused,

    /// <summary>The input is not what the operation takes, so nothing was changed: our mapping is at fault.</summary>
    Malformed,

    /// <summary>The call certainly never reached the backend (connection refused, circuit open, credentials refused): nothing was changed.</summary>
    NotSent,

    /// <summary>The call may or may not have been carried out.</summary>
    Unknown,

    /// <summary>As Unknown, because time ran out.</summary>
    TimedOut,

    /// <summary>The backend has something else under the external id, made by a call that is not known here any more; nothing was changed.</summary>
    Taken,

    /// <summary>The backend answered something that makes no sense; on changes treated as Unknown.</summary>
    Unusable,
}

/// <summary>
/// What a call did. <see cref="Detail"/> may be shown to the caller, so it is scrubbed; <see cref="Reason"/> is for the log.
/// </summary>
public sealed record OperationResult(OperationStatus Status)
{
    /// <summary>The backend's record, JSON in the backend's own words: the response mapping's input. Empty unless Done, and where an operator said that it is.</summary>
    public ReadOnlyMemory<byte> Record { get; init; }

    /// <summary>Canonical members for events, JSON object: for an order <c>salesOrderId</c>, <c>orderStatusCode</c>, <c>legalMonetaryTotal</c>. Empty unless Done by a change.</summary>
    public ReadOnlyMemory<byte> Facts { get; init; }

    /// <summary>How the backend names the object (Odoo's database id, as text); kept in the partner's object row.</summary>
    public string? Reference { get; init; }

    public string Detail { get; init; } = "";

    public string? Reason { get; init; }

    /// <summary>What was refused of the input, each at its member; empty where <see cref="Detail"/> says it all.</summary>
    [JsonIgnore]
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The backend itself asks to be left alone for <see cref="RetryAfter"/> (429, or 503 with Retry-After; RFC 9110 section 10.2.3).</summary>
    public bool BackendIsBusy { get; init; }

    /// <summary>
    /// Of what was not sent: nothing else can be sent there now either, for there is no connection, the circuit is open, the gate is full, the credential is
    /// refused, or it asks to be left alone. Where each partner has an endpoint: nothing to this partner's. False where it is this call, as far as is known.
    /// </summary>
    public bool BackendIsAway { get; init; }

    /// <summary>Of what was not sent: nothing was tried, for something of ours has to come to its end first. It costs no attempt.</summary>
    [JsonIgnore]
    public bool IsHeldBack { get; init; }

    /// <summary>
    /// A change that found all as asked and sent nothing. True says who did it only of a call that is the first of its intent: else an earlier one may have.
    /// </summary>
    [JsonIgnore]
    public bool WasSo { get; init; }

    public bool MayHaveHappened => Status is OperationStatus.Unknown or OperationStatus.TimedOut or OperationStatus.Unusable;
}

/// <summary>One operation of one configured backend, ready to be called.</summary>
public abstract class BackendOperation
{
    /// <summary>Name of the configured backend: <c>odoo</c>.</summary>
    public abstract string Backend { get; }

    public abstract OperationDescriptor Descriptor { get; }

    /// <summary>Calls the backend. Never throws but for cancellation of <paramref name="cancellation"/>.</summary>
    public abstract ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation);

    /// <summary>
    /// Finds what an earlier call with the same external id did: Done with the record, NotFound when it is certain that there is nothing,
    /// NotSent when the backend can't be asked.
    /// </summary>
    public abstract ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation);

    /// <summary>
    /// What a reference of this backend looks like, for an operator who has named another thing: nothing could be read by it. Null where the text
    /// may be a reference.
    /// </summary>
    public virtual string? WrongReference(string reference) => null;

    /// <summary>
    /// What of the backend a call changes, where its input says so: <c>stock.picking WH/OUT/00068</c>. Of one record one call is open at a time, on all
    /// nodes, whoever makes it and by whichever route. Null where the route's object says it all, and for what is made new.
    /// </summary>
    /// <param name="input">What the operation would be called with, JSON.</param>
    public virtual string? RecordOf(ReadOnlyMemory<byte> input) => null;

    public string FullName => $"{Backend}/{Descriptor.Name}";
}

/// <summary>A configured system, opened for one Plan.</summary>
public abstract class Backend(string name) : IAsyncDisposable
{
    public string Name { get; } = name;

    /// <summary>By name within the adapter: <c>order.create</c>. Empty for a backend that is only forwarded to.</summary>
    public abstract IReadOnlyDictionary<string, BackendOperation> Operations { get; }

    /// <summary>Where YARP forwards to; null for a backend that only has operations.</summary>
    public virtual ForwardAddress? Forward => null;

    /// <summary>How the gateway signs in.</summary>
    public virtual Credential Credential => Credential.None;

    /// <summary>All that the gateway shows there, each under the name that operators are told: the backend's, or one for each of its endpoints.</summary>
    public virtual IEnumerable<(string Name, Credential Credential)> Credentials => [(Name, Credential)];

    /// <summary>Whether it is called at the moment: one circuit, or one for each of its destinations. Empty where none is kept.</summary>
    public virtual IReadOnlyList<CircuitReport> Circuits => [];

    /// <summary>The way in for its webhooks; null where it declares none.</summary>
    public virtual InboundHook? Hook => null;

    /// <summary>Where it is asked what was changed in it; null where it is not watched.</summary>
    public virtual ChangeSource? Changes => null;

    /// <summary>Whether partners declare under its name where they are (<see cref="AddEndpoint"/>).</summary>
    public virtual bool TakesEndpoints => false;

    /// <summary>Whether these endpoints may be http, and in our own network.</summary>
    public virtual bool AllowsInside => false;

    /// <summary>Where a partner is, before the first call.</summary>
    /// <exception cref="ArgumentException">A secret holds what can't be shown.</exception>
    public virtual void AddEndpoint(string partner, EndpointOptions endpoint) => throw new NotSupportedException($"{Name} has one address");

    /// <summary>What it was found to be; null before <see cref="ExamineAsync"/> has found it, and for backends that are not asked.</summary>
    public virtual BackendFindings? Findings => null;

    /// <summary>Asks the backend what it is, unless that is known. Null when it is; else why not, for the operator: it is to be asked again later.</summary>
    public virtual ValueTask<string?> ExamineAsync(CancellationToken cancellation) => default;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>What a backend was found to be, for the operator.</summary>
/// <param name="What"><c>Odoo 16.0 over JSON-RPC</c>.</param>
/// <param name="Lacks">What operations need and it has not: <c>order.read: sale.order has no field 'locked'</c>.</param>
public sealed record BackendFindings(string What, IReadOnlyList<string> Lacks);

/// <summary>The seam to a backend protocol. Adapters.All lists them.</summary>
public abstract class Adapter
{
    /// <summary>What <c>adapter:</c> says in YAML.</summary>
    public abstract string Name { get; }

    public abstract string Summary { get; }

    /// <summary>The record that <c>backends.&lt;name&gt;</c> is parsed into; derives from <see cref="BackendOptions"/>.</summary>
    public abstract Type OptionsType { get; }

    public abstract IReadOnlyList<OperationDescriptor> Operations { get; }

    /// <summary>True where the protocol says how the gateway signs in: by a key, in its own header. Such keys end, so somebody must say when.</summary>
    public virtual bool TakesKeysOnly => false;

    /// <summary>Opens a backend. No network before its first call.</summary>
    public abstract Backend Open(string name, BackendOptions options, TimeProvider clock);
}

/// <summary>What every backend has. Adapters derive their own record.</summary>
public record BackendOptions
{
    [Description("Name of the adapter that speaks the backend's protocol.")]
    public required string Adapter { get; init; }

    [Description("Base address; operators only, never shown to callers.")]
    public virtual required Uri Url { get; init; }

    [Description("How the gateway signs in; without it, it shows nothing. A caller's own credential is never passed on in its place.")]
    public virtual CredentialOptions? Credential { get; init; }

    [Description("Authorities that the backend's certificate must come from, in PEM, by reference: secret://file/PATH. Default: those of the machine.")]
    public Secret? Authorities { get; init; }

    [Description("Time for one operation in all, retries included.")]
    public virtual TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    [Description("How it is called again, and when it is left alone. Operations have the defaults of these without it; forwarded requests are sent once.")]
    public ResilienceOptions? Resilience { get; init; }

    [Description("How much of the gateway's calls the backend takes; more wait, in turns of their partners. Without it: as many at once as maxConnections, 100 to one that is forwarded to. Of a backend of partners' endpoints: how much each of these takes, 16 at once without it.")]
    public BackendLimits? Limits { get; init; }

    /// <summary>Calls that its connections carry at once; null where they bound nothing.</summary>
    public virtual int? AtOnce => null;

    /// <summary>Calls under way at once where <see cref="Limits"/> say nothing of that; null where nothing bounds them.</summary>
    public virtual int? UsuallyAtOnce => AtOnce;

    /// <summary>The webhooks that it sends; null where none are taken.</summary>
    public virtual HookOptions? Hooks => null;

    /// <summary>Time for one operation in all, retries included; what its caller has left may be less.</summary>
    public virtual TimeSpan TimeFor(Effect effect) => Timeout;

    /// <summary>
    /// What a node sends at most: as <see cref="Limits"/> say, and where they say nothing of how many at once, no more than there are connections, or than is
    /// usual. So a backend that hangs holds so many and no more, and who waits stands at the gate, where it is counted. Null where nothing waits.
    /// </summary>
    public BackendLimits? Held => UsuallyAtOnce is { } most ? (Limits ?? new BackendLimits()) with { Concurrent = Limits?.Concurrent ?? most } : Limits;
}

/// <summary>What a node of the gateway sends to a backend at most.</summary>
public sealed record BackendLimits
{
    [Description("Calls a second, over time: 0.5, 1, 20. An operation counts as as many calls as it takes, about. Default: no limit.")]
    [Range(0.001, 1_000_000)]
    public double? PerSecond { get; init; }

    [Description("Calls that may be made at once after a pause.")]
    [Range(1, 1_000_000)]
    public int Burst { get; init; } = 1;

    [Description("Operations and forwarded requests under way at the same time. Default: maxConnections; 100 to one that is forwarded to; 16 to each endpoint of a partner.")]
    [Range(1, 100_000)]
    public int? Concurrent { get; init; }

    [Description("Most that wait. Where it is full, who comes from a partner with fewer waiting takes the place of the last of the partner with the most.")]
    [Range(0, 100_000)]
    public int Queue { get; init; } = 100;

    [Description("How long one waits at most; then 503, and nothing was sent.")]
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For people: <c>1 call a second, 5 at once, 4 at the same time</c>.</summary>
    public string Text => string.Join(", ", Parts());

    private IEnumerable<string> Parts()
    {
        if (PerSecond is { } perSecond) yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{perSecond:0.###} calls a second, {Burst} at once");
        if (Concurrent is { } concurrent) yield return $"{concurrent} at the same time";
    }
}
