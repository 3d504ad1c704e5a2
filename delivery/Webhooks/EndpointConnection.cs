using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// Connections to the endpoints of partners. The addresses that a name stands for are judged when the connection is made, and that address is
/// connected to: a name that stands for another one a moment later leads nowhere else.
/// </summary>
/// <param name="reach">Where webhooks may go now.</param>
internal sealed class EndpointConnection(Func<WebhookReach> reach)
{
    /// <summary>For one address; the next is tried after it.</summary>
    private static readonly TimeSpan EachAddress = TimeSpan.FromSeconds(5);

    /// <exception cref="HttpRequestException">The endpoint is where webhooks may not go, or nobody is there. The message has no address in it.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var (allowed, host, port) = (reach(), context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        if (context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps && !allowed.Http) throw Refused("webhooks go to https only");
        if (!allowed.Takes(port)) throw Refused($"webhooks don't go to port {port}");
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellation);
        var addresses = found.Where(allowed.Takes).ToList();
        if (addresses.Count == 0) throw Refused(found.Length == 0 ? $"{host} has no address" : $"{host} has no address that webhooks may go to");
        return await ConnectAsync(addresses, port, cancellation);
    }

    private static async Task<Stream> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellation)
    {
        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (addresses.Count > 1) late.CancelAfter(EachAddress);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), late.Token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception cause) when (cause is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                socket.Dispose();
                last = cause;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw new HttpRequestException(last is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? "the connection was refused" : "no connection could be made", last);
    }

    /// <summary>What kept a request from an answer, in the words of <see cref="DeliveryCause"/>.</summary>
    public static string CauseOf(HttpRequestException error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case NotAllowedException:
                    return DeliveryCause.NotAllowed;
                case AuthenticationException or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }:
                    return DeliveryCause.Tls;
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return DeliveryCause.ConnectionRefused;
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery }:
                    return DeliveryCause.NameUnknown;
            }
        }
        return DeliveryCause.NoConnection;
    }

    private static NotAllowedException Refused(string why) => new(why);

    /// <summary>The endpoint is where webhooks may not go.</summary>
    private sealed class NotAllowedException(string why) : HttpRequestException(why);
}
