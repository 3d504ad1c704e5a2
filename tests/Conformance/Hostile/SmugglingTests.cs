using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Gateway.Tests.Conformance.Hostile;

/// <summary>Where a request ends is told in one way, or not believed at all (RFC 9112 section 11.2): no second request gets to the backend within a first.</summary>
public sealed class SmugglingTests
{
    private const string Routes = """
              taken: { match: POST /taken, public: For a test., target: { forward: raw } }
              looked-at: { match: POST /looked-at, public: For a test., policies: [contract: { request: any@1 }], target: { forward: raw } }
              secret: { match: GET /secret, policies: [callers], target: { forward: raw } }
        """;

    private const string Head = " HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n";

    public static TheoryData<string, string> Ambiguous => new()
    {
        { "two lengths", "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}GET /secret HTTP/1.1\r\nHost: gateway\r\n\r\n" },
        { "two lengths in one", "Content-Length: 2, 40\r\n\r\n{}" },
        { "the same length twice", "Content-Length: 2, 2\r\n\r\n{}" },
        { "a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 44\r\n\r\n0\r\n\r\nGET /secret HTTP/1.1\r\nHost: gateway\r\n\r\n" },
        { "a length of less than nothing", "Content-Length: -2\r\n\r\n{}" },
        { "a length in hex", "Content-Length: 0x2\r\n\r\n{}" },
        { "a length beyond all numbers", "Content-Length: 99999999999999999999\r\n\r\n{}" },
        { "a coding that is not known", "Transfer-Encoding: cow\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "a coding before the chunks", "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "a coding behind the chunks", "Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "chunks twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "chunks, but not quite", "Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "chunks behind a tab", "Transfer-Encoding:\tchunked\vx\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "a space before the colon", "Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}" },
        { "a header that goes on in the next line", "X-Long: a\r\n b\r\nContent-Length: 2\r\n\r\n{}" },
        { "a length in the next line", "Content-Length:\r\n 2\r\n\r\n{}" },
        { "a line that ends with a line feed alone", "X-Short: a\nContent-Length: 2\r\n\r\n{}" },
        { "headers that end with a line feed alone", "Content-Length: 2\n\n{}" },
        { "a carriage return in a value", "X-Short: a\rTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}" },
        { "a NUL in a value", "X-Short: a\0b\r\nContent-Length: 2\r\n\r\n{}" },
        { "a header without a name", ": a\r\nContent-Length: 2\r\n\r\n{}" },
        { "a header that is none", "hello\r\nContent-Length: 2\r\n\r\n{}" },
        { "two hosts", "Host: other\r\nContent-Length: 2\r\n\r\n{}" },
        { "a chunk of no length", "Transfer-Encoding: chunked\r\n\r\nz\r\n{}\r\n0\r\n\r\n" },
        { "a chunk of less than nothing", "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n" },
        { "a chunk of two gigabytes", "Transfer-Encoding: chunked\r\n\r\n80000000\r\n{}\r\n0\r\n\r\n" },
        { "a chunk beyond all numbers", "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff2\r\n{}\r\n0\r\n\r\n" },
        { "a chunk that is longer than it says", "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n" },
        { "a chunk that ends with a line feed alone", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\n0\r\n\r\n" },
        { "a length of a chunk that ends with a line feed alone", "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n" },
        { "an extension of a chunk with a line feed in it", "Transfer-Encoding: chunked\r\n\r\n2;a\nb\r\n{}\r\n0\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public async Task A_request_of_which_nobody_can_say_where_it_ends_is_refused(string what, string rest)
    {
        await using var world = await StartAsync();

        foreach (var path in (string[])["/taken", "/looked-at"])
        {
            var answer = await world.SendAsync($"POST {path}{Head}{rest}");

            Assert.True(answer.Status is 400 or 0, $"{what} at {path} was answered {answer.Status}");
            Assert.DoesNotContain("/secret", world.Backend.Received, StringComparison.Ordinal);
            if (answer.Status == 400) Assert.True(answer.Header("Connection") is "close", $"{what}: the connection goes on");
        }
        Assert.DoesNotContain("/looked-at", world.Backend.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/taken")]
    [InlineData("/looked-at")]
    public async Task HTTP_1_0_knows_no_chunks(string path)
    {
        await using var world = await StartAsync();

        var answer = await world.SendAsync($"POST {path} HTTP/1.0\r\nHost: gateway\r\nConnection: keep-alive\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\nGET /secret HTTP/1.1\r\nHost: gateway\r\n\r\n");

        Assert.True(answer.Status is 400, answer.Head);
        Assert.DoesNotContain("/secret", world.Backend.Received, StringComparison.Ordinal);
    }

    /// <summary>The server reads it as a number; the backend is told the number.</summary>
    [Fact]
    public async Task A_length_with_a_sign_is_told_without_it()
    {
        await using var world = await StartAsync();

        await world.SendAsync($"POST /taken{Head}Content-Length: +2\r\n\r\n{{}}");

        Assert.Contains("Content-Length: 2\r\n", world.Backend.Received, StringComparison.Ordinal);
        Assert.DoesNotContain("+2", world.Backend.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_requests_on_one_connection_are_two_at_the_backend()
    {
        await using var world = await StartAsync();

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(world.Url.Host, world.Url.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.Latin1.GetBytes($"POST /taken{Head}Content-Length: 2\r\n\r\n{{}}POST /taken{Head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"), TestContext.Current.CancellationToken);
        for (var i = 0; i < 100 && Count(world.Backend.Received, "POST /taken") < 2; i++) await Task.Delay(50, TestContext.Current.CancellationToken);

        Assert.Equal(2, Count(world.Backend.Received, "POST /taken HTTP/1.1"));
    }

    [Fact]
    public async Task Extensions_and_trailers_of_chunks_end_here()
    {
        await using var world = await StartAsync();

        var answer = await world.SendAsync($"POST /taken{Head}Transfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n2;hidden=1\r\n{{}}\r\n0\r\nX-Late: smuggled\r\nAuthorization: smuggled\r\n\r\n");

        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("hidden", world.Backend.Received, StringComparison.Ordinal);
        Assert.DoesNotContain("smuggled", world.Backend.Received, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\n2\r\n{}\r\n0\r\n\r\n", world.Backend.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-HTTP-Method")]
    [InlineData("X-Method-Override")]
    [InlineData("x_http_method_override")]
    public async Task Another_method_in_a_header_is_not_followed_and_not_told(string header)
    {
        await using var world = await StartAsync();

        var answer = await world.SendAsync($"POST /taken{Head}{header}: DELETE\r\nContent-Length: 2\r\n\r\n{{}}");

        Assert.Equal(200, answer.Status);
        Assert.Contains("POST /taken ", world.Backend.Received, StringComparison.Ordinal);
        Assert.DoesNotContain("DELETE", world.Backend.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X_Real_IP")]
    [InlineData("x_real-ip")]
    [InlineData("X_Api_Key")]
    [InlineData("Content_Length")]
    [InlineData("TRANSFER_ENCODING")]
    [InlineData("X_Correlation_Id")]
    [InlineData("Idempotency_Key")]
    [InlineData("Proxy")]
    [InlineData("Client-IP")]
    [InlineData("client_ip")]
    public async Task What_a_backend_could_take_for_the_gateways_own_word_ends_here_however_it_is_spelled(string header)
    {
        await using var world = await StartAsync();

        var answer = await world.SendAsync($"POST /taken{Head}{header}: smuggled\r\nX_Shop: kept\r\nContent-Length: 2\r\n\r\n{{}}");

        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("smuggled", world.Backend.Received, StringComparison.Ordinal);
        Assert.Contains("X_Shop: kept", world.Backend.Received, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 2\r\n", world.Backend.Received, StringComparison.OrdinalIgnoreCase);
    }

    private static Task<HostileWorld> StartAsync() => HostileWorld.StartAsync(Routes, files: ("transforms/canonical/any@1.schema.json", "{}"));

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
