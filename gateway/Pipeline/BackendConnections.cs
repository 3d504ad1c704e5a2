using System.Diagnostics;
using System.Net;
using System.Text;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Pipeline;

/// <summary>The connections that YARP forwards over, with what their backend is shown in TLS. They outlive a reload that changes nothing of that.</summary>
internal sealed class BackendConnections(PublicEndpoints endpoints, Outside outside) : IForwarderHttpClientFactory
{
    public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context)
    {
        if (context.OldClient is { } old && context.OldConfig == context.NewConfig && IsAs(context.OldMetadata, context.NewMetadata)) return old;
        var backend = endpoints.PlanOf(context.NewMetadata)?.Backends.GetValueOrDefault(context.ClusterId);
        var (credential, connections) = (backend?.Credential ?? Credential.None, backend?.Forward?.Connections ?? new ConnectionOptions());
        return new HttpMessageInvoker(outside.Backend(context.ClusterId, () => credential.Connect(() => Sockets(connections))), disposeHandler: true);
    }

    private static bool IsAs(IReadOnlyDictionary<string, string>? then, IReadOnlyDictionary<string, string>? now) =>
        new[] { ProxyConfig.TlsIdentity, ProxyConfig.Connections }.All(name => then?.GetValueOrDefault(name) == now?.GetValueOrDefault(name));

    /// <summary>As YARP makes them: nothing is followed, unpacked or kept between caller and backend.</summary>
    private static SocketsHttpHandler Sockets(ConnectionOptions options) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        // As the server reads and writes them: what is no ASCII goes on as it came.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
        ConnectTimeout = options.Connect,
        PooledConnectionLifetime = options.Lifetime,
        PooledConnectionIdleTimeout = options.Idle,
        MaxConnectionsPerServer = options.Max ?? int.MaxValue,
    };
}
