using System.Security.Cryptography.X509Certificates;
using Gateway.Adapters.Credentials;
using Gateway.Adapters.Http;
using Gateway.Tests.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Unit.Credentials;

/// <summary>Certificates as people keep them.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _own;

    public ClientCertificateTests() => _own = _authority.Issue("gateway");

    public void Dispose()
    {
        _own.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void Each_form_gives_the_certificate_its_key_and_those_behind_it()
    {
        var (certificate, key) = (_own.ExportCertificatePem() + "\n" + _authority.BetweenPem, _own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var sealedKey = _own.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("geheim", new(System.Security.Cryptography.PbeEncryptionAlgorithm.Aes256Cbc, System.Security.Cryptography.HashAlgorithmName.SHA256, 1000));
        var pkcs12 = Convert.ToBase64String(new X509Certificate2Collection { _own, _authority.Between }.Export(X509ContentType.Pkcs12, "geheim")!);
        ClientCertificateOptions[] forms =
        [
            new() { File = Of(certificate), Key = Of(key) },
            new() { File = Of(key + "\n" + certificate) },
            new() { File = Of(certificate), Key = Of(sealedKey), Passphrase = Of("geheim") },
            new() { File = Of(pkcs12), Passphrase = Of("geheim") },
        ];

        Assert.All(forms, form =>
        {
            var read = ClientCertificate.Read(form);
            Assert.Equal((_own.Thumbprint, true), (read.TargetCertificate.Thumbprint, read.TargetCertificate.HasPrivateKey));
            Assert.Contains(_authority.Between.Thumbprint, read.IntermediateCertificates.Select(c => c.Thumbprint));
        });
    }

    [Fact]
    public void What_can_t_be_shown_is_refused_when_the_backend_is_opened_and_tells_no_secret()
    {
        using var other = _authority.Issue("other");
        var (certificate, key) = (_own.ExportCertificatePem(), other.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var pkcs12 = Convert.ToBase64String(_own.Export(X509ContentType.Pkcs12, "geheim"));
        ClientCertificateOptions[] forms =
        [
            new() { File = Of("top secret text") },
            new() { File = Of(certificate) },
            new() { File = Of(certificate), Key = Of(key) },
            new() { File = Of(certificate), Key = Of("top secret text") },
            new() { File = Of("-----BEGIN CERTIFICATE-----\ntop secret text\n-----END CERTIFICATE-----") },
            new() { File = Of(pkcs12), Passphrase = Of("top secret text") },
        ];

        Assert.All(forms, form =>
        {
            var refused = Assert.Throws<ArgumentException>(() => Open(new() { Certificate = form }));
            Assert.DoesNotContain("top secret", refused.Message, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("ümlaut")]
    [InlineData("a\0b")]
    public void A_key_that_no_header_can_carry_is_refused_when_the_backend_is_opened(string key)
    {
        var refused = Assert.Throws<ArgumentException>(() => Open(new() { Key = Of(key) }));

        Assert.StartsWith("secret://env/X holds characters that no header can carry", refused.Message, StringComparison.Ordinal);
    }

    private static Secret Of(string value) => new("secret://env/X", value);

    private static Backend Open(CredentialOptions credential) => new HttpAdapter(NullLoggerFactory.Instance, Outside.World)
        .Open("wms", new HttpBackendOptions { Adapter = "http", Url = new Uri("https://wms.internal"), Credential = credential }, TimeProvider.System);
}
