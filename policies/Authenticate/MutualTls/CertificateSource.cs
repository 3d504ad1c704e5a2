using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// Where a caller's certificate comes from: the connection's own, or, where a declared proxy ends TLS and says so in its header, that header. Of
/// such a proxy only the header counts, since the connection's certificate is the proxy's; of everybody else the header counts nothing.
/// </summary>
internal static class CertificateSource
{
    public static bool IsPresented(HttpContext http) => http.Features.Get<CertificateTeller>() is { } teller ? Told(http, teller).Count > 0 : http.Features.Get<PeerCertificate>() is not null;

    /// <summary>The certificate; null for a header that is none.</summary>
    public static PeerCertificate? Of(HttpContext http) => http.Features.Get<CertificateTeller>() switch
    {
        null => http.Features.Get<PeerCertificate>(),
        { Header: CertificateHeader.ClientCert } teller => CertificateHeaders.OfClientCert(Told(http, teller), http.Request.Headers[CertificateHeaders.ClientCertChain]),
        var teller => CertificateHeaders.OfForwardedClientCert(Told(http, teller)),
    };

    public static void TakeOff(HttpContext http)
    {
        foreach (var name in CertificateHeaders.All) http.Request.Headers.Remove(name);
    }

    private static StringValues Told(HttpContext http, CertificateTeller teller) =>
        http.Request.Headers[teller.Header == CertificateHeader.ClientCert ? CertificateHeaders.ClientCert : CertificateHeaders.ForwardedClientCert];
}
