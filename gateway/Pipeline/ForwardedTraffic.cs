using System.Collections.Frozen;
using Gateway.Pipeline.Backends;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Pipeline;

/// <summary>
/// What of a forwarded request and its answer passes the gateway: callers' credentials stay here; the
/// backend's addresses, cookies and troubles do not reach the caller.
/// </summary>
public sealed class ForwardedTraffic(PublicEndpoints endpoints) : ITransformProvider
{
    /// <summary>
    /// Headers that tell about the inside, that are between a backend and the gateway, or that only the gateway may set; beside those that have a
    /// member of their own.
    /// </summary>
    private static readonly FrozenSet<string> NeverOut = new[]
    {
        "Deprecation", "Idempotency-Replayed", "Proxy-Authenticate", "RateLimit", "RateLimit-Policy", "Refresh", "Server-Timing", "Set-Cookie2", "Strict-Transport-Security", "Sunset", "Trailer",
        "WWW-Authenticate", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Backend-Server", "X-Generator", "X-Powered-By", "X-Runtime", "X-Served-By",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What <c>Connection</c> can't take away.</summary>
    private static readonly FrozenSet<string> Framing = new[] { "Host", "Connection", "Transfer-Encoding", "Upgrade" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        if (endpoints.PlanOf(context.Route.Metadata)?.Backends.GetValueOrDefault(context.Route.ClusterId ?? "")?.Forward is not { } backend) return;
        var gate = endpoints.PlanOf(context.Route.Metadata)!.Backends[context.Route.ClusterId!] is GatedBackend { HeedsForwarded: true } gated ? gated.Gates.One : null;
        // By default YARP tells it in X-Forwarded-*.
        if (backend.Caller != ForwardedForm.XForwarded) context.UseDefaultForwarders = false;
        if (backend.Caller == ForwardedForm.Forwarded) context.AddForwarded(forFormat: NodeFormat.Ip, byFormat: NodeFormat.None);
        if (endpoints.RouteOf(context.Route)?.Protection.EncodedSlashes is true) context.AddRequestTransform(KeepSlashes);
        // What comes behind the body could not be looked at before the body was sent.
        context.CopyResponseTrailers = false;
        context.AddResponseTransform(answer =>
        {
            if (answer.HttpContext.Features.Get<Exchange>() is not { } exchange || answer.ProxyResponse is not { } response) return ValueTask.CompletedTask;
            ForwardHead.Came(answer.HttpContext, (int)response.StatusCode);
            if (gate is not null && GatedForward.IsBusy(gate, response, exchange)) answer.SuppressResponseBody = true;
            else Receive(answer, exchange, (int)response.StatusCode, backend.Authorities);
            if (exchange.Refusal is null && exchange.Route.ReadsAnswer && IsLookedAt(exchange.Route, (int)response.StatusCode))
                AnswerCapture.Begin(answer.HttpContext, passesOn: IsPassedOn(exchange.Route));
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>
    /// What is between the caller and the gateway is taken off the request before YARP copies its headers: taking it off the copy would
    /// cost more than the copy.
    /// </summary>
    public static void Send(Exchange exchange, FrozenSet<string> withheld)
    {
        var headers = exchange.Http.Request.Headers;
        if (headers.Connection.Count > 0) RemoveNamed(headers);
        Withhold(headers, withheld, ofProxies: true);
        if (exchange.Route.ReadsAnswer && !IsPassedOn(exchange.Route)) AskForWhole(headers);
        if (exchange.Route.JudgesAnswer)
        {
            // An answer that says only that nothing has changed tells that there is something.
            foreach (var name in (ReadOnlySpan<string>)[HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince, HeaderNames.IfMatch, HeaderNames.IfUnmodifiedSince]) headers.Remove(name);
        }
        // What the caller takes is made here, of JSON.
        if (exchange.Route.MapsAnswer) headers.Accept = Answer.JsonType;
        // The caller was told to go on when the body was read; the backend has nothing to say to it.
        if (exchange.Route is { ReadsBody: true } or { ReadsBytes: true }) headers.Expect = default;
        headers[Answers.CorrelationHeader] = exchange.CorrelationId;
    }

    /// <summary>Goes over the few headers that there are, and not over the many that there must not be.</summary>
    private static void Withhold(IHeaderDictionary headers, FrozenSet<string> withheld, bool ofProxies)
    {
        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (withheld.Contains(name) || (ofProxies && CallerHeaders.IsOfProxies(name))) (found ??= []).Add(name);
        }
        if (found is null) return;
        foreach (var name in found) headers.Remove(name);
    }

    /// <summary>What <c>Connection</c> names ends at this hop (RFC 9110 section 7.6.1); what frames the body is not for the caller to take away.</summary>
    private static void RemoveNamed(IHeaderDictionary headers)
    {
        foreach (var name in headers.GetCommaSeparatedValues(HeaderNames.Connection))
        {
            if (!name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) && !Framing.Contains(name)) headers.Remove(name);
        }
    }

    private static bool IsLookedAt(PlanRoute route, int status) =>
        route.JudgesAnswer || (route.KeepsAnswer && status == StatusCodes.Status200OK) || route.Surface.ResponseOf(status) is not null || (route.MapsAnswer && status is >= 200 and < 300 and not (204 or 205));

    /// <summary>A contract that only reports does not hold an answer up; a mapping and a condition need the whole of it.</summary>
    private static bool IsPassedOn(PlanRoute route) => route.Surface.Reports && !route.MapsAnswer && !route.JudgesAnswer && !route.KeepsAnswer;

    /// <summary>Nobody could check or map half of an answer, or what is compressed (RFC 9110 section 12.5.3: without the header any coding would do).</summary>
    private static void AskForWhole(IHeaderDictionary headers)
    {
        headers.AcceptEncoding = "identity";
        headers.Range = default;
        headers.IfRange = default;
    }

    private static void Receive(ResponseTransformContext answer, Exchange exchange, int status, FrozenSet<string> inside)
    {
        // Nothing could look at what flows once the protocol was switched.
        if ((exchange.Route.JudgesAnswer && status == StatusCodes.Status101SwitchingProtocols ? Refusals.Of(StatusCodes.Status502BadGateway) : Refusals.Of(status)) is { } refusal)
        {
            exchange.Refusal = refusal;
            answer.SuppressResponseBody = true;
            return;
        }
        var headers = answer.HttpContext.Response.Headers;
        headers.Server = default;
        headers.Via = default;
        headers.SetCookie = default;
        Sharing.Forget(headers);
        if (answer.ProxyResponse!.Headers.NonValidated.TryGetValues("Connection", out var named)) Forget(headers, named);
        Withhold(headers, NeverOut, ofProxies: false);
        headers.Location = Outside(headers.Location, inside);
        headers.ContentLocation = Outside(headers.ContentLocation, inside);
        if (headers.Link.Count > 0)
        {
            foreach (var authority in inside) headers.Link = headers.Link.ToString().Replace($"<http://{authority}/", "</", StringComparison.OrdinalIgnoreCase).Replace($"<https://{authority}/", "</", StringComparison.OrdinalIgnoreCase);
        }
        // The words beside the status are the server's own.
        if (answer.HttpContext.Features.Get<IHttpResponseFeature>() is { } response) response.ReasonPhrase = null;
        // The length of a body that there must not be (RFC 9110 section 6.4.1): the server would wait for it, and break off.
        if (status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            headers.ContentLength = null;
            answer.SuppressResponseBody = true;
        }
        Answers.WriteHeaders(exchange);
    }

    /// <summary>What the backend's <c>Connection</c> names was meant for the gateway (RFC 9110 section 7.6.1).</summary>
    private static void Forget(IHeaderDictionary headers, System.Net.Http.Headers.HeaderStringValues named)
    {
        foreach (var name in named.SelectMany(line => line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (!name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) && !Framing.Contains(name)) headers.Remove(name);
        }
    }

    /// <summary>YARP encodes the % of an encoded slash. One that the caller encoded was refused before.</summary>
    private static ValueTask KeepSlashes(RequestTransformContext request)
    {
        var whole = Yarp.ReverseProxy.Forwarder.RequestUtilities.MakeDestinationAddress(request.DestinationPrefix, request.Path, request.Query.QueryString).AbsoluteUri;
        var path = whole.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? query : whole.Length;
        request.ProxyRequest.RequestUri = new Uri(whole[..path].Replace("%252F", "%2F", StringComparison.OrdinalIgnoreCase) + whole[path..]);
        return ValueTask.CompletedTask;
    }

    /// <summary>A reference into the backend becomes one relative to the gateway, and never one to another host (<c>//host</c>); any other stays.</summary>
    private static string? Outside(string? reference, FrozenSet<string> inside) =>
        Uri.TryCreate(reference, UriKind.Absolute, out var uri) && inside.Contains(uri.Authority) ? "/" + uri.PathAndQuery.TrimStart('/') : reference;
}
