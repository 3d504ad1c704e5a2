using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Gateway.Delivery.Webhooks;

/// <summary>The addresses that a name stands for now, as DNS has them.</summary>
internal delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancellation);

/// <summary>
/// Connections to the endpoints of partners. The addresses that a name stands for are judged when the connection is made, and that address is
/// connected to: a name that stands for another one a moment later leads nowhere else. A connection is kept for many webhooks, and where they may go may
/// change meanwhile, so it is judged again with everything that is sent over it.
/// </summary>
/// <param name="reach">Where webhooks may go now.</param>
/// <param name="resolve">Asked with every connection; those that may not be connected to are left out of what it says.</param>
internal sealed class EndpointConnection(Func<WebhookReach> reach, ResolveHost resolve)
{
    /// <summary>For one address; the next is tried after it.</summary>
    private static readonly TimeSpan EachAddress = TimeSpan.FromSeconds(5);

    /// <exception cref="HttpRequestException">The endpoint is where webhooks may not go, or nobody is there. The message has no address in it.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var end = new End(context.DnsEndPoint.Host, context.DnsEndPoint.Port, IsHttps: context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps);
        var allowed = Judge(end);
        var found = IPAddress.TryParse(end.Host, out var literal) ? [literal] : await resolve(end.Host, cancellation);
        var addresses = found.Where(allowed.Takes).ToList();
        if (addresses.Count == 0) throw found.Length == 0 ? new NotAllowedException($"{end.Host} has no address") : Inside(end);
        return await ConnectAsync(end, addresses, cancellation);
    }

    private async Task<Stream> ConnectAsync(End end, IReadOnlyList<IPAddress> addresses, CancellationToken cancellation)
    {
        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (addresses.Count > 1) late.CancelAfter(EachAddress);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, end.Port), late.Token);
                return new JudgedStream(socket, () => Judge(end, address));
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

    /// <summary>What is allowed now, where this is not against it whatever its address.</summary>
    private WebhookReach Judge(End end)
    {
        var allowed = reach();
        if (!end.IsHttps && !allowed.Http) throw new NotAllowedException("webhooks go to https only");
        if (!allowed.Takes(end.Port)) throw new NotAllowedException($"webhooks don't go to port {end.Port}");
        return allowed;
    }

    private void Judge(End end, IPAddress address)
    {
        if (!Judge(end).Takes(address)) throw Inside(end);
    }

    private static NotAllowedException Inside(End end) => new($"{end.Host} has no address that webhooks may go to");

    /// <summary>What a connection is made to.</summary>
    private readonly record struct End(string Host, int Port, bool IsHttps);

    /// <summary>A connection over which nothing goes any more when it is where webhooks may no longer go. Who sends closes it then.</summary>
    /// <param name="judge">Throws where it is.</param>
    private sealed class JudgedStream(Socket socket, Action judge) : NetworkStream(socket, ownsSocket: true)
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            judge();
            base.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            judge();
            base.Write(buffer);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            judge();
            return base.WriteAsync(buffer, offset, count, cancellationToken);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            judge();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }

    /// <summary>The endpoint is where webhooks may not go.</summary>
    private sealed class NotAllowedException(string why) : HttpRequestException(why);
}
