using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Servers;

/// <summary>
/// Ports of loopback for servers that must know theirs before they start, or come back on it. They are below what the system gives to connections, one of which
/// would else take the port before the server does, or while it is down.
/// </summary>
public static class FreePorts
{
    private const int First = 12_000;
    private const int Count = 18_000;

    private static int _next = Random.Shared.Next(Count);

    /// <summary>One that nobody listens on, and that this process was not given before.</summary>
    public static int Next()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody's.
            }
        }
        throw new InvalidOperationException("no port of loopback is free");
    }
}
