using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Pipeline;

/// <summary>
/// What of a forwarded request and its answer passes the gateway: callers' credentials stay here and the backend's own are added; the
/// backend's addresses, cookies and troubles do not reach the caller.
/// </summary>
public sealed class ForwardedTraffic(PublicEndpoints endpoints) : ITransformProvider
{
    /// <summary>Headers between the caller and the gateway; a backend never sees them.</summary>
    private static readonly string[] CallersOnly = ["Authorization", "Cookie", "X-Api-Key", "Proxy-Authorization", Answers.CorrelationHeader];

    /// <summary>Headers that tell about the inside, or that only the gateway may set.</summary>
    private static readonly string[] NeverOut =
    [
        "Server", "X-Powered-By", "Via", "X-AspNet-Version", "X-AspNetMvc-Version", "Set-Cookie", "RateLimit", "RateLimit-Policy", Answers.CorrelationHeader,
    ];

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        if (endpoints.PlanOf(context.Route)?.Backends.GetValueOrDefault(context.Route.ClusterId ?? "")?.Forward is not { } backend) return;
        context.AddRequestTransform(request =>
        {
            var headers = request.ProxyRequest.Headers;
            foreach (var name in CallersOnly) headers.Remove(name);
            foreach (var (name, secret) in backend.Headers) headers.TryAddWithoutValidation(name, secret.Reveal());
            if (request.HttpContext.Features.Get<Exchange>() is { } exchange) headers.TryAddWithoutValidation(Answers.CorrelationHeader, exchange.CorrelationId);
            return ValueTask.CompletedTask;
        });
        context.AddResponseTransform(answer =>
        {
            if (answer.HttpContext.Features.Get<Exchange>() is { } exchange && answer.ProxyResponse is { } response) Receive(answer, exchange, (int)response.StatusCode, backend.Url);
            return ValueTask.CompletedTask;
        });
    }

    private static void Receive(ResponseTransformContext answer, Exchange exchange, int status, Uri backend)
    {
        if (Refusals.Of(status) is { } refusal)
        {
            exchange.Refusal = refusal;
            answer.SuppressResponseBody = true;
            return;
        }
        var headers = answer.HttpContext.Response.Headers;
        foreach (var name in NeverOut) headers.Remove(name);
        headers.Location = Outside(headers.Location, backend);
        headers.ContentLocation = Outside(headers.ContentLocation, backend);
        Answers.WriteHeaders(exchange);
    }

    /// <summary>A reference into the backend becomes one relative to the gateway; any other stays.</summary>
    private static string? Outside(string? reference, Uri backend) =>
        Uri.TryCreate(reference, UriKind.Absolute, out var uri) && uri.Authority == backend.Authority ? uri.PathAndQuery : reference;
}
