using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gateway;

/// <summary>A certificate that a port shows, with its key and what stands between it and its root.</summary>
public sealed class ServerCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        Leaf = leaf;
        Names = [.. leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString())))];
        // Offline: what is missing in the chain is not fetched from addresses that stand in a certificate.
        Context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    public X509Certificate2 Leaf { get; }

    public SslStreamCertificateContext Context { get; }

    /// <summary>DNS names, with wildcards as they stand, and addresses.</summary>
    public IReadOnlyList<string> Names { get; }

    public DateTimeOffset NotAfter => Leaf.NotAfter;

    /// <summary>Whether it is for a host, by name or by the one label that a wildcard stands for (RFC 9525 section 6.3).</summary>
    public bool IsFor(string host)
    {
        foreach (var name in Names)
        {
            if (name.Equals(host, StringComparison.OrdinalIgnoreCase)) return true;
            if (name.StartsWith("*.", StringComparison.Ordinal) && host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && host.AsSpan(dot).Equals(name.AsSpan(1), StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    /// <summary>Of PEM (chain, then key) or PKCS #12 (alone); a certificate that does not hold at the moment is none.</summary>
    public static Made<ServerCertificate> Of(CertificateOptions written, IReadOnlyList<byte[]> contents, DateTimeOffset now)
    {
        try
        {
            var all = written.Pfx is null ? OfPem(contents[0], contents[1], written.Password?.Reveal()) : OfPfx(contents[0], written.Password?.Reveal());
            return all is not { } found ? Made<ServerCertificate>.Not("it holds no private key") : Judge(found.Leaf, now) is { } trouble ? Made<ServerCertificate>.Not(trouble) : new ServerCertificate(found.Leaf, found.Chain);
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException)
        {
            return Made<ServerCertificate>.Not(written.Pfx is null ? "it is no certificate in PEM with the private key that belongs to the first of its chain" : "it is no PKCS #12 file that its password opens");
        }
    }

    /// <summary>What has run out of it.</summary>
    public string? Complain(DateTimeOffset now) => NotAfter <= now ? $"it has expired on {NotAfter.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : null;

    private static string? Judge(X509Certificate2 leaf, DateTimeOffset now)
    {
        if (leaf.NotAfter <= now) return $"it has expired on {leaf.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";
        if (leaf.NotBefore > now) return $"it is not valid before {leaf.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";
        var usages = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().ToList();
        return usages.Count > 0 && usages.SelectMany(u => u.EnhancedKeyUsages.Cast<Oid>()).All(o => o.Value != ServerAuthentication) ? "it is not for servers: its extended key usage lacks serverAuth" : null;
    }

    private static (X509Certificate2 Leaf, X509Certificate2Collection Chain)? OfPem(byte[] chain, byte[] key, string? password)
    {
        var (certificates, secret) = (Encoding.ASCII.GetString(chain), Encoding.ASCII.GetString(key));
        var leaf = password is { Length: > 0 } ? X509Certificate2.CreateFromEncryptedPem(certificates, secret, password) : X509Certificate2.CreateFromPem(certificates, secret);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(certificates);
        return (leaf, [.. all.Skip(1)]);
    }

    private static (X509Certificate2 Leaf, X509Certificate2Collection Chain)? OfPfx(byte[] pfx, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(pfx, password);
        return all.FirstOrDefault(c => c.HasPrivateKey) is { } leaf ? (leaf, [.. all.Where(c => c != leaf)]) : null;
    }
}
