using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Gateway.Pipeline;

/// <summary>
/// What pages of other origins may do at a route, as the framework's CORS judges it. Which methods and headers there are follows from the route
/// and its policies.
/// </summary>
internal sealed class Sharing
{
    private static readonly CorsService Judge = new(Options.Create(new CorsOptions()), NullLoggerFactory.Instance);

    private readonly CorsPolicy _policy;

    private Sharing(CorsPolicy policy) => _policy = policy;

    public static Sharing? Of(Surface surface, string method)
    {
        if (surface.Protection.Cors is not { } declared) return null;
        var policy = new CorsPolicyBuilder().WithMethods(method)
            .WithHeaders([.. HeadersOf(surface, method).Concat(declared.Headers).Distinct(StringComparer.OrdinalIgnoreCase)])
            .WithExposedHeaders([.. ExposedOf(surface).Concat(declared.Expose).Distinct(StringComparer.OrdinalIgnoreCase)])
            .SetPreflightMaxAge(declared.MaxAge);
        if (declared.Origins.Contains("*")) policy.AllowAnyOrigin();
        else policy.WithOrigins([.. declared.Origins]);
        if (declared.Credentials) policy.AllowCredentials();
        return new Sharing(policy.Build());
    }

    /// <summary>For an answer to anybody: what a page may do depends on its origin, and caches must know that of every answer.</summary>
    public void Write(HttpContext http)
    {
        var headers = http.Response.Headers;
        if (!headers.Vary.Contains(HeaderNames.Origin)) headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        Forget(headers);
        if (http.Request.Headers.Origin.Count == 0) return;
        var result = Judge.EvaluatePolicy(http, _policy);
        result.VaryByOrigin = false;
        Judge.ApplyResult(result, http.Response);
    }

    /// <summary>What pages of other origins may do is said by the route for each answer, by nobody behind it, and by no answer before.</summary>
    public static void Forget(IHeaderDictionary headers)
    {
        headers.AccessControlAllowOrigin = default;
        headers.AccessControlAllowCredentials = default;
        headers.AccessControlAllowMethods = default;
        headers.AccessControlAllowHeaders = default;
        headers.AccessControlExposeHeaders = default;
        headers.AccessControlMaxAge = default;
    }

    private static IEnumerable<string> HeadersOf(Surface surface, string method)
    {
        if (method is "POST" or "PUT" or "PATCH") yield return HeaderNames.ContentType;
        yield return Answers.CorrelationHeader;
        foreach (var header in surface.RequestHeaders) yield return header.Name;
        foreach (var credential in surface.Credentials.SelectMany(c => c.Parts))
        {
            if (credential is SurfaceCredential.ApiKey key) yield return key.Header;
            if (credential is SurfaceCredential.Token) yield return HeaderNames.Authorization;
            if (credential is SurfaceCredential.Signature signature) yield return signature.Header;
        }
    }

    private static IEnumerable<string> ExposedOf(Surface surface) =>
        surface.AnswerHeaders.Select(h => h.Name).Concat([Answers.CorrelationHeader, HeaderNames.RetryAfter, "RateLimit", "RateLimit-Policy", "Idempotency-Replayed"]);
}
