using System.Globalization;
using System.Text.Json;

namespace Gateway.Pipeline;

/// <summary>From an exchange that has ended to the bytes the caller sees.</summary>
internal static class Answers
{
    public const string CorrelationHeader = "X-Correlation-Id";

    /// <summary>Of refusals, and of what somebody in particular was told.</summary>
    public const string NoStore = "no-store";

    /// <summary>The answer to work that is done, before the response mapping: its body is the backend's record.</summary>
    public static Answer Of(Exchange exchange, PlanTarget.Call target)
    {
        var record = exchange.Result!.Record;
        return Of(exchange, target, exchange.Object?.Id ?? exchange.Intent?.ObjectId, record);
    }

    /// <summary>The answer to work that is done, and of which the backend's words are not known: an operator said so.</summary>
    public static Answer WithoutRecord(Exchange exchange, PlanTarget.Call target, string id) => target.Creates is null
        ? new Answer(StatusCodes.Status204NoContent, [], default)
        : Of(exchange, target, id, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["id"] = id }));

    /// <summary>An answer to work that is done, with a body.</summary>
    public static Answer Of(Exchange exchange, PlanTarget.Call target, string? id, ReadOnlyMemory<byte> body)
    {
        if (target.Creates is null) return new Answer(StatusCodes.Status200OK, [], body);
        return new Answer(exchange.Existing ? StatusCodes.Status200OK : StatusCodes.Status201Created, [new("Location", LocationOf(exchange, id!))], body);
    }

    /// <summary>Where what a route has created, or will, is read; where no route reads it, under the path that it was sent to.</summary>
    public static string LocationOf(Exchange exchange, string id) => exchange.Route.ReadBy.Value is { } read
        ? read.To(id, exchange.Http.Request.RouteValues)
        : $"{exchange.Http.Request.Path.ToUriComponent().TrimEnd('/')}/{id}";

    /// <summary>Headers that belong to this exchange, not to the stored answer.</summary>
    public static void WriteHeaders(Exchange exchange)
    {
        var headers = exchange.Http.Response.Headers;
        headers[CorrelationHeader] = exchange.CorrelationId;
        WriteSafety(headers);
        if (CachingOf(exchange) is { } caching) headers.CacheControl = caching;
        if (exchange.Limits is { } limits) WriteLimits(headers, limits);
        if (exchange.Idempotency is { Replayed: true }) headers["Idempotency-Replayed"] = "true";
        if (exchange.Hidden) return;
        exchange.Route.Share?.Invoke(exchange.Http);
        if (exchange.Route.Life is { } life) WriteLife(headers, life);
        if (exchange.Route.Version is { } version && !headers.Vary.Contains(version.Header)) headers.Append("Vary", version.Header);
    }

    /// <summary>No browser shall guess what an answer is.</summary>
    public static void WriteSafety(IHeaderDictionary headers) => headers.XContentTypeOptions = "nosniff";

    /// <summary>What caches are told (RFC 9111 section 5.2.2); null for what the answer itself says.</summary>
    private static string? CachingOf(Exchange exchange)
    {
        if (exchange.Refusal is not null) return NoStore;
        // The cache on the route goes by what its backend says, and says itself what callers may keep.
        if (exchange.Route.KeepsAnswer) return null;
        return exchange.Route.Protection.CacheControl is { } declared && exchange.Http.Response.StatusCode < 300 ? declared : exchange.Consumer is null ? null : NoStore;
    }

    /// <summary>In place of what a backend says of its own life; its links stay.</summary>
    private static void WriteLife(IHeaderDictionary headers, RouteLife life)
    {
        if (life.DeprecationHeader is { } deprecation) headers["Deprecation"] = deprecation;
        if (life.SunsetHeader is { } sunset) headers["Sunset"] = sunset;
        if (life.LinkHeader is { } links && !headers.Link.Contains(links)) headers.Append("Link", links);
    }

    public static async ValueTask WriteAsync(Exchange exchange)
    {
        var response = exchange.Http.Response;
        if (response.HasStarted) return;
        if (exchange.Refusal is not null) response.Clear();
        WriteHeaders(exchange);
        if (exchange.Refusal is { } refusal)
        {
            Problems.WriteHeaders(response, refusal);
            await WriteAsync(response, exchange.Route.Problem(AsTold(exchange, refusal)), exchange.Aborted);
        }
        else if (exchange.Answer is { } answer)
        {
            await WriteAsync(response, answer, exchange.Aborted);
        }
    }

    /// <summary>Where objects are hidden, one 404 is like the other, byte for byte.</summary>
    private static Refusal AsTold(Exchange exchange, Refusal refusal) =>
        refusal.Failure == Failure.NotFound && exchange.Route.Surface.HidesObjects && !exchange.Hidden ? refusal with { Detail = Refusal.NothingThere } : refusal;

    public static async ValueTask WriteAsync(HttpResponse response, Answer answer, CancellationToken cancellation)
    {
        response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers) response.Headers[name] = value;
        // Neither has a body, and a 204 not even its length (RFC 9110 sections 8.6 and 15.4.5).
        if (answer.Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified) return;
        response.ContentType = answer.ContentType.Length > 0 ? answer.ContentType : null;
        response.ContentLength = answer.Body.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method)) await response.Body.WriteAsync(answer.Body, cancellation);
    }

    /// <summary>draft-ietf-httpapi-ratelimit-headers, section 3: one item a limit, quota and window in the policy, what remains in the other.</summary>
    private static void WriteLimits(IHeaderDictionary headers, List<LimitState> limits)
    {
        if (limits.Count == 0) return;
        headers["RateLimit-Policy"] = limits is [var only] ? only.Policy : string.Join(", ", limits.Select(l => l.Policy));
        headers["RateLimit"] = limits is [var one] ? StateOf(one) : string.Join(", ", limits.Select(StateOf));
    }

    private static string StateOf(LimitState limit) => limit.ResetSeconds is { } reset
        ? string.Create(CultureInfo.InvariantCulture, $"\"{limit.Name}\";r={limit.Remaining};t={reset}")
        : string.Create(CultureInfo.InvariantCulture, $"\"{limit.Name}\";r={limit.Remaining}");
}
