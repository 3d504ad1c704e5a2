using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Gateway.Tests.Conformance.Hostile;

/// <summary>What is too long, too much, too slow or packed too well.</summary>
public sealed class SizeTests
{
    private const string Routes = """
              read: { match: "GET /read/{id}", public: For a test., target: { forward: raw } }
              coded: { match: POST /coded, public: For a test., policies: [protect: { body: 100KB, encodings: [gzip, br, deflate], ratio: 20 }], target: { forward: raw } }
              coded-and-read: { match: POST /coded-and-read, public: For a test., policies: [contract: { request: any@1 }, protect: { body: 100KB, encodings: [gzip, br, deflate], ratio: 20 }], target: { forward: raw } }
              slow: { match: POST /slow, public: For a test., policies: [contract: { request: any@1 }, protect: { bodyRate: 1000 }], target: { forward: raw } }
        """;

    private static Task<HostileWorld> StartAsync(string governance = "") => HostileWorld.StartAsync(Routes, governance, ("transforms/canonical/any@1.schema.json", "{}"));

    [Theory]
    [InlineData(9_000, 414, true)]
    [InlineData(20_000, 414, false)]
    public async Task A_target_that_is_too_long_is_told_so(int length, int status, bool asProblem)
    {
        await using var world = await StartAsync();

        var answer = await world.SendAsync($"GET /read/{new string('x', length)} HTTP/1.1\r\nHost: gateway\r\n\r\n");

        Assert.Equal((status, asProblem), (answer.Status, answer.Body.Contains("uri-too-long", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(150, 10, true)]
    [InlineData(250, 10, false)]
    [InlineData(30, 2000, false)]
    public async Task Headers_that_are_too_many_or_too_long_are_told_so(int count, int length, bool asProblem)
    {
        await using var world = await StartAsync();

        var answer = await world.SendAsync($"GET /read/1 HTTP/1.1\r\nHost: gateway\r\n{string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('x', length)}\r\n"))}\r\n");

        Assert.Equal((431, asProblem), (answer.Status, answer.Body.Contains("headers-too-large", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_workspace_may_take_more_and_less_of_strangers()
    {
        await using var world = await StartAsync("{ server: { url: 1KB, headers: 200 } }");

        Assert.Equal(414, (await world.SendAsync($"GET /read/{new string('x', 1100)} HTTP/1.1\r\nHost: gateway\r\n\r\n")).Status);
        Assert.Equal(200, (await world.SendAsync($"GET /read/1 HTTP/1.1\r\nHost: gateway\r\n{string.Concat(Enumerable.Range(0, 150).Select(i => $"X-{i}: x\r\n"))}\r\n")).Status);
    }

    [Theory]
    [InlineData("/coded", "gzip")]
    [InlineData("/coded", "br")]
    [InlineData("/coded", "deflate")]
    [InlineData("/coded-and-read", "gzip")]
    [InlineData("/coded-and-read", "br")]
    [InlineData("/coded-and-read", "deflate")]
    public async Task A_coded_body_gets_to_the_backend_plain(string path, string coding)
    {
        await using var world = await StartAsync();

        var answer = await world.SendAsync(Coded(path, coding, Encoding.UTF8.GetBytes("""{"a":[1,2,3]}""")));

        Assert.Equal(200, answer.Status);
        Assert.Contains("""{"a":[1,2,3]}""", world.Backend.Received, StringComparison.Ordinal);
        Assert.DoesNotContain("Content-Encoding", world.Backend.Received, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/coded", "gzip", 50_000_000)]
    [InlineData("/coded", "br", 50_000_000)]
    [InlineData("/coded-and-read", "gzip", 50_000_000)]
    [InlineData("/coded-and-read", "deflate", 50_000_000)]
    [InlineData("/coded-and-read", "gzip", 90_000)]
    public async Task A_bomb_is_refused_when_it_has_cost_little(string path, string coding, int length)
    {
        await using var world = await StartAsync();
        var spaces = new byte[length];
        Array.Fill(spaces, (byte)' ');

        var answer = await world.SendAsync(Coded(path, coding, spaces));

        Assert.Equal(413, answer.Status);
        Assert.True(world.Backend.Received.Length < 200_000, $"{world.Backend.Received.Length} bytes got to the backend");
    }

    [Theory]
    [InlineData("/coded", "gzip")]
    [InlineData("/coded", "br")]
    [InlineData("/coded", "deflate")]
    [InlineData("/coded-and-read", "gzip")]
    [InlineData("/coded-and-read", "br")]
    [InlineData("/coded-and-read", "deflate")]
    public async Task Half_a_coded_body_is_never_a_whole_one_at_the_backend(string path, string coding)
    {
        await using var world = await StartAsync();
        var numbers = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(0, 15_000).Select(i => i * 7919L % 99_991))}]");
        var whole = Coded(path, coding, numbers);
        var start = whole.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        var (head, body) = (whole[..start].Split("Content-Length")[0], whole[start..]);

        foreach (var broken in (string[])[body[..(body.Length / 2)], body[..^1], body[..^8], body + "garbage"])
        {
            var answer = await world.SendAsync($"{head}Content-Length: {broken.Length}\r\n\r\n{broken}");

            Assert.Equal(400, answer.Status);
            Assert.DoesNotContain("\r\n0\r\n\r\n", world.Backend.Received, StringComparison.Ordinal);
        }
        Assert.Equal(200, (await world.SendAsync(whole)).Status);
    }

    [Theory]
    [InlineData("gzip, gzip", 415)]
    [InlineData("zstd", 415)]
    [InlineData("gzip", 400)]
    [InlineData("br", 400)]
    [InlineData("identity", 200)]
    public async Task What_is_coded_otherwise_than_it_says_is_refused(string coding, int status)
    {
        await using var world = await StartAsync();

        var answer = await world.SendAsync($"POST /coded-and-read HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: 13\r\n\r\n{{\"a\":[1,2,3]}}");

        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_refused_with_a_problem()
    {
        await using var world = await StartAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(world.Url.Host, world.Url.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.Latin1.GetBytes("POST /slow HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\""), TestContext.Current.CancellationToken);

        var answer = await RawCaller.ReadAsync(socket, TestContext.Current.CancellationToken);

        Assert.Equal(408, answer.Status);
        Assert.Contains("request-too-slow", answer.Body, StringComparison.Ordinal);
    }

    private static string Coded(string path, string coding, byte[] body)
    {
        using var packed = new MemoryStream();
        using (Stream coder = coding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true),
        }) coder.Write(body);
        return $"POST {path} HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: {packed.Length}\r\n\r\n{Encoding.Latin1.GetString(packed.ToArray())}";
    }
}
