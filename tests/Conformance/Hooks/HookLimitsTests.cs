using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Xunit;

namespace Gateway.Tests.Conformance.Hooks;

/// <summary>What the door of backends' webhooks takes of anybody.</summary>
public sealed class HookLimitsTests
{
    private const string Shipped = """{"type":"order.shipped","timestamp":"2026-11-23T09:00:00Z","data":{"reference_id":"ord_1"}}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_forges_too_often_is_not_listened_to_for_a_while()
    {
        await using var world = await HookWorld.StartAsync();

        for (var i = 0; i < 600; i++)
        {
            using var forged = await world.SendAsync(Shipped, id: $"msg_{i}", secret: HookWorld.OtherSecret);
            Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
        }
        using var next = await world.SendAsync(Shipped, id: "msg_600", secret: HookWorld.OtherSecret);
        using var good = await world.SendAsync(Shipped, id: "msg_601");

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests), (next.StatusCode, good.StatusCode));
        Assert.InRange(next.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Empty(await world.Log.ReadEventsAsync(0, 9, Stop));
    }

    [Theory]
    [InlineData(0, HttpStatusCode.Unauthorized)]
    [InlineData(1, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_in_chunks_may_be_as_long_as_one_of_a_told_length(int more, HttpStatusCode expected)
    {
        await using var world = await HookWorld.StartAsync(", maxBody: 200");

        using var whole = await world.SendUnsignedAsync(new ByteArrayContent(new byte[200 + more]));
        using var chunked = await world.SendUnsignedAsync(new ChunkedContent(200 + more));

        Assert.Equal((expected, expected), (whole.StatusCode, chunked.StatusCode));
    }

    /// <summary>Bytes of which nobody says how many there are.</summary>
    private sealed class ChunkedContent : HttpContent
    {
        private readonly int _length;

        public ChunkedContent(int length)
        {
            _length = length;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var i = 0; i < _length; i += 50)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(new string(' ', Math.Min(50, _length - i))));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
