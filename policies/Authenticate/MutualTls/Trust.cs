using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gateway.Policies.Authenticate;

/// <summary>What came of a caller's certificate.</summary>
/// <param name="Refused">A reason code; null for one that holds.</param>
/// <param name="Names">Who it is for, by <see cref="CertificateNames"/>.</param>
/// <param name="Until">How long it holds, unless something is revoked.</param>
internal readonly record struct JudgedCertificate(string? Refused, IReadOnlyList<string> Names, DateTimeOffset Until);

/// <summary>An authority as its files stand: its roots, what it certified to stand below them, and what it revoked. It opens no connection.</summary>
internal sealed class Trust
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Signatures over MD5 and SHA-1: md5WithRSAEncryption, sha1WithRSAEncryption, ecdsa-with-SHA1.</summary>
    private static readonly string[] Weak = ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];

    private readonly X509Certificate2Collection _roots;
    private readonly X509Certificate2Collection _below;
    private readonly IReadOnlyList<RevocationList> _lists;
    private readonly bool _requireRevocation;

    private Trust(X509Certificate2Collection roots, X509Certificate2Collection below, IReadOnlyList<RevocationList> lists, bool requireRevocation) =>
        (_roots, _below, _lists, _requireRevocation) = (roots, below, lists, requireRevocation);

    /// <summary>When the first of its roots ends.</summary>
    public DateTimeOffset Expires => _roots.Min(r => new DateTimeOffset(r.NotAfter));

    /// <param name="contents">Certificates in PEM, then revocation lists.</param>
    public static Made<Trust> Of(IReadOnlyList<byte[]> contents, bool requireRevocation, DateTimeOffset now)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(Encoding.ASCII.GetString(contents[0]));
        }
        catch (CryptographicException)
        {
            return Made<Trust>.Not("its certificates are no PEM");
        }
        if (all.Count == 0) return Made<Trust>.Not("there is no certificate in PEM");
        var roots = all.Where(IsRoot).ToList();
        if (roots.Count == 0) return Made<Trust>.Not("there is no root among its certificates: one that is issued by itself");
        if (roots.TrueForAll(r => r.NotAfter <= now)) return Made<Trust>.Not($"its root has expired on {roots.Max(r => r.NotAfter).ToUniversalTime():yyyy-MM-dd}");
        var lists = new List<RevocationList>();
        foreach (var content in contents.Skip(1))
        {
            var read = RevocationList.Read(content);
            if (read.Value is null) return Made<Trust>.Not(read.Trouble!);
            lists.AddRange(read.Value);
        }
        return new Trust([.. roots], [.. all.Where(c => !IsRoot(c))], lists, requireRevocation);
    }

    /// <summary>What has run out of it.</summary>
    public string? Complain(DateTimeOffset now)
    {
        if (_roots.FirstOrDefault(r => r.NotAfter <= now) is { } root) return $"its root {root.Subject} has expired on {root.NotAfter.ToUniversalTime():yyyy-MM-dd}";
        return _lists.FirstOrDefault(l => !l.IsInForce(now)) is { } list ? $"the revocation list of {list.Issuer} should have been replaced on {list.NextUpdate:yyyy-MM-dd HH:mm} UTC" : null;
    }

    /// <summary>Judges the path to a root (RFC 5280 section 6), that it is for clients, and that nothing on it is revoked.</summary>
    public JudgedCertificate Judge(PeerCertificate peer, DateTimeOffset now)
    {
        try
        {
            using var leaf = X509CertificateLoader.LoadCertificate(peer.Raw.Span);
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
            chain.ChainPolicy.ExtraStore.AddRange(_below);
            foreach (var more in peer.Chain) chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(more.Span));
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.VerificationTime = now.UtcDateTime;
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
            if (!chain.Build(leaf)) return Refuse(ReasonOf(chain, leaf, now));
            var path = chain.ChainElements.Select(e => e.Certificate).ToList();
            if (!IsForClients(leaf)) return Refuse("certificate-not-for-clients");
            if (path.Where(c => !IsRoot(c)).Any(c => Weak.Contains(c.SignatureAlgorithm.Value))) return Refuse("certificate-signature-weak");
            var (revoked, until) = Revocation(path, now);
            return revoked is null ? new JudgedCertificate(null, [.. CertificateNames.Of(leaf)], until) : Refuse(revoked);
        }
        catch (CryptographicException)
        {
            return Refuse("certificate-malformed");
        }
    }

    private static JudgedCertificate Refuse(string reason) => new(reason, [], default);

    /// <summary>RFC 5280 section 4.2.1.12 lets a certificate without the extension be for anything; here it must say that it is for clients.</summary>
    private static bool IsForClients(X509Certificate2 leaf) =>
        leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(e => e.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == ClientAuthentication));

    private static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    /// <summary>The one that says most of all that are wrong.</summary>
    private static string ReasonOf(X509Chain chain, X509Certificate2 leaf, DateTimeOffset now)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotSignatureValid)) return "certificate-forged";
        if ((status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != 0) return MutualTlsWay.UnknownAuthority;
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid)) return leaf.NotBefore > now ? "certificate-not-yet-valid" : "certificate-expired";
        return status.HasFlag(X509ChainStatusFlags.NotValidForUsage) ? "certificate-not-for-clients" : $"certificate-invalid: {status}";
    }

    /// <summary>Whether something on the path to the root is revoked, or nobody says that it is not; and until when that is known.</summary>
    private (string? Reason, DateTimeOffset Until) Revocation(List<X509Certificate2> path, DateTimeOffset now)
    {
        var until = path.Min(c => new DateTimeOffset(c.NotAfter));
        for (var i = 0; i < path.Count - 1; i++)
        {
            var (certificate, issuer) = (path[i], path[i + 1]);
            var lists = _lists.Where(l => l.IsOf(issuer)).ToList();
            if (lists.Exists(l => l.Revokes(certificate))) return ("certificate-revoked", until);
            if (!_requireRevocation) continue;
            var inForce = lists.Where(l => l.IsInForce(now)).ToList();
            if (inForce.Count == 0) return (lists.Count == 0 ? "certificate-revocation-unknown" : "certificate-revocation-stale", until);
            if (inForce.Max(l => l.NextUpdate) is { } next && next < until) until = next;
        }
        return (null, until);
    }
}
