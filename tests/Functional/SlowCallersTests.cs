using System.Net.Sockets;
using System.Text;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>Callers that begin and never end keep nobody out, and are not waited for.</summary>
public sealed class SlowCallersTests
{
    private const int Slow = 200;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET /v1/items/DESK0005 HTTP/1.1\r\nHost: gateway\r\nX-Slow: ")]
    [InlineData("POST /v1/orders HTTP/1.1\r\nHost: gateway\r\nX-Api-Key: " + TestWorkspace.ShopKey + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"a\":\"")]
    public async Task Two_hundred_slow_callers_keep_nobody_out(string begun)
    {
        await using var world = await World.StartAsync(governance: ", server: { headersTimeout: 2s, bodyRate: 1000 }");
        var sockets = new List<Socket>();
        try
        {
            foreach (var _ in Enumerable.Range(0, Slow))
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                sockets.Add(socket);
                await socket.ConnectAsync(world.Gateway.Url.Host, world.Gateway.Url.Port, Cancellation);
                await socket.SendAsync(Encoding.Latin1.GetBytes(begun), Cancellation);
            }

            for (var i = 0; i < 20; i++) Assert.Equal(200, (int)(await world.Caller.GetAsync("/v1/items/DESK0005")).Status);

            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(40));
            await Task.WhenAll(sockets.Select(socket => DripAsync(socket, late.Token)));
        }
        finally
        {
            foreach (var socket in sockets) socket.Dispose();
        }
    }

    /// <summary>One byte after the other, until the gateway has had enough.</summary>
    private static async Task DripAsync(Socket socket, CancellationToken late)
    {
        var read = socket.ReceiveAsync(new byte[1024], late).AsTask();
        try
        {
            while (!read.IsCompleted)
            {
                await socket.SendAsync("x"u8.ToArray(), late);
                await Task.WhenAny(read, Task.Delay(200, late));
            }
            await read;
        }
        catch (SocketException)
        {
            // It has closed the connection.
        }
    }
}
