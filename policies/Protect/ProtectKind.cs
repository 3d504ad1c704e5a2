using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Policies.Protect;

/// <summary>
/// What a route takes of strangers, before anybody asks who they are: sizes, addresses, forms of body and path, and what pages of other origins
/// may do. What is judged here is judged before a byte of the body is read; bodies themselves, where they are read.
/// </summary>
public sealed class ProtectKind : PolicyKind<ProtectOptions>
{
    private const string Slash = "%2F";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public override string Name => "protect";

    public override string Summary => "Bounds what a route takes of anybody, from whom it takes it, and what pages of other origins may do.";

    protected override void Describe(ProtectOptions options, PolicyScope scope, Surface surface)
    {
        surface.Protection = ProtectionOf(options);
        surface.Failures.UnionWith(FailuresOf(options));
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(ProtectOptions options, Consumer? consumer)
    {
        var texts = ProtectTexts.Of(options).ToList();
        foreach (var (text, ofBody) in texts.Select(t => (t, t.StartsWith(ProtectTexts.Json, StringComparison.Ordinal))))
            yield return (ofBody ? Phase.ReadBody : Phase.Protect, text);
    }

    protected override IEnumerable<PolicyEffect> Compare(ProtectOptions? before, ProtectOptions? after, Compared world) =>
        new ProtectChanges(before ?? new(), after ?? new(), world).Find();

    protected override IEnumerable<PolicyStep> Compile(ProtectOptions options, PolicyScope scope)
    {
        new ProtectChecks(options, scope).Check();
        if (options.Addresses is { } addresses) yield return AddressGate.Of(addresses).Step;
        if (options.Cors is not null) yield return new PolicyStep(Phase.Protect, Preflight);
        if (HasSizes(options)) yield return new PolicyStep(Phase.Protect, (exchange, next) => Measure(exchange, next, options));
        if (options.Path.EncodedSlashes) yield return new PolicyStep(Phase.Protect, DecodeSlashes);
        if (options.BodyRate is { } rate) yield return new PolicyStep(Phase.Protect, Hurry(new MinDataRate(rate, Grace)));
    }

    private static bool HasSizes(ProtectOptions options) => (options.Url ?? options.Query ?? options.Headers ?? options.HeadersSize) is not null;

    /// <summary>The question of a browser is answered before anybody asks who it is: it brings no credentials (Fetch Standard, CORS-preflight fetch).</summary>
    private static ValueTask Preflight(Exchange exchange, ExchangeDelegate next)
    {
        if (!HttpMethods.IsOptions(exchange.Http.Request.Method)) return next(exchange);
        exchange.Answer = new Answer(StatusCodes.Status204NoContent, [], default);
        return ValueTask.CompletedTask;
    }

    private static ValueTask Measure(Exchange exchange, ExchangeDelegate next, ProtectOptions options)
    {
        var request = exchange.Http.Request;
        // Behind the question mark.
        var query = request.QueryString.HasValue ? request.QueryString.Value!.Length - 1 : 0;
        if (query > options.Query) return Refuse(exchange, Failure.UriTooLong, $"The query is longer than {options.Query} characters.", "query-long");
        if (options.Url is { } url && exchange.Http.Features.Get<IHttpRequestFeature>()?.RawTarget.Length > url)
            return Refuse(exchange, Failure.UriTooLong, $"The path with its query is longer than {url} characters.", "url-long");
        if (request.Headers.Count > options.Headers) return Refuse(exchange, Failure.HeadersTooLarge, $"The request has more than {options.Headers} headers.", "headers-many");
        if (options.HeadersSize is { } size && SizeOf(request.Headers) > size)
            return Refuse(exchange, Failure.HeadersTooLarge, $"The headers are longer than {size} characters together.", "headers-long");
        return next(exchange);
    }

    /// <summary>The server leaves %2F in parameters; to policies and operations it is a slash.</summary>
    private static ValueTask DecodeSlashes(Exchange exchange, ExchangeDelegate next)
    {
        var values = exchange.Http.Request.RouteValues;
        foreach (var (name, value) in values.ToList())
        {
            if (value is string text && text.Contains(Slash, StringComparison.OrdinalIgnoreCase)) values[name] = text.Replace(Slash, "/", StringComparison.OrdinalIgnoreCase);
        }
        return next(exchange);
    }

    private static long SizeOf(IHeaderDictionary headers)
    {
        long size = 0;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values) size += name.Length + (value?.Length ?? 0);
        }
        return size;
    }

    /// <summary>The server measures while it reads; where there is none, as in cases of routes, nothing is slow.</summary>
    private static Func<Exchange, ExchangeDelegate, ValueTask> Hurry(MinDataRate rate) => (exchange, next) =>
    {
        if (exchange.Http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } feature) feature.MinDataRate = rate;
        return next(exchange);
    };

    private static ValueTask Refuse(Exchange exchange, Failure failure, string detail, string reason) => exchange.Refuse(new Refusal(failure, detail) { Reason = reason });

    private static Protection ProtectionOf(ProtectOptions options) => new()
    {
        MaxBody = options.Body,
        Json = options.Json is { } json ? new JsonBounds { Depth = json.Depth, Members = json.Members, Elements = json.Elements, String = json.String, Number = json.Number } : null,
        MediaTypes = [.. options.MediaTypes.Select(t => t.ToLowerInvariant())],
        Encodings = [.. options.Encodings.Select(ProtectTexts.Word)],
        Ratio = options.Ratio,
        TakesXml = options.Xml,
        EncodedSlashes = options.Path.EncodedSlashes,
        Semicolons = options.Path.Semicolons,
        Cors = options.Cors is { } cors ? new CrossOrigin(cors.Origins, cors.Headers, cors.Expose, cors.MaxAge, cors.Credentials) : null,
        HidesFrom = options.Addresses is { Else: 404 } addresses ? AddressGate.Of(addresses).Denies : null,
        CacheControl = options.CacheControl,
    };

    private static IEnumerable<Failure> FailuresOf(ProtectOptions options)
    {
        if ((options.Url ?? options.Query) is not null) yield return Failure.UriTooLong;
        if ((options.Headers ?? options.HeadersSize) is not null) yield return Failure.HeadersTooLarge;
        if (options.MediaTypes.Count + options.Encodings.Count > 0) yield return Failure.UnsupportedMediaType;
        if (options.Json is not null || options.Xml) yield return Failure.MalformedBody;
        if (options.Addresses is { } addresses) yield return addresses.Else == 404 ? Failure.NotFound : Failure.Forbidden;
    }
}
