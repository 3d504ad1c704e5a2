using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Delivery.Webhooks;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>
/// Names that stand for something else than when they were subscribed, on real sockets. Where the Internet is needed, an address of loopback that is let in stands for it,
/// 127.0.0.2, beside 127.0.0.1, which is inside.
/// </summary>
public sealed class WebhookRebindingTests
{
    private static readonly IPAddress Outside = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Inside = IPAddress.Loopback;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_name_that_led_outside_when_it_was_subscribed_and_inside_when_it_is_connected_to_is_refused()
    {
        var (outside, inside, reach) = Listen();
        using var _ = outside;
        using var __ = inside;
        IPAddress[] now = [Outside];
        using var invoker = WebhookCall.NewInvoker(() => reach, () => reach, (_, _) => Task.FromResult(now));

        var first = PostAsync(invoker, reach);
        using (var came = await outside.AcceptTcpClientAsync(Stop)) await AnswerAsync(came, "Connection: close\r\n");
        Assert.Equal(HttpStatusCode.NoContent, await first);
        now = [Inside];

        Assert.Equal(DeliveryCause.NotAllowed, await RefusedAsync(invoker, reach));
        Assert.False(inside.Pending());
    }

    /// <summary>The public one is there, or it is not: the one inside is no way out, in whatever order they come.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Of_several_answers_one_that_is_inside_is_never_connected_to(bool insideFirst, bool isThere)
    {
        var (outside, inside, reach) = Listen();
        using var _ = outside;
        using var __ = inside;
        if (!isThere) outside.Stop();
        IPAddress[] both = insideFirst ? [Inside, Outside] : [Outside, Inside];
        using var invoker = WebhookCall.NewInvoker(() => reach, () => reach, (_, _) => Task.FromResult(both));

        if (isThere)
        {
            var asked = PostAsync(invoker, reach);
            using (var came = await outside.AcceptTcpClientAsync(Stop)) await AnswerAsync(came, "Connection: close\r\n");
            Assert.Equal(HttpStatusCode.NoContent, await asked);
        }
        else
        {
            Assert.Equal(DeliveryCause.ConnectionRefused, await RefusedAsync(invoker, reach));
        }
        Assert.False(inside.Pending());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("fd00:ec2::254")]
    [InlineData("0.0.0.0")]
    public async Task Of_a_partners_own_no_name_leads_inside(string address)
    {
        var reach = WebhookReach.Default;
        using var invoker = WebhookCall.NewInvoker(() => reach, () => reach, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address), IPAddress.Parse("192.168.0.1")]));
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://shop.acme.example/webhooks");

        var told = await Assert.ThrowsAnyAsync<HttpRequestException>(() => invoker.SendAsync(request, Stop));

        Assert.Equal(DeliveryCause.NotAllowed, EndpointConnection.CauseOf(told));
        Assert.DoesNotContain(address, told.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Networks, ports and schemes that operators have closed meanwhile.</summary>
    [Theory]
    [InlineData("networks")]
    [InlineData("ports")]
    [InlineData("http")]
    public async Task Over_a_connection_that_was_left_open_nothing_goes_where_webhooks_may_no_longer_go(string closed)
    {
        var (outside, inside, reach) = Listen();
        using var _ = outside;
        using var __ = inside;
        var now = reach;
        using var invoker = WebhookCall.NewInvoker(() => now, () => now, (_, _) => Task.FromResult<IPAddress[]>([Outside]));

        var first = PostAsync(invoker, reach);
        using var kept = await outside.AcceptTcpClientAsync(Stop);
        await AnswerAsync(kept);
        Assert.Equal(HttpStatusCode.NoContent, await first);
        var second = PostAsync(invoker, reach);
        await AnswerAsync(kept);
        Assert.Equal(HttpStatusCode.NoContent, await second);
        now = closed switch
        {
            "networks" => reach with { Networks = [] },
            "ports" => reach with { Ports = [new PortRange(443, 443)] },
            _ => reach with { Http = false },
        };

        Assert.Equal(DeliveryCause.NotAllowed, await RefusedAsync(invoker, reach));
        Assert.Equal(0, await kept.GetStream().ReadAsync(new byte[1], Stop));
        Assert.False(outside.Pending());
    }

    /// <summary>One at each of the two addresses, at one port; and a reach that has the first of them.</summary>
    private static (TcpListener Outside, TcpListener Inside, WebhookReach Reach) Listen()
    {
        for (var tries = 0; ; tries++)
        {
            var outside = new TcpListener(Outside, 0);
            outside.Start();
            var port = ((IPEndPoint)outside.LocalEndpoint).Port;
            var inside = new TcpListener(Inside, port);
            try
            {
                inside.Start();
                return (outside, inside, new WebhookReach(true, [new IPNetwork(Outside, 32)], [new PortRange(port, port)]));
            }
            catch (SocketException) when (tries < 20)
            {
                outside.Dispose();
                inside.Dispose();
            }
        }
    }

    private static async Task<HttpStatusCode> PostAsync(HttpMessageInvoker invoker, WebhookReach reach)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://shop.acme.example:{reach.Ports[0].First}/webhooks") { Content = new StringContent("{}") };
        using var answer = await invoker.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private static async Task<string> RefusedAsync(HttpMessageInvoker invoker, WebhookReach reach) =>
        EndpointConnection.CauseOf(await Assert.ThrowsAnyAsync<HttpRequestException>(() => PostAsync(invoker, reach)));

    /// <summary>Reads one request, and answers it.</summary>
    private static async Task AnswerAsync(TcpClient came, string header = "")
    {
        var (read, buffer) = (new StringBuilder(), new byte[4096]);
        while (!read.ToString().EndsWith("\r\n\r\n{}", StringComparison.Ordinal)) read.Append(Encoding.ASCII.GetString(buffer, 0, await came.GetStream().ReadAsync(buffer, Stop)));
        await came.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 204 No Content\r\n{header}\r\n"), Stop);
    }
}
