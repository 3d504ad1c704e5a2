using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Policies.Authenticate;
using Xunit;

namespace Gateway.Tests.Conformance.Tls;

/// <summary>What an authority says of a certificate, with the reason that the operator's log gets.</summary>
public sealed class TrustTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TestAuthority _root = TestAuthority.Root("partners");

    [Fact]
    public void A_certificate_that_holds_has_its_names_and_its_end()
    {
        var certificate = _root.Issue("Edi.Acme.Example", "spiffe://acme.example/EDI", "edi@acme.example", until: Now.AddDays(3));

        var judged = Of([]).Judge(Peer(certificate), Now);

        Assert.Null(judged.Refused);
        Assert.Equal(["dns:edi.acme.example", "email:edi@acme.example", "uri:spiffe://acme.example/EDI"], judged.Names.Order(StringComparer.Ordinal));
        Assert.Equal(new DateTimeOffset(certificate.NotAfter), judged.Until);
    }

    [Fact]
    public void The_clock_of_the_gateway_says_when_a_certificate_holds()
    {
        var (trust, certificate) = (Of([]), Peer(_root.Issue("a.example", from: Now.AddDays(-1), until: Now.AddDays(2))));

        Assert.Equal("certificate-not-yet-valid", trust.Judge(certificate, Now.AddDays(-1).AddMinutes(-1)).Refused);
        Assert.Null(trust.Judge(certificate, Now.AddDays(2).AddMinutes(-1)).Refused);
        Assert.Equal("certificate-expired", trust.Judge(certificate, Now.AddDays(2).AddMinutes(1)).Refused);
    }

    [Fact]
    public void Each_thing_that_is_wrong_has_its_reason()
    {
        var trust = Of([]);
        string? Reason(X509Certificate2 certificate) => trust.Judge(Peer(certificate), Now).Refused;

        Assert.Equal("certificate-authority-unknown", Reason(TestAuthority.Root("others").Issue("a.example")));
        Assert.Equal("certificate-authority-unknown", Reason(TestAuthority.SelfSigned("a.example")));
        Assert.Equal("certificate-authority-unknown", Reason(_root.Below("between").Issue("a.example")));
        Assert.Equal("certificate-not-for-clients", Reason(_root.Issue("a.example", usage: TestAuthority.ForServers)));
        Assert.Equal("certificate-not-for-clients", Reason(_root.Issue("a.example", usage: null)));
        Assert.NotNull(Reason(TestAuthority.Root("partners").Issue("a.example")));
        Assert.Equal("certificate-malformed", trust.Judge(new PeerCertificate(new byte[] { 0x30, 0x01, 0x00 }, []), Now).Refused);
        Assert.Equal("certificate-malformed", trust.Judge(new PeerCertificate(_root.Issue("a.example").RawData, [new byte[] { 1 }]), Now).Refused);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_revoked_is_refused_in_PEM_and_in_DER(bool pem)
    {
        var (good, bad, worse) = (_root.Issue("a.example"), _root.Issue("a.example"), _root.Issue("a.example"));
        var lists = _root.RevocationList([bad, worse]);

        var trust = Of([pem ? Encoding.ASCII.GetBytes(new string(System.Security.Cryptography.PemEncoding.Write("X509 CRL", lists))) : lists]);

        Assert.Null(trust.Judge(Peer(good), Now).Refused);
        Assert.Equal("certificate-revoked", trust.Judge(Peer(bad), Now).Refused);
        Assert.Equal("certificate-revoked", trust.Judge(Peer(worse), Now).Refused);
    }

    [Fact]
    public void A_revoked_authority_between_takes_its_certificates_along()
    {
        var between = _root.Below("between");
        var peer = new PeerCertificate(between.Issue("a.example").RawData, [between.Certificate.RawData]);

        Assert.Null(Of([_root.RevocationList([])]).Judge(peer, Now).Refused);
        Assert.Equal("certificate-revoked", Of([_root.RevocationList([between.Certificate])]).Judge(peer, Now).Refused);
    }

    /// <summary>Anybody can write a list in somebody's name.</summary>
    [Fact]
    public void A_list_that_its_issuer_did_not_sign_revokes_nothing_and_vouches_for_nothing()
    {
        var (certificate, forger) = (_root.Issue("a.example"), TestAuthority.Root("partners"));

        Assert.Null(Of([forger.RevocationList([certificate])]).Judge(Peer(certificate), Now).Refused);
        Assert.Equal("certificate-revocation-unknown", Of([forger.RevocationList([])], required: true).Judge(Peer(certificate), Now).Refused);
    }

    [Fact]
    public void Where_revocation_is_required_somebody_must_say_that_it_was_not_and_lately()
    {
        var (certificate, between) = (Peer(_root.Issue("a.example")), _root.Below("between"));
        var below = new PeerCertificate(between.Issue("a.example").RawData, [between.Certificate.RawData]);
        var (fresh, stale) = (_root.RevocationList([], Now.AddHours(5)), _root.RevocationList([], Now.AddHours(-1)));

        Assert.Equal("certificate-revocation-unknown", Of([], required: true).Judge(certificate, Now).Refused);
        Assert.Equal("certificate-revocation-stale", Of([stale], required: true).Judge(certificate, Now).Refused);
        Assert.Null(Of([stale, fresh], required: true).Judge(certificate, Now).Refused);
        Assert.Equal(TimeSpan.Zero, (Of([fresh], required: true).Judge(certificate, Now).Until - Now.AddHours(5)).Duration().Truncated());
        Assert.Equal("certificate-revocation-unknown", Of([fresh], required: true).Judge(below, Now).Refused);
        Assert.Null(Of([fresh, between.RevocationList([])], required: true).Judge(below, Now).Refused);
        Assert.Null(Of([stale]).Judge(certificate, Now).Refused);
    }

    [Fact]
    public void What_is_not_there_or_has_run_out_is_told()
    {
        Assert.Equal("there is no certificate in PEM", Trust.Of([Encoding.ASCII.GetBytes("hello")], false, Now).Trouble);
        Assert.Contains("there is no root", Trust.Of([Encoding.ASCII.GetBytes(_root.Below("between").Pem)], false, Now).Trouble, StringComparison.Ordinal);
        Assert.Contains("its root has expired", Trust.Of([Encoding.ASCII.GetBytes(TestAuthority.Root("old", Now.AddDays(-1)).Pem)], false, Now).Trouble, StringComparison.Ordinal);
        Assert.Contains("revocation list", Trust.Of([Encoding.ASCII.GetBytes(_root.Pem), [1, 2, 3]], false, Now).Trouble, StringComparison.Ordinal);
        Assert.Contains("revocation list", Trust.Of([Encoding.ASCII.GetBytes(_root.Pem), Encoding.ASCII.GetBytes(_root.Pem)], false, Now).Trouble, StringComparison.Ordinal);
        Assert.Null(Of([_root.RevocationList([], Now.AddHours(1))]).Complain(Now));
        Assert.Contains("should have been replaced", Of([_root.RevocationList([], Now.AddHours(1))]).Complain(Now.AddHours(2)), StringComparison.Ordinal);
        Assert.Contains("has expired", Of([]).Complain(Now.AddYears(6)), StringComparison.Ordinal);
    }

    private Trust Of(IReadOnlyList<byte[]> lists, bool required = false)
    {
        var made = Trust.Of([Encoding.ASCII.GetBytes(_root.Pem), .. lists], required, Now);
        return made.Value ?? throw new InvalidOperationException(made.Trouble);
    }

    private static PeerCertificate Peer(X509Certificate2 certificate) => new(certificate.RawData, []);
}

file static class Spans
{
    /// <summary>Lists tell whole seconds.</summary>
    public static TimeSpan Truncated(this TimeSpan span) => TimeSpan.FromSeconds((long)span.TotalSeconds);
}
