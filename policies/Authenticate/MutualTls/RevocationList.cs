using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace Gateway.Policies.Authenticate;

/// <summary>A certificate revocation list (RFC 5280 section 5): complete ones only, neither delta lists nor those of a part of what was issued.</summary>
internal sealed class RevocationList
{
    private readonly X509Crl _list;
    private readonly byte[] _issuer;
    private readonly FrozenSet<string> _serials;

    private RevocationList(X509Crl list)
    {
        _list = list;
        _issuer = list.IssuerDN.GetDerEncoded();
        _serials = (list.GetRevokedCertificates() ?? new HashSet<X509CrlEntry>()).Select(e => Convert.ToHexString(e.SerialNumber.ToByteArrayUnsigned())).ToFrozenSet();
        NextUpdate = list.NextUpdate is { } next ? new DateTimeOffset(DateTime.SpecifyKind(next, DateTimeKind.Utc)) : null;
    }

    /// <summary>Whose list it is, for operators.</summary>
    public string Issuer => _list.IssuerDN.ToString();

    /// <summary>When the next one is to be there; null where the issuer does not say.</summary>
    public DateTimeOffset? NextUpdate { get; }

    /// <summary>The lists of a file, PEM or DER.</summary>
    public static Made<IReadOnlyList<RevocationList>> Read(byte[] content)
    {
        try
        {
            var lists = new X509CrlParser().ReadCrls(content);
            if (lists.Count == 0) return Made<IReadOnlyList<RevocationList>>.Not("a revocation list holds none, in PEM or DER");
            // Critical: what does not understand it must not use the list (section 5.2); delta and partial lists say so by such an extension.
            return lists.FirstOrDefault(l => l.GetCriticalExtensionOids() is { Count: > 0 }) is { } strange
                ? Made<IReadOnlyList<RevocationList>>.Not($"the revocation list of {strange.IssuerDN} is no complete one: it has the critical extension {strange.GetCriticalExtensionOids().First()}")
                : new Made<IReadOnlyList<RevocationList>>([.. lists.Select(l => new RevocationList(l))], null);
        }
        catch (Exception broken) when (broken is GeneralSecurityException or IOException or ArgumentException or InvalidCastException or InvalidOperationException or FormatException)
        {
            return Made<IReadOnlyList<RevocationList>>.Not("a revocation list can't be read: it is neither PEM nor DER");
        }
    }

    /// <summary>Whether an authority has issued and signed it, and may do so (RFC 5280 section 6.3.3 step f).</summary>
    public bool IsOf(X509Certificate2 authority)
    {
        if (!authority.SubjectName.RawData.AsSpan().SequenceEqual(_issuer)) return false;
        if (authority.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is { } usage && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign)) return false;
        try
        {
            _list.Verify(new X509CertificateParser().ReadCertificate(authority.RawData).GetPublicKey());
            return true;
        }
        catch (GeneralSecurityException)
        {
            return false;
        }
    }

    public bool IsInForce(DateTimeOffset now) => NextUpdate is null || NextUpdate > now;

    public bool Revokes(X509Certificate2 certificate) => _serials.Contains(Convert.ToHexString(certificate.SerialNumberBytes.Span.TrimStart((byte)0)));
}
