using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Xunit;

namespace Gateway.Tests.Conformance.Tls;

/// <summary>Callers who show a certificate, over real TLS: who comes in as whom, and who does not.</summary>
public sealed class MutualTlsTests
{
    private const string Edi = "edi.acme.example";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_of_the_authority_opens_the_route_for_the_consumer_that_it_names()
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        var pinned = partners.Issue(dns: "unknown.example");
        await StartAsync(world, partners, more: pinned);

        foreach (var (certificate, consumer) in new[]
        {
            (partners.Issue(dns: Edi), "acme-edi"), (partners.Issue(dns: Edi.ToUpperInvariant()), "acme-edi"), (partners.Issue(uri: "spiffe://globex.example/edi"), "globex-edi"),
            (partners.Issue(email: "edi@initech.example"), "initech-edi"), (pinned, "initech-edi"),
        })
        {
            using var client = world.Client(certificate);
            Assert.Equal((consumer, 200), (consumer, await StatusAsync(client, $"/only/{consumer}")));
            foreach (var other in new[] { "acme-edi", "globex-edi", "initech-edi" }.Where(c => c != consumer)) Assert.Equal((other, 403), (other, await StatusAsync(client, $"/only/{other}")));
        }
    }

    [Fact]
    public async Task Without_a_certificate_the_route_says_what_it_wants_and_others_ask_for_nothing()
    {
        await using var world = new TlsWorld();
        await StartAsync(world, TestAuthority.Root("partners"));
        using var client = world.Client();

        using var refused = await client.GetAsync("/certified", Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("ClientCertificate realm=\"gateway\"", refused.Headers.WwwAuthenticate.ToString());
        Assert.Equal(200, await StatusAsync(client, "/open"));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_certificate_works_with_every_version_of_HTTP(string version)
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        await StartAsync(world, partners);
        using var client = world.Client(partners.Issue(dns: Edi), version: new Version(version));

        Assert.Equal(200, await StatusAsync(client, "/certified"));
        Assert.Equal(200, await StatusAsync(client, "/certified"));
    }

    /// <summary>Each has the name of a consumer, and one thing that is wrong.</summary>
    [Theory]
    [InlineData("of another authority")]
    [InlineData("of another authority with the same name")]
    [InlineData("self-signed")]
    [InlineData("expired")]
    [InlineData("not yet valid")]
    [InlineData("for servers")]
    [InlineData("for nothing in particular")]
    [InlineData("below an authority that is not sent")]
    [InlineData("below a certificate that is no authority")]
    [InlineData("revoked")]
    [InlineData("of a name that is nobody's")]
    [InlineData("of a name in the subject alone")]
    public async Task A_certificate_that_does_not_hold_opens_nothing_and_tells_the_caller_nothing(string what)
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        var (certificate, chain) = Wrong(partners, what);
        world.Write("partners.crl", partners.RevocationList(what == "revoked" ? [certificate] : [partners.Issue(dns: Edi)]));
        await StartAsync(world, partners);
        using var client = world.Client(certificate, chain);

        using var refused = await client.GetAsync("/certified", Stop);
        var problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync(Stop))!;

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("The client certificate is not taken here.", (string?)problem["detail"]);
        Assert.Equal(200, await StatusAsync(client, "/open"));
    }

    [Fact]
    public async Task An_authority_between_may_be_sent_by_the_caller_or_be_known_here()
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        var (sent, known) = (partners.Below("sent"), partners.Below("known"));
        await StartAsync(world, partners, bundle: known.Pem + partners.Pem);

        using var sending = world.Client(sent.Issue(dns: Edi), sent.Chain);
        using var alone = world.Client(known.Issue(dns: Edi));

        Assert.Equal(200, await StatusAsync(sending, "/certified"));
        Assert.Equal(200, await StatusAsync(alone, "/certified"));
    }

    /// <summary>Or the authority of one partner could make certificates in the name of another.</summary>
    [Fact]
    public async Task A_name_counts_only_as_its_own_authority_certifies_it()
    {
        await using var world = new TlsWorld();
        var (partners, others) = (TestAuthority.Root("partners"), TestAuthority.Root("others"));
        await StartAsync(world, partners, others: others);

        using var own = world.Client(others.Issue(dns: "hooli.example"));
        using var smuggled = world.Client(others.Issue(dns: Edi));

        Assert.Equal(200, await StatusAsync(own, "/either"));
        Assert.Equal(401, await StatusAsync(own, "/certified"));
        Assert.Equal(401, await StatusAsync(smuggled, "/either"));
    }

    [Fact]
    public async Task A_certificate_with_the_names_of_two_consumers_is_neither()
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        await StartAsync(world, partners);

        using var both = world.Client(partners.Issue(dns: Edi, email: "edi@initech.example"));

        Assert.Equal(401, await StatusAsync(both, "/certified"));
    }

    [Fact]
    public async Task A_certificate_and_a_key_are_both_needed_where_both_are_declared_and_of_one_consumer()
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        await StartAsync(world, partners);
        using var client = world.Client(partners.Issue(dns: Edi));
        using var bare = world.Client();

        Assert.Equal(200, await StatusAsync(client, "/both", ("X-Api-Key", "key-of-acme-edi")));
        Assert.Equal(401, await StatusAsync(client, "/both", ("X-Api-Key", "key-of-globex-edi")));
        Assert.Equal(401, await StatusAsync(client, "/both"));
        Assert.Equal(401, await StatusAsync(bare, "/both", ("X-Api-Key", "key-of-acme-edi")));
    }

    [Fact]
    public async Task What_is_revoked_while_the_gateway_runs_is_refused_on_connections_that_are_open_too()
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        var (stays, goes) = (partners.Issue(dns: Edi), partners.Issue(dns: Edi));
        await StartAsync(world, partners);
        using var staying = world.Client(stays);
        using var going = world.Client(goes);
        Assert.Equal((200, 200), (await StatusAsync(staying, "/certified"), await StatusAsync(going, "/certified")));

        world.Write("partners.crl", partners.RevocationList([goes]));
        await TlsWorld.UntilAsync(async () => await StatusAsync(going, "/certified") == 401, "the certificate is still taken");

        Assert.Equal(200, await StatusAsync(staying, "/certified"));
    }

    [Fact]
    public async Task A_revocation_list_that_cant_be_read_leaves_the_one_before_in_force_and_is_told()
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        var revoked = partners.Issue(dns: Edi);
        world.Write("partners.crl", partners.RevocationList([revoked]));
        await StartAsync(world, partners);

        world.Write("partners.crl", "nothing");
        await TlsWorld.UntilAsync(async () => (await world.ReadyAsync())["certificates"]!.AsArray().Any(c => (string?)c!["name"] == "authority partners" && c["trouble"] is not null), "nothing is told");
        using var client = world.Client(revoked);

        Assert.Equal(401, await StatusAsync(client, "/certified"));
    }

    [Fact]
    public async Task Only_where_a_route_takes_certificates_is_a_caller_asked_for_one()
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        await StartAsync(world, partners);
        var certificate = partners.Issue(dns: Edi);
        await using (var asked = await world.HandshakeAsync("localhost", certificate)) Assert.True(asked.IsMutuallyAuthenticated);

        var written = world.ReadWorkspace("policies.yaml");
        world.WriteWorkspace("policies.yaml", written[..written.IndexOf("apis:", StringComparison.Ordinal)]
            + "apis: { cases: { owner: us, routes: { open: { match: GET /open, public: everybody may, target: { forward: echo } } } } }\n" + written[written.IndexOf("backends:", StringComparison.Ordinal)..]);

        await TlsWorld.UntilAsync(async () =>
        {
            await using var stream = await world.HandshakeAsync("localhost", certificate);
            return !stream.IsMutuallyAuthenticated;
        }, "callers are still asked");
    }

    /// <summary>A certificate may name an address where its issuer's is to be found: within the gateway's network, if the caller wishes.</summary>
    [Fact]
    public async Task The_gateway_opens_no_connection_that_a_strangers_certificate_names()
    {
        await using var world = new TlsWorld();
        await StartAsync(world, TestAuthority.Root("partners"));
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)trap.LocalEndpoint).Port}/issuer.crt";
        using var client = world.Client(TestAuthority.Root("strangers").Below("hidden").Issue(dns: Edi, issuersAddress: address));

        Assert.Equal(401, await StatusAsync(client, "/certified"));

        Assert.False(trap.Pending());
    }

    [Fact]
    public async Task Certificates_that_callers_only_write_in_a_header_open_nothing_and_reach_no_backend()
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        await StartAsync(world, partners);
        var certificate = partners.Issue(dns: Edi);
        using var bare = world.Client();
        using var shown = world.Client(certificate);

        foreach (var header in new[] { Rfc9440(certificate), Envoy(certificate) })
        {
            Assert.Equal(401, await StatusAsync(bare, "/certified", header));
            foreach (var (client, path) in new[] { (bare, "/open"), (shown, "/certified") })
            {
                var seen = await SeenAsync(client, path, header, ("Client-Cert-Chain", ":AAAA:"));
                Assert.All(new[] { "client-cert", "client-cert-chain", "x-forwarded-client-cert" }, name => Assert.Null(seen[name]));
            }
        }
    }

    [Theory]
    [InlineData("clientCert")]
    [InlineData("xForwardedClientCert")]
    public async Task A_declared_proxy_tells_the_certificate_of_its_caller_and_its_own_does_not_count(string form)
    {
        await using var world = new TlsWorld();
        var partners = TestAuthority.Root("partners");
        await StartAsync(world, partners, proxies: $"{{ networks: [127.0.0.0/8], certificateHeader: {form} }}");
        var between = partners.Below("between");
        var certificate = partners.Issue(dns: Edi);
        (string Name, string Value) Told(X509Certificate2 told) => form == "clientCert" ? Rfc9440(told) : Envoy(told);
        using var proxy = world.Client(partners.Issue(uri: "spiffe://globex.example/edi"));
        using var other = world.Client();

        foreach (var client in new[] { proxy, other })
        {
            var chained = between.Issue(dns: Edi);
            // Who called, the proxy says too: the address of the request is then the caller's.
            Assert.Equal(200, await StatusAsync(client, "/only/acme-edi", Told(certificate), ("X-Forwarded-For", "203.0.113.7")));
            Assert.Equal(403, await StatusAsync(client, "/only/globex-edi", Told(certificate)));
            Assert.Equal(401, await StatusAsync(client, "/certified"));
            Assert.Equal(401, await StatusAsync(client, "/certified", form == "clientCert" ? Envoy(certificate) : Rfc9440(certificate)));
            Assert.Equal(401, await StatusAsync(client, "/certified", Told(TestAuthority.Root("partners").Issue(dns: Edi))));
            Assert.Equal(401, await StatusAsync(client, "/certified", (Told(certificate).Name, "nonsense")));
            Assert.Equal(401, await StatusAsync(client, "/certified", Told(chained)));
            Assert.Equal(200, await StatusAsync(client, "/certified", form == "clientCert"
                ? [Told(chained), ("Client-Cert-Chain", $":{Convert.ToBase64String(between.Certificate.RawData)}:")]
                : [(Told(chained).Name, $"{Told(chained).Value};Chain=\"{Uri.EscapeDataString(between.ChainOf(chained))}\"")]));
        }
    }

    [Fact]
    public async Task The_description_for_callers_tells_of_certificates()
    {
        await using var world = new TlsWorld();
        await StartAsync(world, TestAuthority.Root("partners"));
        using var client = world.Client();

        var description = JsonNode.Parse(await client.GetStringAsync("/openapi.json", Stop))!;

        Assert.Equal("mutualTLS", (string?)description["components"]!["securitySchemes"]!["certificate-partners"]!["type"]);
        Assert.Equal("""[{"certificate-partners":[]}]""", description["paths"]!["/certified"]!["get"]!["security"]!.ToJsonString());
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection? Chain) Wrong(TestAuthority partners, string what)
    {
        var (now, between) = (TimeProvider.System.GetUtcNow(), partners.Below("between"));
        switch (what)
        {
            case "of another authority": return (TestAuthority.Root("strangers").Issue(dns: Edi), null);
            case "of another authority with the same name": return (TestAuthority.Root("partners").Issue(dns: Edi), null);
            case "self-signed": return (TestAuthority.SelfSigned(Edi), null);
            case "expired": return (partners.Issue(dns: Edi, from: now.AddDays(-9), until: now.AddMinutes(-5)), null);
            case "not yet valid": return (partners.Issue(dns: Edi, from: now.AddMinutes(5), until: now.AddDays(9)), null);
            case "for servers": return (partners.Issue(dns: Edi, usage: TestAuthority.ForServers), null);
            case "for nothing in particular": return (partners.Issue(dns: Edi, usage: null), null);
            case "below an authority that is not sent": return (between.Issue(dns: Edi), null);
            case "below a certificate that is no authority":
                var leaf = partners.Issue(dns: "leaf.example");
                return (TestAuthority.SignedBy(leaf, Edi), [X509CertificateLoader.LoadCertificate(leaf.RawData)]);
            case "revoked": return (partners.Issue(dns: Edi), null);
            case "of a name that is nobody's": return (partners.Issue(dns: "strangers.example"), null);
            case "of a name in the subject alone": return (partners.Issue(subject: $"CN={Edi}"), null);
            default: throw new ArgumentOutOfRangeException(nameof(what));
        }
    }

    private static async Task StartAsync(TlsWorld world, TestAuthority partners, TestAuthority? others = null, X509Certificate2? more = null, string? bundle = null, string? proxies = null)
    {
        if (!File.Exists(world.PathOf("partners.crl"))) world.Write("partners.crl", partners.RevocationList([]));
        world.WriteWorkspace("certificates/partners.pem", bundle ?? partners.Pem);
        world.WriteWorkspace("certificates/others.pem", (others ?? TestAuthority.Root("others")).Pem);
        await world.StartAsync($$"""
            tls: { certificates: [{ chain: secret://file/files/tls.crt, key: secret://file/files/tls.key }] }
            governance: { {{(proxies is null ? "" : $"proxies: {proxies}")}} }
            authorities:
              partners: { certificates: certificates/partners.pem, revocation: [secret://file/files/partners.crl] }
              others: { certificates: certificates/others.pem }
            scopes: { acme-edi: Acme's., globex-edi: Globex's., initech-edi: Initech's. }
            partners:
              acme: { name: Acme, consumers: { acme-edi: { certificates: [{ authority: partners, dns: {{Edi}} }], keys: [{ secret: secret://demo/key-of-acme-edi }], scopes: [acme-edi] } } }
              globex: { name: Globex, consumers: { globex-edi: { certificates: [{ authority: partners, uri: "spiffe://globex.example/edi" }], keys: [{ secret: secret://demo/key-of-globex-edi }], scopes: [globex-edi] } } }
              initech: { name: Initech, consumers: { initech-edi: { certificates: [{ authority: partners, email: edi@initech.example }{{(more is null ? "" : $", {{ authority: partners, sha256: {Convert.ToHexStringLower(SHA256.HashData(more.RawData))} }}")}}], scopes: [initech-edi] } } }
              hooli: { name: Hooli, consumers: { hooli-edi: { certificates: [{ authority: others, dns: hooli.example }] } } }
            apis:
              cases:
                owner: us
                routes:
                  open: { match: GET /open, public: everybody may, target: { forward: echo } }
                  certified: { match: GET /certified, policies: [authenticate: { mutualTls: { authorities: [partners] } }], target: { forward: echo } }
                  either: { match: GET /either, policies: [authenticate: { mutualTls: { authorities: [partners, others] } }], target: { forward: echo } }
                  both: { match: GET /both, policies: [authenticate: { allOf: [{ mutualTls: { authorities: [partners] } }, { apiKey: {} }] }], target: { forward: echo } }
                  acme: { match: GET /only/acme-edi, policies: [{ authenticate: { mutualTls: { authorities: [partners] } } }, { authorize: { scopes: [acme-edi] } }], target: { forward: echo } }
                  globex: { match: GET /only/globex-edi, policies: [{ authenticate: { mutualTls: { authorities: [partners] } } }, { authorize: { scopes: [globex-edi] } }], target: { forward: echo } }
                  initech: { match: GET /only/initech-edi, policies: [{ authenticate: { mutualTls: { authorities: [partners] } } }, { authorize: { scopes: [initech-edi] } }], target: { forward: echo } }
            """);
    }

    private static (string Name, string Value) Rfc9440(X509Certificate2 certificate) => ("Client-Cert", $":{Convert.ToBase64String(certificate.RawData)}:");

    private static (string Name, string Value) Envoy(X509Certificate2 certificate) =>
        ("X-Forwarded-Client-Cert", $"Hash={Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))};Cert=\"{Uri.EscapeDataString(certificate.ExportCertificatePem())}\";Subject=\"CN=a; b, \\\"c\\\"\"");

    private static async Task<int> StatusAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var answer = await client.SendAsync(Request(path, headers), Stop);
        return (int)answer.StatusCode;
    }

    /// <summary>The headers that the backend got.</summary>
    private static async Task<JsonNode> SeenAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var answer = await client.SendAsync(Request(path, headers), Stop);
        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["headers"]!;
    }

    private static HttpRequestMessage Request(string path, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return request;
    }
}
