using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Conformance.Hostile;

/// <summary>Sends bytes as they are, and reads one answer. Text stands for bytes one by one (Latin-1), so that anything can be said.</summary>
internal static class RawCaller
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>The answer; status 0 where the connection was closed without one.</summary>
    public static async Task<RawAnswer> SendAsync(Uri gateway, string request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var late = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(gateway.Host, gateway.Port, late.Token);
        await socket.SendAsync(Encoding.Latin1.GetBytes(request), late.Token);
        return await ReadAsync(socket, late.Token);
    }

    public static async Task<RawAnswer> ReadAsync(Socket socket, CancellationToken late)
    {
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        while (!RawAnswer.IsWhole(text.ToString()))
        {
            int read;
            try
            {
                read = await socket.ReceiveAsync(buffer, late);
            }
            catch (SocketException)
            {
                break;
            }
            if (read == 0) break;
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        return RawAnswer.Of(text.ToString());
    }
}

/// <summary>An answer as it came.</summary>
internal sealed record RawAnswer(int Status, string Head, string Body)
{
    public static bool IsWhole(string text)
    {
        if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is not (> 0 and var end)) return false;
        var (head, body) = (text[..end], text[(end + 4)..]);
        if (Header(head, "Content-Length") is { } length) return body.Length >= int.Parse(length, CultureInfo.InvariantCulture);
        return Header(head, "Transfer-Encoding") is null || body.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
    }

    public static RawAnswer Of(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end < 0 ? new RawAnswer(0, text, "") : new RawAnswer(int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), text[..end], text[(end + 4)..]);
    }

    public string? Header(string name) => Header(Head, name);

    private static string? Header(string head, string name) =>
        head.Split("\r\n").FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
