using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Tests.Conformance.Tls;

/// <summary>A certificate authority of a test's own: roots, authorities below them, certificates for servers and clients, and revocation lists.</summary>
internal sealed class TestAuthority
{
    public const string ForClients = "1.3.6.1.5.5.7.3.2";
    public const string ForServers = "1.3.6.1.5.5.7.3.1";

    private readonly TestAuthority? _above;

    private TestAuthority(X509Certificate2 certificate, TestAuthority? above) => (Certificate, _above) = (certificate, above);

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem() + "\n";

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static TestAuthority Root(string name, DateTimeOffset? until = null)
    {
        var request = Request($"CN={name}", NewKey());
        MakeAuthority(request);
        var from = Now.AddYears(-1);
        return new TestAuthority(request.CreateSelfSigned(from, until ?? Now.AddYears(5)), null);
    }

    /// <summary>An authority that this one certifies.</summary>
    public TestAuthority Below(string name)
    {
        using var key = NewKey();
        var request = Request($"CN={name}", key);
        MakeAuthority(request);
        return new TestAuthority(Sign(request, key, Now.AddYears(-1).AddDays(1), Now.AddYears(4)), this);
    }

    /// <summary>A certificate with its key, good for a month unless it is said otherwise.</summary>
    public X509Certificate2 Issue(
        string? dns = null, string? uri = null, string? email = null, string? usage = ForClients, DateTimeOffset? from = null, DateTimeOffset? until = null, string? issuersAddress = null, string subject = "CN=a certificate of a test")
    {
        using var key = NewKey();
        return Sign(Described(key, dns, uri, email, usage, issuersAddress, subject), key, from ?? Now.AddDays(-1), until ?? Now.AddDays(30));
    }

    /// <summary>The same by nobody but itself.</summary>
    public static X509Certificate2 SelfSigned(string dns, string usage = ForClients) => Described(NewKey(), dns, null, null, usage, null).CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30));

    /// <summary>One that a certificate signed which is no authority's.</summary>
    public static X509Certificate2 SignedBy(X509Certificate2 leaf, string dns)
    {
        using var key = NewKey();
        var request = Described(key, dns, null, null, ForClients, null);
        var generator = X509SignatureGenerator.CreateForECDsa(leaf.GetECDsaPrivateKey()!);
        using var bare = request.Create(leaf.SubjectName, generator, Now.AddDays(-1), Now.AddDays(9), [0x7f, 1, 2, 3]);
        return bare.CopyWithPrivateKey(key);
    }

    public byte[] RevocationList(IEnumerable<X509Certificate2> revoked, DateTimeOffset? next = null)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked) list.AddEntry(certificate);
        var until = next ?? Now.AddDays(7);
        return list.Build(Certificate, BigInteger.One, until, HashAlgorithmName.SHA256, thisUpdate: until.AddDays(-14));
    }

    /// <summary>The chain as a server or a client sends it, PEM: the certificate, then the authorities below the root.</summary>
    public string ChainOf(X509Certificate2 certificate) =>
        string.Concat(Chain.Select(c => c.ExportCertificatePem() + "\n").Prepend(certificate.ExportCertificatePem() + "\n"));

    /// <summary>The authorities between a certificate of this one and the root.</summary>
    public X509Certificate2Collection Chain
    {
        get
        {
            var chain = new X509Certificate2Collection();
            for (var one = this; one._above is not null; one = one._above) chain.Add(X509CertificateLoader.LoadCertificate(one.Certificate.RawData));
            return chain;
        }
    }

    private static CertificateRequest Request(string subject, ECDsa key) => new(subject, key, HashAlgorithmName.SHA256);

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CertificateRequest Described(ECDsa key, string? dns, string? uri, string? email, string? usage, string? issuersAddress, string subject = "CN=a certificate of a test")
    {
        var request = Request(subject, key);
        var names = new SubjectAlternativeNameBuilder();
        if (dns is not null && IPAddress.TryParse(dns, out var address)) names.AddIpAddress(address);
        else if (dns is not null) names.AddDnsName(dns);
        if (uri is not null) names.AddUri(new Uri(uri));
        if (email is not null) names.AddEmailAddress(email);
        if ((dns ?? uri ?? email) is not null) request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        if (usage is not null) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (issuersAddress is not null) request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([], [issuersAddress]));
        return request;
    }

    private static void MakeAuthority(CertificateRequest request)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
    }

    private X509Certificate2 Sign(CertificateRequest request, ECDsa key, DateTimeOffset from, DateTimeOffset until)
    {
        var serial = RandomNumberGenerator.GetBytes(12);
        // Positive, and with a first byte that must not be lost.
        serial[0] = 0x7f;
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        using var bare = request.Create(Certificate, from, until, serial);
        return bare.CopyWithPrivateKey(key);
    }
}
