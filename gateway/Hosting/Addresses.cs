using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Hosting;

/// <summary>Addresses of ports as <c>--urls</c> names them: http or https, separated by semicolons.</summary>
internal static class Addresses
{
    /// <exception cref="FormatException">An address is malformed, or neither http nor https.</exception>
    public static IReadOnlyList<BindingAddress> Parse(string urls)
    {
        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(BindingAddress.Parse).ToList();
        if (addresses.Find(a => a.Scheme is not ("http" or "https") || a.PathBase.Length > 0) is { } strange) throw new FormatException($"'{strange}' is no address of a port: http://127.0.0.1:8080");
        return addresses;
    }

    public static bool IsHttps(BindingAddress address) => address.Scheme == "https";

    /// <param name="secure">What makes TLS of an https address.</param>
    public static void Listen(KestrelServerOptions kestrel, string urls, Action<ListenOptions> secure)
    {
        foreach (var address in Parse(urls))
        {
            Action<ListenOptions> configure = IsHttps(address) ? secure : static _ => { };
            if (address.IsUnixPipe) kestrel.ListenUnixSocket(address.UnixPipePath, configure);
            else if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)) kestrel.Listen(ip, address.Port, configure);
            else if (address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) kestrel.ListenLocalhost(address.Port, configure);
            // A name, * and + stand for all addresses of the machine.
            else kestrel.ListenAnyIP(address.Port, configure);
        }
    }
}
