namespace Gateway.Delivery.Webhooks;

/// <summary>Two sets of connections: for the subscriptions of the workspace, and for those that partners have made themselves.</summary>
internal sealed class SeparateWays(HttpMessageHandler declared, HttpMessageHandler own) : HttpMessageHandler
{
    /// <summary>Of a request: the partner has made its subscription itself.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsOwn = new("gateway.webhook.own");

    private readonly HttpMessageInvoker _declared = new(declared);
    private readonly HttpMessageInvoker _own = new(own);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        (request.Options.TryGetValue(IsOwn, out var isOwn) && !isOwn ? _declared : _own).SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _declared.Dispose();
            _own.Dispose();
        }
        base.Dispose(disposing);
    }
}
