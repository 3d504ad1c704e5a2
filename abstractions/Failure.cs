namespace Gateway;

/// <summary>Every way a request can be refused. Closed: one switch turns it into the problem document of RFC 9457.</summary>
public enum Failure
{
    /// <summary>400: the body is not JSON, or holds a member twice.</summary>
    MalformedBody,

    /// <summary>400: the route demands an Idempotency-Key and there is none, or it is not a valid one.</summary>
    IdempotencyKeyMissing,

    /// <summary>400: a query, path or header parameter is missing or malformed.</summary>
    MalformedRequest,

    /// <summary>400: the header that chooses the version names none that is served, or is missing.</summary>
    VersionUnknown,

    /// <summary>401: no credentials, or none that hold.</summary>
    Unauthenticated,

    /// <summary>403: the request came by http where https is served.</summary>
    HttpsRequired,

    /// <summary>403: the caller is known and may not do this: a scope is missing.</summary>
    InsufficientScope,

    /// <summary>403: the caller is known and may not do this, or not this time.</summary>
    Forbidden,

    /// <summary>404: no such path or object, or none this caller may know of.</summary>
    NotFound,

    /// <summary>405: the path exists, the method does not.</summary>
    MethodNotAllowed,

    /// <summary>408: the body came too slowly.</summary>
    RequestTooSlow,

    /// <summary>410: the route has ended.</summary>
    Gone,

    /// <summary>410: events that were asked for are no longer kept.</summary>
    EventsExpired,

    /// <summary>413: the body is longer than the route takes.</summary>
    BodyTooLarge,

    /// <summary>413: the request takes more of a limit than it ever has.</summary>
    CostTooHigh,

    /// <summary>414: the path with its query is longer than is taken.</summary>
    UriTooLong,

    /// <summary>415: the body's media type is not one the route takes.</summary>
    UnsupportedMediaType,

    /// <summary>409: a request with the same idempotency key or business reference is still being worked on.</summary>
    StillRunning,

    /// <summary>409: the backend was asked and nobody can say yet what it did.</summary>
    OutcomeUnknown,

    /// <summary>409: the business reference is known with other content.</summary>
    ReferenceConflict,

    /// <summary>409, on the admin port: what is to be acted on is not in a state for it.</summary>
    WrongState,

    /// <summary>422: the same idempotency key came with other content.</summary>
    IdempotencyKeyReused,

    /// <summary>422: the body breaks its contract.</summary>
    ContractBroken,

    /// <summary>422: the mapping refuses the caller's data.</summary>
    MappingRefused,

    /// <summary>422: the backend's business rules refuse the request.</summary>
    BusinessRefused,

    /// <summary>429: over a limit.</summary>
    TooManyRequests,

    /// <summary>431: there are more headers than are taken, or longer ones.</summary>
    HeadersTooLarge,

    /// <summary>500: our own fault before the target was called; somebody is alerted.</summary>
    Internal,

    /// <summary>502: the backend answered something we can't use.</summary>
    BackendUnusable,

    /// <summary>503: the backend is not available.</summary>
    BackendUnavailable,

    /// <summary>503: the gateway's own store is not available; writes are refused rather than let through unprotected.</summary>
    StoreUnavailable,

    /// <summary>503: the token issuer can't be asked, for its keys or about a token, so nobody can say whether a token holds.</summary>
    IssuerUnavailable,

    /// <summary>504: the backend did not answer in time.</summary>
    DeadlineExceeded,
}

/// <summary>
/// One refusal on its way to the caller. <see cref="Detail"/> is read by the caller: no inside addresses, no secrets, no stack traces;
/// <see cref="Reason"/> is for the operator's log and audit only.
/// </summary>
public sealed record Refusal(Failure Failure, string Detail)
{
    /// <summary>The detail of every 404 of a route that hides objects: what is not there and what is not the caller's can't be told apart.</summary>
    public const string NothingThere = "There is no such object.";

    /// <summary>The detail of a 404 of what is no path at all, and of what must look like that.</summary>
    public const string NothingServed = "Nothing is served under this path.";

    /// <summary>What the operator's log says and the caller must not read.</summary>
    public string? Reason { get; init; }

    /// <summary>What goes into <c>Retry-After</c>, rounded up to whole seconds; null leaves the header out.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Single findings, at most 20, each at its pointer (<c>#/orderLines/0/quantity</c>).</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The <c>WWW-Authenticate</c> challenge of a 401 (RFC 9110 section 11.6.1) or 403 (RFC 6750 section 3.1).</summary>
    public string? Challenge { get; init; }

    /// <summary>The methods that the path takes, for <c>Allow</c> of a 405 (RFC 9110 section 15.5.6).</summary>
    public string? Allow { get; init; }

    /// <summary>The header of the request that chose among versions, for <c>Vary</c> (RFC 9110 section 12.5.5).</summary>
    public string? Vary { get; init; }

    /// <summary>Codings of bodies that are taken, for <c>Accept-Encoding</c> of a 415 (RFC 9110 section 12.5.3).</summary>
    public string? AcceptEncoding { get; init; }

    /// <summary>Nobody can say where the request ends, so that nothing more is read of its connection.</summary>
    public bool Closes { get; init; }

    /// <summary>The gateway's id of the object that stands in the way (409).</summary>
    public string? Existing { get; init; }

    /// <summary>Names of the limits that were exceeded (429).</summary>
    public IReadOnlyList<string> ViolatedPolicies { get; init; } = [];

    /// <summary>A limit or a quota refused it, so none of the quotas that it came past counts it.</summary>
    public bool IsUncounted { get; init; }

    /// <summary>The backend itself said no after it was asked: a final business answer, stored and replayed like a success.</summary>
    public bool Final { get; init; }
}

/// <summary>One broken rule: where, which schema keyword, what was expected. It never holds a value of the caller's.</summary>
/// <param name="Pointer">JSON Pointer as a URI fragment (RFC 6901 section 6): <c>#/orderLines/0/quantity</c>, <c>#/item</c>.</param>
public readonly record struct Finding(string Pointer, string Keyword, string Detail)
{
    /// <summary>Which part of the request, in the words of OpenAPI: <c>path</c>, <c>query</c>, <c>header</c>; null for the body.</summary>
    public string? In { get; init; }

    /// <summary>The broken contract: <c>order@1</c>; null where the rule is not a contract's.</summary>
    public string? Contract { get; init; }
}
