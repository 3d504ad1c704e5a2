using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Pipeline;

/// <summary>
/// From <see cref="Failure"/> to the problem document of RFC 9457: the one place where a refusal gets its status, type and title.
/// Each type leads to a page of docs/problems, which the gateway itself serves under <c>/problems/</c>.
/// </summary>
public sealed class Problems(string typeBase)
{
    public const string ContentType = "application/problem+json";

    /// <summary>The type that IANA's registry keeps for exceeded quotas.</summary>
    private const string QuotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded";

    private static readonly Problems Own = new("/problems/");

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static (int Status, string Page, string Title) Of(Failure failure) => failure switch
    {
        Failure.MalformedBody => (400, "malformed-body", "The body is not JSON"),
        Failure.IdempotencyKeyMissing => (400, "idempotency-key-missing", "An Idempotency-Key is needed"),
        Failure.MalformedRequest => (400, "malformed-request", "The request is malformed"),
        Failure.VersionUnknown => (400, "version-unknown", "A version that is served is needed"),
        Failure.Unauthenticated => (401, "unauthenticated", "Valid credentials are needed"),
        Failure.HttpsRequired => (403, "https-required", "Use https"),
        Failure.InsufficientScope => (403, "insufficient-scope", "The caller may not do this"),
        Failure.Forbidden => (403, "forbidden", "This is not allowed"),
        Failure.NotFound => (404, "not-found", "There is no such thing"),
        Failure.MethodNotAllowed => (405, "method-not-allowed", "The path does not take this method"),
        Failure.RequestTooSlow => (408, "request-too-slow", "The body came too slowly"),
        Failure.StillRunning => (409, "still-running", "The same request is being worked on"),
        Failure.OutcomeUnknown => (409, "outcome-unknown", "The outcome is not known yet"),
        Failure.ReferenceConflict => (409, "reference-conflict", "The reference is known with other content"),
        Failure.WrongState => (409, "wrong-state", "Its state does not allow this"),
        Failure.Gone => (410, "gone", "This has ended"),
        Failure.EventsExpired => (410, "events-expired", "Events are no longer kept"),
        Failure.BodyTooLarge => (413, "body-too-large", "The body is too large"),
        Failure.CostTooHigh => (413, "cost-too-high", "The request asks for too much at once"),
        Failure.UriTooLong => (414, "uri-too-long", "The path with its query is too long"),
        Failure.UnsupportedMediaType => (415, "unsupported-media-type", "The media type is not taken"),
        Failure.IdempotencyKeyReused => (422, "idempotency-key-reused", "The Idempotency-Key was used for another request"),
        Failure.ContractBroken => (422, "contract-broken", "The body breaks its contract"),
        Failure.MappingRefused => (422, "mapping-refused", "The data can't be taken over"),
        Failure.BusinessRefused => (422, "business-refused", "The backend refuses the request"),
        Failure.TooManyRequests => (429, "quota-exceeded", "Too many requests"),
        Failure.HeadersTooLarge => (431, "headers-too-large", "The headers are too large"),
        Failure.Internal => (500, "internal", "The gateway failed"),
        Failure.BackendUnusable => (502, "backend-unusable", "The backend's answer can't be used"),
        Failure.BackendUnavailable => (503, "backend-unavailable", "The backend is not available"),
        Failure.StoreUnavailable => (503, "store-unavailable", "The gateway can't store the request"),
        Failure.IssuerUnavailable => (503, "issuer-unavailable", "Tokens can't be checked"),
        Failure.DeadlineExceeded => (504, "deadline-exceeded", "The backend did not answer in time"),
        _ => throw new ArgumentOutOfRangeException(nameof(failure)),
    };

    /// <summary>What kind of problem a failure is, for people.</summary>
    public static string TitleOf(Failure failure) => Of(failure).Title;

    public static int StatusOf(Failure failure) => Of(failure).Status;

    /// <summary>Names of all pages that problem types lead to.</summary>
    public static IEnumerable<string> Pages => Enum.GetValues<Failure>().Select(f => Of(f).Page);

    /// <summary>Page name of a failure: what logs, metrics and audit call the outcome.</summary>
    public static string PageOf(Failure failure) => Of(failure).Page;

    public Answer Of(Refusal refusal)
    {
        var (status, page, title) = Of(refusal.Failure);
        var output = new System.Buffers.ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output, Relaxed))
        {
            json.WriteStartObject();
            json.WriteString("type", refusal.Failure == Failure.TooManyRequests ? QuotaExceeded : typeBase + page);
            json.WriteString("title", title);
            json.WriteNumber("status", status);
            json.WriteString("detail", refusal.Detail);
            if (refusal.Existing is { } existing) json.WriteString("existing", existing);
            if (refusal.ViolatedPolicies.Count > 0) WriteNames(json, refusal.ViolatedPolicies);
            if (refusal.Findings.Count > 0) WriteFindings(json, refusal.Findings);
            json.WriteEndObject();
        }
        return new Answer(status, [], output.WrittenMemory) { ContentType = ContentType };
    }

    /// <summary>Answers a request that no Plan has to do with.</summary>
    public static Task WriteAsync(HttpContext http, Refusal refusal) => WriteAsync(http, refusal, Own.Of);

    /// <summary>Answers a request that never became an exchange.</summary>
    public static async Task WriteAsync(HttpContext http, Refusal refusal, Func<Refusal, Answer> problem)
    {
        http.Response.Headers[Answers.CorrelationHeader] = CorrelationId.Of(http);
        Answers.WriteSafety(http.Response.Headers);
        http.Response.Headers.CacheControl = Answers.NoStore;
        WriteHeaders(http.Response, refusal);
        await Answers.WriteAsync(http.Response, problem(refusal), http.RequestAborted);
    }

    public static void WriteHeaders(HttpResponse response, Refusal refusal)
    {
        if (refusal.RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (refusal.Allow is { } allow) response.Headers.Allow = allow;
        if (refusal.Vary is { } vary) response.Headers.Vary = vary;
        if (refusal.Closes) response.Headers.Connection = "close";
        if (refusal.AcceptEncoding is { } codings) response.Headers.AcceptEncoding = codings;
        if (refusal.Challenge is { } challenge) response.Headers.WWWAuthenticate = challenge;
    }

    private static void WriteNames(Utf8JsonWriter json, IReadOnlyList<string> names)
    {
        json.WriteStartArray("violated-policies");
        foreach (var name in names) json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static void WriteFindings(Utf8JsonWriter json, IReadOnlyList<Finding> findings)
    {
        json.WriteStartArray("errors");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            if (finding.In is { } part) json.WriteString("in", part);
            json.WriteString("pointer", finding.Pointer);
            json.WriteString("keyword", finding.Keyword);
            json.WriteString("detail", finding.Detail);
            if (finding.Contract is { } contract) json.WriteString("contract", contract);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
