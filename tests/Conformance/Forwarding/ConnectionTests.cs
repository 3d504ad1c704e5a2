using System.Net;
using System.Net.Sockets;
using Gateway.Tests.Conformance.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace Gateway.Tests.Conformance.Forwarding;

/// <summary>How many connections there are to a destination, how long they are kept, and what is spoken on them, over real sockets and TLS.</summary>
public sealed class ConnectionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-connections-");
    private readonly TestAuthority _authority = TestAuthority.Root("backends");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Authorities
    {
        get
        {
            var path = Path.Combine(_folder.FullName, "backends.pem");
            File.WriteAllText(path, _authority.Pem);
            return $"authorities: secret://file{path}";
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task No_more_connections_are_made_than_declared_and_the_rest_waits()
    {
        await using var backend = await MoodyBackend.StartAsync("a");
        backend.Mood = Mood.Hangs;
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{backend.Url}}", connections: { max: 2 }""");

        var asked = Enumerable.Range(0, 6).Select(_ => world.GetAsync()).ToList();
        while (backend.Requests.Count < 2 || await world.RunningAsync() < 6) await Task.Delay(10, Cancellation);
        var (atOnce, open) = (backend.Requests.Count, backend.Open);
        backend.Release();

        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal("a", answer.Body));
        Assert.Equal((2, 2, 2), (atOnce, open, backend.Requests.Select(r => r.Connection).Distinct().Count()));
    }

    [Fact]
    public async Task A_connection_is_used_again_until_its_life_is_over()
    {
        await using var backend = await MoodyBackend.StartAsync("a");
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{backend.Url}}", connections: { lifetime: 3s }""");

        await world.NamesAsync(2);
        await Task.Delay(TimeSpan.FromSeconds(3.2), Cancellation);
        await world.NamesAsync(1);

        var used = backend.Requests.Select(r => r.Connection).ToList();
        Assert.True(used[0] == used[1] && used[1] != used[2], string.Join(' ', used));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_connection_that_nobody_uses_is_closed()
    {
        await using var backend = await MoodyBackend.StartAsync("a");
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{backend.Url}}", connections: { idle: 1s }""");

        await world.NamesAsync(1);

        // By default it would be kept for a minute, which is all the time there is.
        while (backend.Open > 0) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Single(backend.Requests);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_destination_that_takes_no_connection_is_given_up_in_time()
    {
        using var full = new TcpListener(IPAddress.Loopback, 0);
        full.Start(1);
        var address = (IPEndPoint)full.LocalEndpoint;
        // What fits into its queue; the next one is not answered at all.
        var waiting = Enumerable.Range(0, 8).Select(_ => new TcpClient()).ToList();
        foreach (var client in waiting) _ = client.ConnectAsync(address, TestContext.Current.CancellationToken).AsTask().ContinueWith(static late => late.Exception, TaskScheduler.Default);
        await using var world = await SpreadWorld.StartAsync($$"""url: "http://{{address}}", timeout: 50s, connections: { connect: 300ms }""");

        var began = TimeProvider.System.GetTimestamp();
        var answer = await world.GetAsync();

        Assert.Equal((504, "deadline-exceeded"), (answer.Status, answer.Problem));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10));
        foreach (var client in waiting) client.Dispose();
    }

    [Theory]
    [InlineData("auto", HttpProtocols.Http1AndHttp2, "HTTP/2")]
    [InlineData("auto", HttpProtocols.Http1, "HTTP/1.1")]
    [InlineData("http1", HttpProtocols.Http1AndHttp2, "HTTP/1.1")]
    [InlineData("http2", HttpProtocols.Http1AndHttp2, "HTTP/2")]
    public async Task What_is_spoken_in_TLS_is_agreed_there(string protocol, HttpProtocols spoken, string expected)
    {
        await using var backend = await MoodyBackend.StartAsync("a", spoken, _authority.Issue("127.0.0.1", usage: TestAuthority.ForServers));
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{backend.Url}}", protocol: {{protocol}}, {{Authorities}}""");

        Assert.Equal("a", (await world.GetAsync()).Body);
        Assert.Equal(200, (await world.PostAsync()).Status);
        Assert.All(backend.Requests, request => Assert.Equal(expected, request.Protocol));
    }

    [Fact]
    public async Task Who_insists_on_HTTP_2_sends_nothing_where_it_is_not_spoken()
    {
        await using var backend = await MoodyBackend.StartAsync("a", HttpProtocols.Http1, _authority.Issue("127.0.0.1", usage: TestAuthority.ForServers));
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{backend.Url}}", protocol: http2, {{Authorities}}""");

        var answer = await world.GetAsync();

        Assert.True(answer.Status is 502 or 503, $"{answer.Status}");
        Assert.Empty(backend.Requests);
        Assert.DoesNotContain("127.0.0.1", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_somebody_elses_authority_is_not_spoken_to()
    {
        await using var backend = await MoodyBackend.StartAsync("a", HttpProtocols.Http1AndHttp2, TestAuthority.Root("others").Issue("127.0.0.1", usage: TestAuthority.ForServers));
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{backend.Url}}", {{Authorities}}""");

        var answer = await world.GetAsync();

        Assert.Equal((503, "backend-unavailable"), (answer.Status, answer.Problem));
        Assert.Empty(backend.Requests);
    }

    [Fact]
    public async Task Over_HTTP_2_one_connection_carries_many_requests_at_once()
    {
        await using var backend = await MoodyBackend.StartAsync("a", HttpProtocols.Http1AndHttp2, _authority.Issue("127.0.0.1", usage: TestAuthority.ForServers));
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{backend.Url}}", connections: { max: 1 }, {{Authorities}}""");
        await world.GetAsync();
        backend.Mood = Mood.Hangs;

        var asked = Enumerable.Range(0, 10).Select(_ => world.GetAsync()).ToList();
        while (backend.Requests.Count < 11) await Task.Delay(10, Cancellation);
        backend.Release();

        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal("a", answer.Body));
        Assert.Single(backend.Requests.Select(r => r.Connection).Distinct());
    }
}
