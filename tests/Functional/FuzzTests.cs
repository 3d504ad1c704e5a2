using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>10,000 requests that a seeded generator makes of valid ones, over sockets, to the gateway's program: nothing in it breaks, hangs or grows.</summary>
public sealed class FuzzTests
{
    private const int Requests = 10_016;
    private const int Callers = 32;
    private const long MaxBytes = 700L << 20;

    /// <summary>After so long without an answer the gateway waits for more, and is told that nothing comes.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    /// <summary>Longest time that a connection may stay open then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(20261129)]
    public async Task Whatever_is_sent_nothing_breaks(int seed)
    {
        await using var simulators = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulators.Odoo, simulators.Tms, simulators.Partner,
            "policies:\n  partner-quota: { rateLimit: { limit: 1000000, tiers: { gold: 1000000 } } }", ", failedAttempts: { perAddress: 100000, perConsumer: 100000 }");
        workspace.Write("routes/fuzz.yaml", RequestFuzz.Workspace);
        var (process, gateway, _) = await ChildProcess.ServeAsync(workspace);
        await using var running = process;
        var found = new System.Collections.Concurrent.ConcurrentBag<string>();
        var answered = new int[600];

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(seed + caller);
            for (var i = 0; i < Requests / Callers; i++)
            {
                var request = RequestFuzz.Next(random);
                var (status, trouble) = await SendAsync(gateway, request, random);
                Interlocked.Increment(ref answered[status]);
                if (trouble is not null || status is 500) found.Add($"caller {caller}, request {i}: {trouble ?? "500"}\n{request.Replace("\r", "\\r", StringComparison.Ordinal)}");
            }
        }, Cancellation)));

        Assert.True(found.IsEmpty, $"{found.Count} of {Requests}; the first:\n{found.FirstOrDefault()}\n{process.Output[^Math.Min(4000, process.Output.Length)..]}");
        Assert.True(answered[400] > 1000 && answered[200] > 100 && answered[401] > 50, $"the mutations are too wild or too tame: {string.Join(", ", answered.Select((n, s) => (n, s)).Where(a => a.n > 0).Select(a => $"{a.s}: {a.n}"))}");
        using var caller = new Caller(gateway);
        Assert.Equal(200, (int)(await caller.GetAsync("/v1/items/DESK0005")).Status);
        using var watched = Process.GetProcessById(process.Id);
        Assert.True(watched.WorkingSet64 < MaxBytes, $"{watched.WorkingSet64 >> 20} MB");
        Assert.DoesNotContain("Unhandled exception", process.Output, StringComparison.Ordinal);
    }

    /// <summary>Sends a request in pieces, and reads what comes until the gateway has answered or closed. Status 0 is a closed connection.</summary>
    private static async Task<(int Status, string? Trouble)> SendAsync(Uri gateway, string request, Random random)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var late = new CancellationTokenSource(Patience);
        try
        {
            await socket.ConnectAsync(gateway.Host, gateway.Port, late.Token);
            var bytes = Encoding.Latin1.GetBytes(request);
            for (int at = 0, size; at < bytes.Length; at += size)
            {
                size = random.Next(3) == 0 ? random.Next(1, Math.Min(bytes.Length - at, 200) + 1) : bytes.Length - at;
                await socket.SendAsync(bytes.AsMemory(at, size), late.Token);
            }
            var answer = await ReadAsync(socket, late.Token);
            // Who begins as HTTP/2 does is told in its frames that there is none.
            return request.StartsWith("PRI * HTTP/2.0", StringComparison.Ordinal) ? (0, null) : Judge(answer);
        }
        catch (SocketException)
        {
            return (0, null);
        }
        catch (OperationCanceledException)
        {
            return (0, "hangs");
        }
    }

    private static async Task<string> ReadAsync(Socket socket, CancellationToken late)
    {
        var (answer, buffer, isOpen) = (new StringBuilder(), new byte[8 * 1024], true);
        while (!IsWhole(answer.ToString()))
        {
            var receiving = socket.ReceiveAsync(buffer, late).AsTask();
            if (isOpen && await Task.WhenAny(receiving, Task.Delay(Pause, late)) != receiving)
            {
                socket.Shutdown(SocketShutdown.Send);
                isOpen = false;
            }
            if (await receiving is not (> 0 and var read)) break;
            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        return answer.ToString();
    }

    private static bool IsWhole(string answer)
    {
        if (answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) is not (> 0 and var end)) return false;
        var head = answer[..end].Split("\r\n");
        if (head.FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) is { } length) return answer.Length - end - 4 >= int.Parse(length.AsSpan("Content-Length:".Length), CultureInfo.InvariantCulture);
        return answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
    }

    private static (int Status, string? Trouble) Judge(string answer)
    {
        if (answer.Length == 0) return (0, null);
        if (!answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || !int.TryParse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture, out var status)) return (0, "what is answered is no HTTP: " + answer[..Math.Min(100, answer.Length)]);
        if (answer.Contains("   at Gateway.", StringComparison.Ordinal) || answer.Contains("Exception", StringComparison.Ordinal)) return (status, "an answer tells of the program: " + answer);
        return (answer.Contains("HTTP/1.1 500", StringComparison.Ordinal) ? 500 : status, null);
    }
}
