using System.Buffers.Text;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Policies.Cache;

/// <summary>
/// Gives answers again (RFC 9111), each to its partner alone, and tells how old they are (<c>Age</c>) and where they come from
/// (<c>Cache-Status</c>, RFC 9211). Of many who ask for the same at once, one asks the backend and the others wait for what it gets.
/// </summary>
internal sealed class Recall(CacheOptions options, AnswerCache cache)
{
    private static readonly Meter Meter = new("Gateway.Policies");
    private static readonly Counter<long> Asked = Meter.CreateCounter<long>("gateway.cache.requests", "{request}", "Requests of cached routes, by route and what they got: hit, miss, stale.");

    /// <summary>The phase Recall, around the target.</summary>
    public async ValueTask RunAsync(Exchange exchange, ExchangeDelegate next)
    {
        var request = exchange.Http.Request;
        var (wish, wanted) = (Freshness.WishOf(request.Headers), request.Headers.IfNoneMatch);
        // The tags are the gateway's, of what its callers see: a backend has none of them.
        foreach (var name in (ReadOnlySpan<string>)[HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince, HeaderNames.IfMatch, HeaderNames.IfUnmodifiedSince]) request.Headers.Remove(name);
        var key = KeyOf(exchange);
        // The body of a GET means nothing (RFC 9110 section 9.3.1), but a backend may look at it.
        var found = wish.NoStore || exchange.Http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? await PassAsync(exchange, next) : await GetAsync(exchange, next, key, wish);
        if (exchange is not { Refusal: null, Answer: { Status: StatusCodes.Status200OK } answer }) return;
        Tell(exchange, found);
        NotModified(exchange, answer, wanted);
    }

    /// <summary>The phase Keep, right behind the target: what it said is kept, unless the road behind finds that it can't be used.</summary>
    public async ValueTask KeepAsync(Exchange exchange, ExchangeDelegate next)
    {
        if (exchange.Recalling is not { } recalling)
        {
            await next(exchange);
            return;
        }
        var headers = exchange.Http.Response.Headers;
        var lifetime = exchange.Result is null ? Freshness.Of(headers, options) : new Lifetime(options.For, options.StaleIfError, TimeSpan.Zero);
        var answer = lifetime is { } life ? KeptAnswer.Of(exchange, life) : null;
        string[] vary = exchange.Result is null ? headers.GetCommaSeparatedValues(HeaderNames.Vary) : [];
        await next(exchange);
        if (answer is null || IsOfTarget(exchange.Refusal)) return;
        cache.Keep(recalling.Key, exchange.Http.Request, vary, answer);
        // One that is larger than the cache is not.
        recalling.IsKept = cache.Find(recalling.Key, exchange.Http.Request) is not null;
    }

    private async ValueTask<Found> GetAsync(Exchange exchange, ExchangeDelegate next, string key, CacheControlHeaderValue wish)
    {
        var request = exchange.Http.Request;
        while (true)
        {
            var now = exchange.Clock.GetUtcNow();
            // What was kept since the request came is as new as it can be.
            if (cache.Find(key, request) is { } known && (known.KeptAt >= exchange.StartedAt ? known.FreshFor(now) > TimeSpan.Zero : Freshness.Takes(wish, known, now)))
                return await GiveAsync(exchange, next, known, "hit");
            if (cache.Lead(key, request, out var flight)) return await LeadAsync(exchange, next, key, flight);
            var landed = await flight.Landed.WaitAsync(exchange.Aborted);
            if (landed.Ended == Landed.LookAgain) continue;
            if (landed.Ended == Landed.NotKept) return await PassAsync(exchange, next);
            exchange.Refusal = landed.Refusal;
            return await StandInAsync(exchange, next, key);
        }
    }

    private async ValueTask<Found> LeadAsync(Exchange exchange, ExchangeDelegate next, string key, Flight flight)
    {
        var landing = new Landing(Landed.LookAgain);
        try
        {
            var recalling = exchange.Recalling = new Recalling(key);
            await next(exchange);
            if (IsOfTarget(exchange.Refusal)) landing = new Landing(Landed.Failed, exchange.Refusal);
            else if (!recalling.IsKept && !exchange.Aborted.IsCancellationRequested) landing = new Landing(Landed.NotKept);
        }
        finally
        {
            exchange.Recalling = null;
            flight.Land(landing);
        }
        return await StandInAsync(exchange, next, key);
    }

    /// <summary>Where the backend failed, a stale answer may take the place of the refusal (RFC 5861 section 4).</summary>
    private async ValueTask<Found> StandInAsync(Exchange exchange, ExchangeDelegate next, string key)
    {
        if (!IsOfTarget(exchange.Refusal) || exchange.Http.Response.HasStarted || cache.Find(key, exchange.Http.Request) is not { } stale || !stale.StandsIn(exchange.Clock.GetUtcNow()))
        {
            Count(exchange, "miss");
            return new Found("fwd=miss", KeptNow(exchange, key));
        }
        exchange.Refusal = null;
        return await GiveAsync(exchange, next, stale, "stale");
    }

    private static async ValueTask<Found> PassAsync(Exchange exchange, ExchangeDelegate next)
    {
        await next(exchange);
        Count(exchange, "miss");
        return new Found("fwd=request", null);
    }

    private static async ValueTask<Found> GiveAsync(Exchange exchange, ExchangeDelegate next, KeptAnswer known, string how)
    {
        known.Give(exchange);
        // An operation that has its result is not called; YARP has no such way, and what is behind it runs by itself.
        if (known.Result is not null) await next(exchange);
        else await exchange.Route.Respond(exchange);
        Count(exchange, how);
        return new Found(how == "hit" ? "hit" : "fwd=stale; detail=stale-if-error", known);
    }

    /// <summary>What was kept while this request was under way.</summary>
    private KeptAnswer? KeptNow(Exchange exchange, string key) => cache.Find(key, exchange.Http.Request) is { } kept && kept.KeptAt >= exchange.StartedAt ? kept : null;

    /// <summary>
    /// Partner, what was asked for and at which host (backends are told), and what a mapping made of it; of one Plan, so that no answer outlives what
    /// it was asked of.
    /// </summary>
    private static string KeyOf(Exchange exchange)
    {
        var request = exchange.Http.Request;
        var input = exchange.Input.IsEmpty ? "" : Convert.ToHexStringLower(SHA256.HashData(exchange.Input.Span));
        return $"{exchange.Tenant}\n{exchange.Route.Revision}\n{exchange.Route.Name}\n{request.Scheme}://{request.Host.Value?.ToLowerInvariant()}{request.Path}{request.QueryString}\n{input}";
    }

    /// <summary>Whether it was the backend that failed, and not the caller.</summary>
    private static bool IsOfTarget(Refusal? refusal) => refusal is { Failure: Failure.BackendUnavailable or Failure.BackendUnusable or Failure.DeadlineExceeded };

    private static void Count(Exchange exchange, string result) =>
        Asked.Add(1, new KeyValuePair<string, object?>("route", exchange.Route.Name), new KeyValuePair<string, object?>("result", result));

    /// <summary>Age, life and origin of the answer. What a caller may keep of it is his alone, unless the route is public.</summary>
    private static void Tell(Exchange exchange, Found found)
    {
        var headers = exchange.Http.Response.Headers;
        headers["Cache-Status"] = $"gateway; {found.Status}";
        if (found.Known is not { } known)
        {
            // What a backend says of an answer that is not kept here is the caller's to obey.
            if (headers.CacheControl.Count == 0) headers.CacheControl = "no-cache";
            return;
        }
        // Callers count the age against max-age themselves (RFC 9111 section 4.2).
        var (fresh, age) = ((long)known.Lifetime.Fresh.TotalSeconds, (long)Math.Max(0, known.Age(exchange.Clock.GetUtcNow()).TotalSeconds));
        headers["Cache-Status"] = string.Create(CultureInfo.InvariantCulture, $"gateway; {found.Status}; ttl={fresh - age}");
        headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"{(exchange.Consumer is null ? "public" : "private")}, max-age={fresh}");
        headers.Age = age.ToString(CultureInfo.InvariantCulture);
        headers.Expires = default;
        headers.Pragma = default;
    }

    /// <summary>The tag of what the caller sees (RFC 9110 section 8.8.3), and 304 where it has that already (section 13.1.2).</summary>
    private static void NotModified(Exchange exchange, Answer answer, StringValues wanted)
    {
        var headers = exchange.Http.Response.Headers;
        var tag = $"\"{Base64Url.EncodeToString(SHA256.HashData(answer.Body.Span).AsSpan(0, 16))}\"";
        headers.ETag = tag;
        if (!Matches(wanted, tag)) return;
        exchange.Http.Response.StatusCode = StatusCodes.Status304NotModified;
        exchange.Answer = new Answer(StatusCodes.Status304NotModified, answer.Headers, default) { ContentType = "" };
    }

    /// <summary>Weakly (RFC 9110 section 13.1.2).</summary>
    private static bool Matches(StringValues wanted, string tag) => wanted.Count > 0 && EntityTagHeaderValue.TryParseList(wanted, out var tags)
        && tags.Any(t => t == EntityTagHeaderValue.Any || t.Tag == tag);

    /// <param name="Status">Parameters of <c>Cache-Status</c>.</param>
    /// <param name="Known">What is kept of the answer; null where nothing is.</param>
    private readonly record struct Found(string Status, KeptAnswer? Known);
}
