using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Adapters.Credentials;

/// <summary>Certificates out of secrets: the gateway's own with its key, and the authorities that it trusts.</summary>
internal static class ClientCertificate
{
    private const string Pem = "-----BEGIN ";

    /// <summary>The certificate with its key, and with it those up to its authority, to be shown in TLS.</summary>
    /// <exception cref="ArgumentException">There is no certificate with a private key.</exception>
    /// <exception cref="CryptographicException">It is neither PEM nor PKCS #12, or the passphrase is wrong.</exception>
    public static SslStreamCertificateContext Read(ClientCertificateOptions options)
    {
        var text = options.File.Reveal();
        var all = text.Contains(Pem, StringComparison.Ordinal) ? FromPem(text, options) : FromPkcs12(options);
        var own = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new ArgumentException($"{options.File} holds no certificate with its private key", nameof(options));
        return SslStreamCertificateContext.Create(own, [.. all.Where(c => c != own)], offline: true);
    }

    /// <exception cref="ArgumentException">There is none.</exception>
    /// <exception cref="CryptographicException">It is not PEM.</exception>
    public static X509Certificate2Collection ReadAuthorities(Secret authorities)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(authorities.Reveal());
        return all.Count > 0 ? all : throw new ArgumentException($"{authorities} holds no certificate in PEM", nameof(authorities));
    }

    private static X509Certificate2Collection FromPem(string text, ClientCertificateOptions options)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(text);
        if (all.Count == 0) return all;
        var key = options.Key?.Reveal() ?? text;
        if (!key.Contains("PRIVATE KEY", StringComparison.Ordinal)) return all;
        using var bare = all[0];
        all[0] = options.Passphrase is { } passphrase
            ? X509Certificate2.CreateFromEncryptedPem(bare.ExportCertificatePem(), key, passphrase.Reveal())
            : X509Certificate2.CreateFromPem(bare.ExportCertificatePem(), key);
        return all;
    }

    private static X509Certificate2Collection FromPkcs12(ClientCertificateOptions options)
    {
        var bytes = options.File.RevealBytes();
        // An environment variable holds text alone.
        var base64 = new byte[bytes.Length];
        if (Convert.TryFromBase64String(options.File.Reveal(), base64, out var length)) bytes = base64.AsMemory(0, length);
        else if (bytes.Span is not [0x30, ..]) throw new ArgumentException($"{options.File} is neither PEM nor PKCS #12", nameof(options));
        return X509CertificateLoader.LoadPkcs12Collection(bytes.Span, options.Passphrase?.Reveal());
    }
}
