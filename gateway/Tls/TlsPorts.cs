using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gateway.Hosting;
using Gateway.Pipeline;
using Gateway.Policies.Authenticate;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Gateway.Tls;

/// <summary>
/// TLS of both ports. Which addresses are https is settled at start; the certificates, and whether callers are asked for theirs, are what the
/// Plan says as each connection begins.
/// </summary>
internal sealed partial class TlsPorts(CurrentPlan plans, ILogger<TlsPorts> log)
{
    private volatile PlanTls? _tls;

    /// <summary>Whether the public port has an https address.</summary>
    public bool ServesHttps { get; private set; }

    /// <summary>As the newest Plan declares it; or the last one that did, since the addresses stay.</summary>
    public PlanTls Declared => _tls ?? throw new InvalidOperationException("no port has TLS");

    /// <summary>Takes over the Plan that the gateway starts with.</summary>
    /// <param name="urls">Null where there is no public port.</param>
    /// <exception cref="FormatException">An address is malformed.</exception>
    /// <exception cref="StartRefusedException">The addresses and <c>tls:</c> do not go together.</exception>
    public void Open(string? urls, string adminUrls)
    {
        var (open, admin, tls) = (Addresses.Parse(urls ?? ""), Addresses.Parse(adminUrls), plans.Current.Tls);
        ServesHttps = open.Any(Addresses.IsHttps);
        if (tls is null && (ServesHttps || admin.Any(Addresses.IsHttps)))
            throw new StartRefusedException("An https address shows a certificate, and the workspace declares none. Add tls: to it.");
        if (tls is not null && urls is not null && !ServesHttps)
            throw new StartRefusedException("The workspace declares tls:, and no public address is https. Name one with --urls: https://0.0.0.0:8443.");
        if (tls is { Options.Plain: null } && !open.All(Addresses.IsHttps))
            throw new StartRefusedException("An http address beside https does what tls.plain of the workspace says, and it says nothing. Add plain: redirect or plain: refuse, or leave the address out.");
        _tls = tls;
        plans.Taking += Take;
    }

    public void SecurePublic(ListenOptions listen) => Secure(listen, tls => tls.Public, asks: true);

    public void SecureAdmin(ListenOptions listen) => Secure(listen, tls => tls.Admin, asks: false);

    private void Take(Plan plan)
    {
        if (plan.Tls is not null) _tls = plan.Tls;
        else if (_tls is not null) Missing();
    }

    private void Secure(ListenOptions listen, Func<PlanTls, IReadOnlyList<Followed<ServerCertificate>>> shown, bool asks) => listen.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = hello => new(Answer(hello, Declared, shown, asks && plans.Current.AsksForCertificates)),
    });

    private static SslServerAuthenticationOptions Answer(TlsHandshakeCallbackContext hello, PlanTls tls, Func<PlanTls, IReadOnlyList<Followed<ServerCertificate>>> shown, bool asks)
    {
        var certificate = PlanTls.Find(shown(tls), hello.ClientHelloInfo.ServerName) ?? throw new AuthenticationException("there is no certificate to show");
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate.Context,
            EnabledSslProtocols = tls.Options.Oldest == TlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
        };
        if (asks) Ask(options, hello.Connection);
        return options;
    }

    /// <summary>
    /// Asks the caller for a certificate, and lets it come without one, or with any: the route says which ones it takes. What was shown is kept
    /// beside the connection. A resumed session would not tell the whole chain again, so none is.
    /// </summary>
    private static void Ask(SslServerAuthenticationOptions options, ConnectionContext connection)
    {
        options.ClientCertificateRequired = true;
        options.AllowTlsResume = false;
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            // Judged later, by the route's authorities. A stranger's certificate must not make the gateway fetch what it names.
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            VerificationFlags = X509VerificationFlags.AllFlags,
        };
        options.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            if (certificate is not null) connection.Features.Set(Of(certificate, chain));
            return true;
        };
    }

    private static PeerCertificate Of(X509Certificate certificate, X509Chain? chain)
    {
        var leaf = certificate.GetRawCertData();
        var others = (chain?.ChainPolicy.ExtraStore ?? []).Select(c => c.RawData).Where(c => !c.AsSpan().SequenceEqual(leaf)).Take(PeerCertificate.MostIntermediates);
        return new PeerCertificate(leaf, [.. others.Select(c => (ReadOnlyMemory<byte>)c)]);
    }

    [LoggerMessage(1, LogLevel.Error, "The workspace declares tls: no more, and the https addresses stay until the gateway is started anew: the certificates are those declared last")]
    private partial void Missing();
}
