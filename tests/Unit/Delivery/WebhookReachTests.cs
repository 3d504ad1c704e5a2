using System.Net;
using System.Net.Sockets;
using Gateway.Delivery.Webhooks;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>Webhooks go to partners, and to nothing that only the gateway reaches.</summary>
public sealed class WebhookReachTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("168.63.129.16")]
    [InlineData("::ffff:168.63.129.16")]
    [InlineData("64:ff9b::a83f:8110")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:a00:1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    [InlineData("2001:db8::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1%2")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void An_inside_address_is_no_public_one_however_it_is_written(string address) => Assert.False(PublicNetworks.Contain(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("100.128.0.1")]
    [InlineData("168.63.129.15")]
    [InlineData("172.32.0.1")]
    [InlineData("193.99.144.80")]
    [InlineData("::ffff:193.99.144.80")]
    [InlineData("64:ff9b::c163:9050")]
    [InlineData("2a00:1450:4001:82f::200e")]
    public void A_public_address_is_one(string address) => Assert.True(PublicNetworks.Contain(IPAddress.Parse(address)));

    [Fact]
    public void A_network_that_is_let_in_lets_nothing_else_in()
    {
        var reach = new WebhookReach(false, [IPNetwork.Parse("10.20.0.0/16")], [new PortRange(443, 443), new PortRange(9000, 9099)]);

        Assert.True(reach.Takes(IPAddress.Parse("10.20.1.1")));
        Assert.True(reach.Takes(IPAddress.Parse("::ffff:10.20.1.1")));
        Assert.False(reach.Takes(IPAddress.Parse("10.21.1.1")));
        Assert.Equal([true, true, true, false, false], new[] { 443, 9000, 9099, 9100, 80 }.Select(reach.Takes));
    }

    /// <summary>The address is written down or is what a name stands for; what is refused is not connected to, and the answer tells no address.</summary>
    [Theory]
    [InlineData("http", "127.0.0.1", false, "", "webhooks go to https only")]
    [InlineData("http", "127.0.0.1", true, "", "127.0.0.1 has no address that webhooks may go to")]
    [InlineData("https", "[::ffff:127.0.0.1]", true, "", "has no address that webhooks may go to")]
    [InlineData("http", "localhost", true, "", "localhost has no address that webhooks may go to")]
    [InlineData("http", "localhost", true, "10.0.0.0/8", "localhost has no address that webhooks may go to")]
    [InlineData("http", "localhost", true, "127.0.0.0/8", null)]
    [InlineData("http", "127.0.0.1", true, "127.0.0.0/8", null)]
    public async Task The_address_that_is_connected_to_is_judged(string scheme, string host, bool http, string network, string? refused)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var reach = new WebhookReach(http, network.Length == 0 ? [] : [IPNetwork.Parse(network)], [new PortRange(port, port)]);
        using var invoker = WebhookCall.NewInvoker(() => reach, () => reach);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{scheme}://{host}:{port}/");
        var asked = invoker.SendAsync(request, Stop);

        if (refused is null)
        {
            using var came = await listener.AcceptTcpClientAsync(Stop);
            await came.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray(), Stop);
            using var answer = await asked;
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            return;
        }
        var told = await Assert.ThrowsAsync<HttpRequestException>(() => asked);
        Assert.Contains(refused, told.InnerException?.Message ?? told.Message, StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }

    /// <summary>A connection that the workspace's webhook has left open is there, to the same name; a partner's own does not get it.</summary>
    [Fact]
    public async Task What_operators_let_in_leads_no_partner_inside()
    {
        await using var world = await WebhookWorld.NewAsync();
        var endpoint = world.Subscribe("hook").Url;
        var inside = new WebhookReach(true, [IPNetwork.Parse("127.0.0.0/8")], [new PortRange(endpoint.Port, endpoint.Port)]);
        using var invoker = WebhookCall.NewInvoker(() => inside, () => inside with { Networks = [] });

        using (var declared = Post(isOwn: false))
        using (var answer = await invoker.SendAsync(declared, Stop)) Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        using var own = Post(isOwn: true);
        var told = await Assert.ThrowsAsync<HttpRequestException>(() => invoker.SendAsync(own, Stop));

        Assert.Equal(DeliveryCause.NotAllowed, EndpointConnection.CauseOf(told));
        Assert.Single(world.Requests);

        HttpRequestMessage Post(bool isOwn)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
            request.Options.Set(SeparateWays.IsOwn, isOwn);
            return request;
        }
    }

    [Fact]
    public async Task A_port_that_is_not_named_is_not_connected_to()
    {
        var reach = new WebhookReach(true, [IPNetwork.Parse("127.0.0.0/8")], [new PortRange(443, 443)]);
        using var invoker = WebhookCall.NewInvoker(() => reach, () => reach);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://127.0.0.1:6379/");

        var told = await Assert.ThrowsAsync<HttpRequestException>(() => invoker.SendAsync(request, Stop));

        Assert.Equal("webhooks don't go to port 6379", told.InnerException?.Message);
    }
}
