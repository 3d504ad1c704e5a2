using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting;

/// <summary>
/// The server's limits follow the Plan: they hold for connections and requests that begin after it was taken. The server itself takes twice as much of
/// what the gateway measures as well: up to there a refusal is a problem document, beyond it a bare status.
/// </summary>
internal sealed class ServerKeeping(IOptions<KestrelServerOptions> server)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A line that ends without a carriage return ends for some programs there and for others later (RFC 9112 section 2.2 lets a server take it, and
    /// need not). Read by the server when the first options are made; there is no other switch for it.
    /// </summary>
    public static void RefuseBareLineFeeds() => AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);

    public void Take(Plan plan)
    {
        var (limits, wanted) = (server.Value.Limits, plan.Server);
        limits.MaxRequestLineSize = (int)(2 * wanted.Url);
        limits.MaxRequestHeaderCount = 2 * wanted.Headers;
        limits.MaxRequestHeadersTotalSize = (int)wanted.HeadersSize;
        limits.RequestHeadersTimeout = wanted.HeadersTimeout;
        limits.KeepAliveTimeout = wanted.Idle;
        limits.MinRequestBodyDataRate = new MinDataRate(wanted.BodyRate, Grace);
    }
}
