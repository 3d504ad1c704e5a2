using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Planning;

/// <summary>The verb <c>plan</c> on changes of TLS, of authorities and of consumers' certificates.</summary>
public sealed partial class TlsPlanTests : IDisposable
{
    private const string Workspace = """
        tls:
          certificates: [{ pfx: secret://file/tls.pfx }]
          oldest: tls12
          hsts: 30d
          plain: refuse
        authorities:
          partners:
            certificates: secret://file/partners.pem
            revocation: [secret://file/partners.crl]
            requireRevocation: true
        backends:
          tms: { adapter: http, url: http://tms.internal }
        governance: { proxies: { networks: [10.0.0.0/8], certificateHeader: clientCert } }
        partners:
          acme: { name: Acme, consumers: { acme-edi: { certificates: [{ authority: partners, dns: EDI.acme.example }] } } }
        apis:
          notes:
            owner: us
            routes:
              notes.read: { match: GET /notes, policies: [authenticate: { mutualTls: { authorities: [partners] } }], target: { forward: tms } }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-tls-plan-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("oldest: tls12", "oldest: tls13", "breaking tls: TLS 1.2 is refused")]
    [InlineData("oldest: tls13", "oldest: tls12", "security-weakening tls: TLS 1.2 is taken too")]
    [InlineData("hsts: 30d", "hsts: 20d", "security-weakening tls: callers are told for less that https is to be used")]
    [InlineData("hsts: 30d", "hsts: 40d", "attention tls: callers are told for more that https is to be used, and keep to it")]
    [InlineData("plain: refuse", "plain: redirect", "attention tls: http beside https: redirect, was refuse")]
    [InlineData("tls.pfx", "other.pfx", "attention tls: the ports show other certificates")]
    [InlineData("file/partners.pem", "file/others.pem", "security-weakening partners: certificates below other roots are taken", "breaking partners: certificates below roots that are gone are refused")]
    [InlineData("[secret://file/partners.crl]", "[]", "security-weakening partners: a revocation list is not read any more: what it revokes is taken again")]
    [InlineData("requireRevocation: true", "requireRevocation: false", "security-weakening partners: certificates that no revocation list speaks about are taken")]
    [InlineData("requireRevocation: false", "requireRevocation: true", "breaking partners: certificates that no revocation list speaks about are refused")]
    [InlineData(", certificateHeader: clientCert", "", "breaking governance: proxies are not believed any more which certificate their caller showed")]
    [InlineData("certificateHeader: none", "certificateHeader: xForwardedClientCert", "security-weakening governance: proxies are believed which certificate their caller showed")]
    [InlineData("dns: EDI.acme.example", "uri: urn:acme", "security-weakening acme-edi: the certificate partners/uri:urn:acme opens it too", "breaking acme-edi: the certificate partners/dns:edi.acme.example is taken away")]
    [InlineData("dns: EDI.acme.example", "dns: edi.acme.example")]
    public async Task What_becomes_of_TLS_and_certificates_is_told(string before, string after, params string[] effects)
    {
        // What the workspace says otherwise is as it is wanted in the state before.
        var then = Workspace.Contains(before, StringComparison.Ordinal) ? Workspace : Member().Replace(Workspace, m => m.Value.Split(':')[0] == before.Split(':')[0] ? before : m.Value);

        Assert.Equal(effects, await PlanAsync(then, then.Replace(before, after, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Ports_that_become_http_are_a_weakening_and_https_ones_break_who_comes_by_http()
    {
        var plain = Workspace[Workspace.IndexOf("authorities:", StringComparison.Ordinal)..];

        Assert.Equal(["security-weakening tls: the ports are declared to be http: what callers send can be read on its way"], await PlanAsync(Workspace, plain));
        Assert.Equal(["breaking tls: the public port is https: who comes by http is refused, or sent on"], await PlanAsync(plain, Workspace));
    }

    private async Task<string[]> PlanAsync(string before, string after)
    {
        var (then, now) = (_folder.CreateSubdirectory("before").FullName, _folder.CreateSubdirectory("after").FullName);
        await File.WriteAllTextAsync(Path.Combine(then, "policies.yaml"), before);
        await File.WriteAllTextAsync(Path.Combine(now, "policies.yaml"), after);
        using var output = new StringWriter { NewLine = "\n" };
        await PlanCommand.RunAsync(now, then, EffectClass.Breaking, new LoadOptions { ResolveSecrets = false }, output);
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Columns().Replace(line, " ")).SkipLast(1)];
    }

    [GeneratedRegex("(oldest|requireRevocation|certificateHeader): [A-Za-z0-9]+")]
    private static partial Regex Member();

    [GeneratedRegex(" +")]
    private static partial Regex Columns();
}
