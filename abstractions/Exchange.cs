using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gateway;

/// <summary>One step of a request's road.</summary>
public delegate ValueTask ExchangeDelegate(Exchange exchange);

/// <summary>
/// One request and its answer inside the gateway, typed, with its clock. Each member is written by one phase and read by later ones.
/// A step that refuses sets <see cref="Refusal"/> and does not call the next.
/// </summary>
public sealed class Exchange(HttpContext http, PlanRoute route, Surroundings around, string correlationId)
{
    public HttpContext Http { get; } = http;

    /// <summary>The route of the Plan this request started on; a reload in between changes nothing for it.</summary>
    public PlanRoute Route { get; } = route;

    public IStore Store => around.Store;

    public TimeProvider Clock => around.Clock;

    public SettleIntent Settle => around.Settle;

    public IssuedKeys Keys => around.Keys;

    public NearAnswers Near => around.Near;

    /// <summary>Limits that nodes count together; null where there is only this one.</summary>
    public SharedLimits? Shared => around.Shared;

    /// <summary>Asks the flow that works on an object; null where no flows run.</summary>
    public PassFlow? Flows => around.Flows;

    /// <summary>Constant for the whole exchange: what <c>$now()</c> answers and what the audit says.</summary>
    public DateTimeOffset StartedAt { get; } = around.Clock.GetUtcNow();

    /// <summary>Carried by every answer, log line, event and audit record of this exchange.</summary>
    public string CorrelationId { get; } = correlationId;

    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>Who calls; set by authenticate.</summary>
    public Consumer? Consumer { get; set; }

    /// <summary>Id of the API key that the caller came with; null where it came with something else. Set by authenticate.</summary>
    public string? KeyId { get; set; }

    /// <summary>For whom; a partner without facts on a public route.</summary>
    public Partner Partner => Consumer?.Partner ?? new Partner(Tenant, Tenant);

    /// <summary>The tenant of everything this exchange stores; the consumer's partner, or <c>-</c> on a public route.</summary>
    public string Tenant => Consumer?.Partner.Name ?? "-";

    /// <summary>The bytes of the body once they are read, lent by the pool until the road behind is done; null on routes that stream.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; set; }

    /// <summary>The body, read once and parsed once; null on routes that stream.</summary>
    public ParsedBody? Body { get; set; }

    /// <summary>What an idempotency policy knows of this request; null where the route has none.</summary>
    public Idempotency? Idempotency { get; set; }

    /// <summary>What the operation is called with: the request mapping's output, else the body, else the parameters.</summary>
    public ReadOnlyMemory<byte> Input { get; set; }

    /// <summary>The intent that stands for this request in the store, once it is stored.</summary>
    public Intent? Intent { get; set; }

    /// <summary>The object that the answer tells of, resolved through a row owned by the partner; null where this request makes it.</summary>
    public OwnedObject? Object { get; set; }

    /// <summary>The object that the path names, owned by the partner: what is read or changed, or what something is made of. Null where it names none.</summary>
    public OwnedObject? About { get; set; }

    /// <summary>What the target did.</summary>
    public OperationResult? Result { get; set; }

    /// <summary>True when <see cref="Result"/> is an earlier request's work and this one changed nothing.</summary>
    public bool Existing { get; set; }

    /// <summary>The answer of the target, in canonical form after the response mapping.</summary>
    public Answer? Answer { get; set; }

    /// <summary>What a cache keeps the target's answer under; null where it keeps none.</summary>
    public Recalling? Recalling { get; set; }

    /// <summary>Hands the request to YARP; null on routes that are not forwarded.</summary>
    public RequestDelegate? Forward { get; set; }

    /// <summary>The audit record went into the transaction of the outcome.</summary>
    public bool Audited { get; set; }

    /// <summary>Why the request was refused; null while all is well.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>The caller must not know of the route: the answer is that of a path that nothing is under.</summary>
    public bool Hidden { get; set; }

    /// <summary>The limits that were taken, for the RateLimit headers.</summary>
    public List<LimitState>? Limits { get; set; }

    /// <summary>Why the cost of this request could not be told, for the operator; null while it could.</summary>
    public string? Uncounted { get; set; }

    /// <summary>Contracts that this exchange broke, whether it was refused for it or not.</summary>
    public List<Violation>? Violations { get; private set; }

    public void Broke(Violation violation) => (Violations ??= new List<Violation>(1)).Add(violation);

    public void Refuse(Failure failure, string detail) => Refusal = new Refusal(failure, detail);

    public ValueTask Refuse(Refusal refusal)
    {
        Refusal = refusal;
        return ValueTask.CompletedTask;
    }
}

/// <summary>What an exchange stands on: the durable state, the clock, the way to settle work that was cut off, and the keys that were issued.</summary>
public sealed record Surroundings(IStore Store, TimeProvider Clock, SettleIntent Settle, IssuedKeys Keys)
{
    /// <summary>Saves the store's work, where nodes share something that is faster.</summary>
    public NearAnswers Near { get; init; } = NearAnswers.None;

    /// <summary>Limits that nodes count together.</summary>
    public SharedLimits? Shared { get; init; }

    /// <summary>Asks the flow that works on an object; null where no flows run.</summary>
    public PassFlow? Flows { get; init; }
}

/// <summary>Asks the backend now what became of an intent without outcome, unless a living request works on it.</summary>
public delegate ValueTask<Settlement> SettleIntent(Intent intent, CancellationToken cancellation);

public enum Settlement
{
    /// <summary>The intent has an outcome now; look it up again.</summary>
    Settled,

    /// <summary>A living request works on it.</summary>
    AtWork,

    /// <summary>The backend does not know of it yet, and the call may still arrive there.</summary>
    Unknown,

    /// <summary>The backend can't be asked.</summary>
    BackendDown,

    /// <summary>The operation can't be asked about, so an operator decides.</summary>
    Undecided,
}

/// <summary>The request body: raw bytes and their one parsed form. Disposing returns the pooled memory.</summary>
public sealed class ParsedBody(ReadOnlyMemory<byte> raw, JsonDocument json, Action? release = null) : IDisposable
{
    public ReadOnlyMemory<byte> Raw { get; } = raw;

    public JsonElement Json => json.RootElement;

    public void Dispose()
    {
        json.Dispose();
        release?.Invoke();
    }
}

/// <summary>An answer that shall be kept, to be given again.</summary>
/// <param name="Key">Partner, and what was asked for.</param>
public sealed record Recalling(string Key)
{
    public bool IsKept { get; set; }
}

/// <summary>Key, fingerprint and business reference of one request.</summary>
public sealed class Idempotency(string? key, string fingerprint)
{
    /// <summary>The caller's Idempotency-Key, unquoted; null where the route lets it be missing.</summary>
    public string? Key { get; } = key;

    /// <summary>
    /// Hash over what makes requests the same: the body with members sorted and numbers normalised as exact decimals, parameters of the path,
    /// query, and declared headers; hex.
    /// </summary>
    public string Fingerprint { get; } = fingerprint;

    /// <summary>External id from the route's business key, injective over partner and key parts; null before the claim or without a business key.</summary>
    public string? Reference { get; set; }

    /// <summary>How long the key's answer is kept.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromHours(24);

    /// <summary>An earlier request with this key did its work, but its answer could not be mapped then; or it was accepted, and is on its way.</summary>
    public Intent? Finished { get; set; }

    /// <summary>The answer is a stored one, marked <c>Idempotency-Replayed: true</c>.</summary>
    public bool Replayed { get; set; }

    /// <summary>The answer that the store has taken under the key; null where it has none of this request.</summary>
    public Answer? Stored { get; set; }
}

/// <summary>A contract that a request or an answer broke.</summary>
/// <param name="Contract"><c>order@1</c>.</param>
/// <param name="Part"><c>body</c>, <c>path</c>, <c>query</c>, <c>header</c> of the request, or <c>answer</c>.</param>
/// <param name="Enforced">False where the contract only reports: the exchange went on.</param>
public sealed record Violation(string Contract, string Part, bool Enforced, IReadOnlyList<Finding> Findings);

/// <summary>What the caller gets: status, headers that belong to the answer itself (Location …), body.</summary>
public sealed record Answer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body)
{
    public const string JsonType = "application/json";

    public string ContentType { get; init; } = JsonType;
}

/// <summary>One limit after it was taken: draft-ietf-httpapi-ratelimit-headers, section 3.</summary>
/// <param name="Policy">The policy's item in <c>RateLimit-Policy</c>, the same for all answers.</param>
/// <param name="ResetSeconds">Until it is whole again; null where nobody can tell.</param>
public readonly record struct LimitState(string Name, string Policy, long Remaining, long? ResetSeconds);
