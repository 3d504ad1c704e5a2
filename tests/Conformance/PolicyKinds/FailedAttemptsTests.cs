using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>Who fails too often to get in is not listened to for a while; nobody else notices.</summary>
public sealed class FailedAttemptsTests
{
    private static readonly IPAddress Attacker = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Neighbour = IPAddress.Parse("127.0.0.3");

    private readonly MovedClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_so_many_failures_an_address_is_not_listened_to_whatever_it_brings_until_the_window_ends()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer, "{ perAddress: 3, perConsumer: 100, window: 60s }");
        for (var i = 0; i < 3; i++) Assert.Equal(401, (await SendAsync(world, Attacker, "X-Api-Key", $"key-of-nobody-{i}")).Status);

        foreach (var (name, value) in ((string, string)[])[("X-Api-Key", "key-of-nobody"), ("X-Api-Key", "key-of-initech"), ("Authorization", "Bearer " + issuer.Token())])
        {
            var answer = await SendAsync(world, Attacker, name, value);
            Assert.Equal(429, answer.Status);
            Assert.InRange(int.Parse(answer.RetryAfter, System.Globalization.CultureInfo.InvariantCulture), 55, 60);
        }
        Assert.Equal(0, issuer.KeysFetched);
        Assert.Equal(200, (await SendAsync(world, Neighbour, "X-Api-Key", "key-of-initech")).Status);

        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(200, (await SendAsync(world, Attacker, "X-Api-Key", "key-of-initech")).Status);
        Assert.Equal(401, (await SendAsync(world, Attacker, "X-Api-Key", "key-of-nobody")).Status);
    }

    [Fact]
    public async Task Successes_and_requests_without_credentials_are_no_failures()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer, "{ perAddress: 2, perConsumer: 2 }");

        for (var i = 0; i < 5; i++) Assert.Equal(200, (await SendAsync(world, Attacker, "X-Api-Key", "key-of-initech")).Status);
        for (var i = 0; i < 5; i++) Assert.Equal(401, (await SendAsync(world, Attacker, "X-Nothing", "x")).Status);
        Assert.Equal(200, (await SendAsync(world, Attacker, "X-Api-Key", "key-of-initech")).Status);
    }

    [Fact]
    public async Task A_flood_of_tokens_is_no_flood_of_questions_to_an_issuer_that_never_answered()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        issuer.Down = true;
        await using var world = await StartAsync(issuer, "{ perAddress: 1000, perConsumer: 1000 }");
        var started = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < 60; i++) Assert.Equal(503, (await SendAsync(world, Attacker, "Authorization", "Bearer " + issuer.Token())).Status);

        // A reading a second, and the library asks a second time where an issuer says 503.
        Assert.InRange(issuer.Asked, 1, 2 * (1 + (int)TimeProvider.System.GetElapsedTime(started).TotalSeconds));
    }

    [Fact]
    public async Task That_the_issuer_is_down_is_not_the_callers_failure()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        issuer.Down = true;
        await using var world = await StartAsync(issuer, "{ perAddress: 2, perConsumer: 2 }");
        for (var i = 0; i < 5; i++) Assert.Equal(503, (await SendAsync(world, Attacker, "Authorization", "Bearer " + issuer.Token())).Status);

        issuer.Down = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await SendAsync(world, Attacker, "Authorization", "Bearer " + issuer.Token())).Status);
    }

    [Fact]
    public async Task Who_fails_in_a_consumers_name_is_stopped_over_all_addresses_and_the_consumer_is_not_locked_out()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer, "{ perAddress: 100, perConsumer: 4, window: 60s }");
        var forged = issuer.Token()[..^8];
        for (var i = 0; i < 4; i++) Assert.Equal(401, (await SendAsync(world, IPAddress.Parse($"127.0.1.{i + 1}"), "Authorization", "Bearer " + forged)).Status);

        for (var i = 0; i < 4; i++) Assert.Equal(429, (await SendAsync(world, IPAddress.Parse($"127.0.1.{i + 1}"), "Authorization", "Bearer " + forged)).Status);
        Assert.Equal(429, (await SendAsync(world, IPAddress.Parse("127.0.1.1"), "Authorization", "Bearer " + issuer.Token())).Status);
        Assert.Equal(200, (await SendAsync(world, Neighbour, "Authorization", "Bearer " + issuer.Token())).Status);
        // In nobody's name, and in another's, the same address may go on trying.
        Assert.Equal(401, (await SendAsync(world, IPAddress.Parse("127.0.1.1"), "Authorization", "Bearer " + issuer.Token(claims: [("sub", "nobody")]))).Status);

        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(401, (await SendAsync(world, IPAddress.Parse("127.0.1.1"), "Authorization", "Bearer " + forged)).Status);
    }

    [Fact]
    public async Task The_count_outlives_a_reload()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer, "{ perAddress: 2, perConsumer: 100 }", reload: true);
        for (var i = 0; i < 2; i++) Assert.Equal(401, (await SendAsync(world, Attacker, "X-Api-Key", "key-of-nobody")).Status);

        await world.ChangeAsync("policies.yaml", yaml => yaml + "\n# changed\n", Cancellation);

        Assert.Equal(429, (await SendAsync(world, Attacker, "X-Api-Key", "key-of-initech")).Status);
    }

    private Task<KindWorld> StartAsync(OidcIssuer issuer, string limits, bool reload = false) =>
        KindWorld.StartAsync(TokenWorld.Files($"issuer: \"{issuer.Issuer}\", audience: api", governance: $"{{ failedAttempts: {limits} }}"), clock: _clock, reload: reload);

    /// <summary>From an address of loopback, over a connection of its own.</summary>
    private static async Task<(int Status, string RetryAfter)> SendAsync(KindWorld world, IPAddress from, string header, string value)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(world.Url, "/any"));
        request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await client.SendAsync(request, Cancellation);
        return ((int)answer.StatusCode, answer.Headers.NonValidated.TryGetValues("Retry-After", out var wait) ? wait.ToString() : "");
    }
}
