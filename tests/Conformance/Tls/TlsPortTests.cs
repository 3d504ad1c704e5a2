using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Hosting;
using Xunit;

namespace Gateway.Tests.Conformance.Tls;

/// <summary>TLS of the ports, on real sockets: which certificate is shown, what is refused, and what http does beside https.</summary>
public sealed class TlsPortTests
{
    private const string Certificates = "certificates: [{ chain: secret://file/files/tls.crt, key: secret://file/files/tls.key }]";

    private const string Routes = """

        apis:
          cases:
            owner: us
            routes:
              open: { match: "GET /open/{id}", public: everybody may, target: { forward: echo } }
              send: { match: POST /send, public: everybody may, target: { forward: echo } }
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Https_is_served_and_its_answers_say_so_and_no_backend_says_otherwise(string version)
    {
        await using var world = await new TlsWorld().StartAsync($"tls: {{ {Certificates} }}{Routes}");
        using var client = world.Client(version: new Version(version));

        foreach (var (path, status) in new[] { ("/open/1", 200), ("/nothing", 404), ("/openapi.json", 200) })
        {
            using var answer = await client.GetAsync(path, Stop);
            Assert.Equal((status, new Version(version)), ((int)answer.StatusCode, answer.Version));
            Assert.Equal(["max-age=31536000"], answer.Headers.GetValues("Strict-Transport-Security"));
        }
    }

    [Fact]
    public async Task Of_http_no_answer_says_Strict_Transport_Security_even_if_a_backend_does()
    {
        await using var world = await new TlsWorld().StartAsync(Routes, urls: "http://127.0.0.1:0");
        using var client = world.Client();

        using var answer = await client.GetAsync("/open/1", Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task How_long_https_is_promised_is_declared()
    {
        await using var world = await new TlsWorld().StartAsync($"tls: {{ {Certificates}, hsts: 7d, hstsSubdomains: true }}{Routes}");
        using var client = world.Client();

        using var answer = await client.GetAsync("/open/1", Stop);

        Assert.Equal(["max-age=604800; includeSubDomains"], answer.Headers.GetValues("Strict-Transport-Security"));
    }

    [Fact]
    public async Task The_name_that_is_asked_for_chooses_the_certificate()
    {
        await using var world = new TlsWorld();
        X509Certificate2 One(string name) => world.Servers.Issue(name, usage: TestAuthority.ForServers);
        var (first, exact, wild) = (One("localhost"), One("api.acme.example"), One("*.acme.example"));
        world.WriteServer("tls", first);
        world.WriteServer("exact", exact);
        world.Write("wild.pfx", wild.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, "open"));
        await world.StartAsync($$"""
            tls:
              certificates:
                - { chain: secret://file/files/tls.crt, key: secret://file/files/tls.key }
                - { chain: secret://file/files/exact.crt, key: secret://file/files/exact.key }
                - { pfx: secret://file/files/wild.pfx, password: secret://demo/open }
            {{Routes}}
            """);

        foreach (var (name, shown) in new[] { ("localhost", first), ("api.acme.example", exact), ("API.ACME.EXAMPLE", exact), ("edi.acme.example", wild), ("a.edi.acme.example", first), ("acme.example", first), ("elsewhere.example", first) })
            Assert.Equal((name, shown.Thumbprint), (name, await world.ShownAsync(name)));
    }

    [Fact]
    public async Task What_stands_between_the_certificate_and_its_root_is_sent_along()
    {
        await using var world = new TlsWorld();
        var between = world.Servers.Below("between");
        world.WriteServer("tls", between.Issue("localhost", usage: TestAuthority.ForServers), between);
        await world.StartAsync($"tls: {{ {Certificates} }}{Routes}");
        using var client = world.Client();

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/open/1", Stop)).StatusCode);
    }

    [Fact]
    public async Task Files_that_are_replaced_are_shown_to_who_connects_and_connections_go_on()
    {
        await using var world = new TlsWorld();
        var (first, second) = (world.Servers.Issue("localhost", usage: TestAuthority.ForServers), world.Servers.Issue("localhost", usage: TestAuthority.ForServers));
        // As Kubernetes mounts secrets: a link to a folder that is swapped.
        world.WriteServer("one/tls", first);
        world.WriteServer("two/tls", second);
        Directory.CreateSymbolicLink(world.PathOf("data"), "one");
        await world.StartAsync($"tls: {{ certificates: [{{ chain: secret://file/files/data/tls.crt, key: secret://file/files/data/tls.key }}] }}{Routes}");
        using var client = world.Client();
        Assert.Equal(first.Thumbprint, await world.ShownAsync());
        (await client.GetAsync("/open/1", Stop)).EnsureSuccessStatusCode();

        Directory.Delete(world.PathOf("data"));
        Directory.CreateSymbolicLink(world.PathOf("data"), "two");
        await TlsWorld.UntilAsync(async () => await world.ShownAsync() == second.Thumbprint, "the new certificate is not shown");

        (await client.GetAsync("/open/2", Stop)).EnsureSuccessStatusCode();
        Assert.Equal("null", (await world.ReadyAsync())["certificates"]![0]!["trouble"]?.ToJsonString() ?? "null");
    }

    [Theory]
    [InlineData("no certificate at all", "private key that belongs to")]
    [InlineData("another's key", "private key that belongs to")]
    [InlineData("expired", "it has expired on")]
    [InlineData("not yet valid", "it is not valid before")]
    [InlineData("missing", "can't be read")]
    public async Task A_file_that_cant_be_used_changes_nothing_and_is_told_until_it_is_mended(string what, string told)
    {
        await using var world = new TlsWorld();
        var good = world.Servers.Issue("localhost", usage: TestAuthority.ForServers);
        world.WriteServer("tls", good);
        await world.StartAsync($"tls: {{ {Certificates} }}{Routes}");

        Break(world, "tls", what);
        await TlsWorld.UntilAsync(async () => (await world.ReadyAsync())["certificates"]![0]!["trouble"] is not null, "nothing is told");

        Assert.Contains(told, (string?)(await world.ReadyAsync())["certificates"]![0]!["trouble"], StringComparison.Ordinal);
        Assert.Equal(good.Thumbprint, await world.ShownAsync());
        Assert.Equal(1, world.Measured("gateway.certificate.trouble"));

        var mended = world.Servers.Issue("localhost", usage: TestAuthority.ForServers);
        world.WriteServer("tls", mended);
        await TlsWorld.UntilAsync(async () => await world.ShownAsync() == mended.Thumbprint, "the mended certificate is not shown");
        Assert.Null((await world.ReadyAsync())["certificates"]![0]!["trouble"]);
        Assert.Equal(0, world.Measured("gateway.certificate.trouble"));
    }

    [Theory]
    [InlineData("no certificate at all")]
    [InlineData("another's key")]
    [InlineData("expired")]
    [InlineData("not yet valid")]
    [InlineData("for clients")]
    [InlineData("missing")]
    public async Task The_gateway_does_not_start_with_a_certificate_that_cant_be_used(string what)
    {
        await using var world = new TlsWorld();
        world.WriteServer("tls", world.Servers.Issue("localhost", usage: TestAuthority.ForServers));
        Break(world, "tls", what);

        var refused = await Assert.ThrowsAsync<WorkspaceRefusedException>(() => world.StartAsync($"tls: {{ {Certificates} }}{Routes}"));

        var found = Assert.Single(refused.Diagnostics, d => d.Severity == Severity.Error);
        Assert.Equal(("GW2072", "policies.yaml"), (found.Code, found.Place.File));
        Assert.DoesNotContain("PRIVATE", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "https://127.0.0.1:0", "Add tls: to it")]
    [InlineData("tls: { CERTIFICATES }", "http://127.0.0.1:0", "no public address is https")]
    [InlineData("tls: { CERTIFICATES }", "https://127.0.0.1:0;http://127.0.0.1:0", "Add plain: redirect or plain: refuse")]
    [InlineData("tls: { CERTIFICATES }", "htps://127.0.0.1:0", "is no address of a port")]
    public async Task Addresses_and_declared_TLS_go_together_or_the_gateway_says_what_is_missing(string tls, string urls, string says)
    {
        await using var world = new TlsWorld();

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => world.StartAsync(tls.Replace("CERTIFICATES", Certificates, StringComparison.Ordinal) + Routes, urls));

        Assert.True(refused is StartRefusedException or FormatException, refused.ToString());
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_beside_https_sends_who_reads_to_https_and_refuses_what_was_sent_in_clear()
    {
        await using var world = await new TlsWorld().StartAsync($"tls: {{ {Certificates}, plain: redirect }}{Routes}", "https://127.0.0.1:0;http://127.0.0.1:0");
        using var client = PlainClient(world);

        using var read = await client.GetAsync("/open/1?a=b%20c", Stop);
        using var sent = await client.PostAsync("/send", JsonContent.Create(1), Stop);
        using var other = new HttpRequestMessage(HttpMethod.Get, "/open/1") { Headers = { Host = "evil.example" } };
        using var elsewhere = await client.SendAsync(other, Stop);

        Assert.Equal((308, $"https://localhost:{world.Url.Port}/open/1?a=b%20c"), ((int)read.StatusCode, read.Headers.Location?.OriginalString));
        foreach (var refused in new[] { sent, elsewhere })
        {
            Assert.Equal((403, null), ((int)refused.StatusCode, refused.Headers.Location));
            Assert.Contains("https-required", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
        Assert.All(new[] { read, sent, elsewhere }, answer => Assert.False(answer.Headers.Contains("Strict-Transport-Security")));
    }

    [Fact]
    public async Task Http_beside_https_refuses_everybody_where_that_is_declared()
    {
        await using var world = await new TlsWorld().StartAsync($"tls: {{ {Certificates}, plain: refuse }}{Routes}", "https://127.0.0.1:0;http://127.0.0.1:0");
        using var client = PlainClient(world);

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/open/1", Stop)).StatusCode);
    }

    [Fact]
    public async Task The_admin_port_has_a_certificate_of_its_own()
    {
        await using var world = new TlsWorld();
        var admin = world.Servers.Issue("localhost", usage: TestAuthority.ForServers);
        world.WriteServer("admin", admin);
        await world.StartAsync($"tls: {{ {Certificates}, adminCertificates: [{{ chain: secret://file/files/admin.crt, key: secret://file/files/admin.key }}] }}{Routes}", adminUrls: "https://127.0.0.1:0");

        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, world.Gateway.AdminUrl.Port, Stop);
        await using var stream = new System.Net.Security.SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync("localhost");

        Assert.Equal(admin.Thumbprint, stream.RemoteCertificate!.GetCertHashString());
        Assert.NotEqual(admin.Thumbprint, await world.ShownAsync());
    }

    /// <summary>The hello is written by hand: libraries of today do not even offer TLS 1.1.</summary>
    [Theory]
    [InlineData(0x02, "15")]
    [InlineData(0x03, "16")]
    public async Task TLS_before_1_2_is_refused(byte minor, string answered)
    {
        await using var world = await new TlsWorld().StartAsync($"tls: {{ {Certificates} }}{Routes}");

        var answer = await HelloAsync(world.Url.Port, minor);

        // A record of the type alert (21), protocol_version (70), or of the type handshake (22).
        Assert.Equal(answered, Convert.ToHexString(answer.AsSpan(0, 1)));
        if (answered == "15") Assert.Equal("0246", Convert.ToHexString(answer.AsSpan(5, 2)));
    }

    [Fact]
    public async Task Where_TLS_1_3_is_the_oldest_1_2_is_refused()
    {
        await using var world = await new TlsWorld().StartAsync($"tls: {{ {Certificates}, oldest: tls13 }}{Routes}");

        await using var newest = await world.HandshakeAsync("localhost", protocols: SslProtocols.Tls13);

        Assert.Equal(SslProtocols.Tls13, newest.SslProtocol);
        await Assert.ThrowsAsync<AuthenticationException>(() => world.HandshakeAsync("localhost", protocols: SslProtocols.Tls12));
    }

    private static void Break(TlsWorld world, string name, string what)
    {
        switch (what)
        {
            case "no certificate at all": world.Write(name + ".crt", "hello"); break;
            case "another's key": world.Write(name + ".key", ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem()); break;
            case "expired": world.WriteServer(name, world.Servers.Issue("localhost", usage: TestAuthority.ForServers, from: Days(-30), until: Days(-1))); break;
            case "not yet valid": world.WriteServer(name, world.Servers.Issue("localhost", usage: TestAuthority.ForServers, from: Days(1), until: Days(30))); break;
            case "for clients": world.WriteServer(name, world.Servers.Issue("localhost")); break;
            case "missing": File.Delete(world.PathOf(name + ".key")); break;
            default: throw new ArgumentOutOfRangeException(nameof(what));
        }
    }

    private static DateTimeOffset Days(int days) => TimeProvider.System.GetUtcNow().AddDays(days);

    private static HttpClient PlainClient(TlsWorld world)
    {
        var client = world.Client();
        client.BaseAddress = new UriBuilder(world.PlainUrl) { Host = "localhost" }.Uri;
        return client;
    }

    private static async Task<byte[]> HelloAsync(int port, byte minor)
    {
        byte[] extensions =
        [
            0x00, 0x0a, 0x00, 0x04, 0x00, 0x02, 0x00, 0x17, // supported_groups: secp256r1
            0x00, 0x0b, 0x00, 0x02, 0x01, 0x00, // ec_point_formats: uncompressed
            0x00, 0x0d, 0x00, 0x04, 0x00, 0x02, 0x04, 0x03, // signature_algorithms: ecdsa_secp256r1_sha256
        ];
        // ECDHE-ECDSA with AES-128-GCM (TLS 1.2) and with AES-128-CBC-SHA (older).
        byte[] body = [0x03, minor, .. RandomNumberGenerator.GetBytes(32), 0x00, 0x00, 0x04, 0xc0, 0x2b, 0xc0, 0x09, 0x01, 0x00, 0x00, (byte)extensions.Length, .. extensions];
        byte[] record = [0x16, 0x03, 0x01, 0x00, (byte)(body.Length + 4), 0x01, 0x00, 0x00, (byte)body.Length, .. body];
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, Stop);
        await socket.GetStream().WriteAsync(record, Stop);
        var answer = new byte[7];
        await socket.GetStream().ReadExactlyAsync(answer, Stop);
        return answer;
    }
}
