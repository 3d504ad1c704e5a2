using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Gateway.Policies.Authorize;

/// <summary>Networks that a call comes from, one of them. An address of IPv4 within IPv6 (RFC 4291 section 2.5.5.2) is that of IPv4.</summary>
internal sealed class NetworkDemand(IReadOnlyList<string> written) : Demand
{
    private const int MappedPrefix = 96;

    private readonly IPNetwork[] _networks = [.. written.Select(Parse).OfType<IPNetwork>()];

    /// <summary>A network by its first address and the length of its prefix, or a single address; null for anything else.</summary>
    public static IPNetwork? Parse(string text)
    {
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var first)) return null;
        // Older forms of an address leave out parts of it.
        if (first.AddressFamily == AddressFamily.InterNetwork && text.AsSpan().Count('.') != 3) return null;
        if (slash < 0) return OfCallers(new IPNetwork(first, first.AddressFamily == AddressFamily.InterNetwork ? 32 : 128));
        return IPNetwork.TryParse(text, out var network) && network.BaseAddress.Equals(first) ? OfCallers(network) : null;
    }

    /// <summary>Callers of IPv4 are told by their IPv4 address, however their network was written.</summary>
    private static IPNetwork? OfCallers(IPNetwork network) => !network.BaseAddress.IsIPv4MappedToIPv6 ? network
        : network.PrefixLength >= MappedPrefix ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefix)
        : null;

    /// <summary>The caller's address as the gateway believes it; null where there is none, as behind a socket of the file system.</summary>
    public static IPAddress? AddressOf(HttpContext http) =>
        http.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : http.Connection.RemoteIpAddress;

    public override string Explain(Consumer? consumer) => $"from {string.Join(" or ", written)}, else 403";

    public override Refusal? Judge(Exchange exchange)
    {
        if (AddressOf(exchange.Http) is { } address)
        {
            foreach (var network in _networks)
            {
                if (network.Contains(address)) return null;
            }
        }
        return Forbid("network-foreign");
    }
}
