using System.Security.Cryptography.X509Certificates;
using Gateway.Policies.Authenticate;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Gateway.Tests.Conformance.Tls;

/// <summary>The headers in which proxies tell certificates, to the letter: what is not quite one is none.</summary>
public sealed class CertificateHeadersTests
{
    private static readonly X509Certificate2 Certificate = TestAuthority.Root("partners").Issue("edi.acme.example");

    private static readonly string Base64 = Convert.ToBase64String(Certificate.RawData);

    private static readonly string Pem = Uri.EscapeDataString(Certificate.ExportCertificatePem());

    [Fact]
    public void A_byte_sequence_is_a_certificate_and_a_list_of_them_the_chain()
    {
        var peer = CertificateHeaders.OfClientCert($":{Base64}:", new StringValues([":AQID:, :BAU=:", ":Bg==:"]));

        Assert.Equal(Certificate.RawData, peer!.Raw.ToArray());
        Assert.Equal(["010203", "0405", "06"], peer.Chain.Select(c => Convert.ToHexString(c.Span)));
    }

    [Fact]
    public void Of_a_chain_only_so_many_are_looked_at() =>
        Assert.Equal(PeerCertificate.MostIntermediates, CertificateHeaders.OfClientCert($":{Base64}:", string.Join(',', Enumerable.Repeat(":AQID:", 50)))!.Chain.Count);

    [Theory]
    [InlineData("")]
    [InlineData("::")]
    [InlineData(":")]
    [InlineData("BASE64")]
    [InlineData(":BASE64")]
    [InlineData("BASE64:")]
    [InlineData(":BASE64:;a=1")]
    [InlineData(":BASE64:, :BASE64:")]
    [InlineData(":*BASE64:")]
    public void What_is_no_byte_sequence_is_no_certificate(string header) =>
        Assert.Null(CertificateHeaders.OfClientCert(header.Replace("BASE64", Base64, StringComparison.Ordinal), default));

    [Fact]
    public void A_header_that_is_there_twice_is_none()
    {
        Assert.Null(CertificateHeaders.OfClientCert(new StringValues([$":{Base64}:", $":{Base64}:"]), default));
        Assert.Null(CertificateHeaders.OfForwardedClientCert(new StringValues([$"Cert=\"{Pem}\"", $"Cert=\"{Pem}\""])));
    }

    [Theory]
    [InlineData("Cert=\"PEM\"")]
    [InlineData("cert=PEM")]
    [InlineData("By=spiffe://gateway;Hash=00;Cert=\"PEM\";Subject=\"CN=a,Cert=b;Cert=\\\"c\\\"\";URI=")]
    public void Envoys_element_holds_the_certificate(string header) =>
        Assert.Equal(Certificate.RawData, CertificateHeaders.OfForwardedClientCert(header.Replace("PEM", Pem, StringComparison.Ordinal))!.Raw.ToArray());

    [Theory]
    [InlineData("Hash=00;Subject=\"CN=a\"")]
    [InlineData("Cert=\"PEM\",Cert=\"PEM\"")]
    [InlineData("By=a,Cert=\"PEM\"")]
    [InlineData("Cert=\"PEM\";Cert=\"PEM\"")]
    [InlineData("Cert=\"PEM")]
    [InlineData("Cert=\"PEM\"x")]
    [InlineData("Cert=\"PEM\\")]
    [InlineData("Cert=\"PEMPEM\"")]
    [InlineData("Cert=\"%2D%2D%2D\"")]
    [InlineData("Cert")]
    [InlineData("")]
    public void What_is_not_one_element_with_one_certificate_is_none(string header) =>
        Assert.Null(CertificateHeaders.OfForwardedClientCert(header.Replace("PEM", Pem, StringComparison.Ordinal)));
}
