using System.Net;

namespace Gateway.Adapters.Sending;

/// <summary>Connections to one backend, kept for many calls and made anew now and then, so that a change of its address is seen.</summary>
internal static class LastingConnections
{
    /// <param name="connectTimeout">For TCP and TLS.</param>
    /// <param name="most">On the wire at once; more wait.</param>
    public static SocketsHttpHandler Open(TimeSpan connectTimeout, int most) => new()
    {
        ConnectTimeout = connectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
        MaxConnectionsPerServer = most,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
    };
}
