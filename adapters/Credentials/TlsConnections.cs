using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Adapters.Credentials;

/// <summary>
/// Connections that show a certificate and trust declared authorities, as they are now: after a change requests go over new ones. What is under
/// way ends on the old ones, which close by themselves when they are idle.
/// </summary>
internal sealed class TlsConnections(Followed<SslStreamCertificateContext>? certificate, Followed<X509Certificate2Collection>? authorities, Func<SocketsHttpHandler> connections) : HttpMessageHandler
{
    private readonly Lock _one = new();
    private volatile Opened? _opened;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Current().Sender.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _opened?.Sender.Dispose();
        base.Dispose(disposing);
    }

    private Opened Current()
    {
        var (shown, trusted) = (certificate?.Now, authorities?.Now);
        if (_opened is { } opened && opened.Shown == shown && opened.Trusted == trusted) return opened;
        lock (_one)
        {
            if (_opened is { } already && already.Shown == shown && already.Trusted == trusted) return already;
            return _opened = new Opened(shown, trusted, new HttpMessageInvoker(Open(shown, trusted)));
        }
    }

    private SocketsHttpHandler Open(SslStreamCertificateContext? shown, X509Certificate2Collection? trusted)
    {
        var sockets = connections();
        sockets.SslOptions.ClientCertificateContext = shown;
        if (trusted is null) return sockets;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(trusted);
        sockets.SslOptions.CertificateChainPolicy = policy;
        return sockets;
    }

    private sealed record Opened(SslStreamCertificateContext? Shown, X509Certificate2Collection? Trusted, HttpMessageInvoker Sender);
}
