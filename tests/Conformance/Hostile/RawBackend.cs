using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Conformance.Hostile;

/// <summary>A backend that keeps every byte it is sent, and answers what a test tells it to.</summary>
internal sealed class RawBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<StringBuilder> _connections = new();
    private Task _accepting = Task.CompletedTask;

    public Uri Url => new($"http://{_listener.LocalEndpoint}");

    public string Answer { get; set; } = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    /// <summary>All bytes of all connections, as Latin-1.</summary>
    public string Received => string.Concat(_connections.Select(c =>
    {
        lock (c) return c.ToString();
    }));

    /// <summary>The request line and headers of the last request.</summary>
    public string LastTarget => Received.Split("\r\n").Last(l => l.EndsWith(" HTTP/1.1", StringComparison.Ordinal)).Split(' ')[1];

    public static RawBackend Start()
    {
        var backend = new RawBackend();
        backend._listener.Start();
        backend._accepting = backend.AcceptAsync();
        return backend;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test has ended.
        }
    }

    /// <summary>Answers when a request is whole: by its length, or the end of its chunks.</summary>
    private async Task ServeAsync(Socket socket)
    {
        using var connection = socket;
        var seen = new StringBuilder();
        _connections.Enqueue(seen);
        var (buffer, pending) = (new byte[16 * 1024], "");
        try
        {
            while (await connection.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
            {
                var text = Encoding.Latin1.GetString(buffer, 0, read);
                lock (seen) seen.Append(text);
                pending += text;
                if (!IsWhole(pending)) continue;
                pending = "";
                await connection.SendAsync(Encoding.Latin1.GetBytes(Answer), _stop.Token);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or SocketException)
        {
            // The gateway has closed it, or the test has ended.
        }
    }

    private static bool IsWhole(string text)
    {
        if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is not (> 0 and var end)) return false;
        var head = text[..end].Split("\r\n");
        if (head.Any(l => l.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase))) return text.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
        var length = head.FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return length is null || text.Length - end - 4 >= int.Parse(length.AsSpan("Content-Length:".Length), System.Globalization.CultureInfo.InvariantCulture);
    }
}
