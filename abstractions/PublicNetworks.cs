using System.Net;
using System.Net.Sockets;

namespace Gateway;

/// <summary>Which addresses belong to hosts that everybody in the Internet reaches.</summary>
public static class PublicNetworks
{
    /// <summary>IANA IPv4 Special-Purpose Address Registry (RFC 6890), and multicast (RFC 5771).</summary>
    private static readonly IPNetwork[] Special4 =
    [
        // Public by its number, and in every virtual network of Azure the host itself, which hands out secrets of the machine as metadata do
        // (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
        IPNetwork.Parse("168.63.129.16/32"),
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>What of the global unicast space is for special purposes (IANA IPv6 Special-Purpose Address Registry). 6to4 and Teredo lead through somebody's relay.</summary>
    private static readonly IPNetwork[] Special6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    /// <summary>All that is given out to hosts (RFC 4291 section 2.4); loopback, link-local, unique local and multicast addresses lie outside.</summary>
    private static readonly IPNetwork Unicast6 = IPNetwork.Parse("2000::/3");

    /// <summary>Addresses of IPv4 hosts as a translator writes them (RFC 6052 section 2.1).</summary>
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>
    /// Whether an address is a public one: neither private, loopback, link-local (where clouds keep their metadata), the host of a cloud, shared, multicast, nor for documentation.
    /// An IPv4 address that is written as IPv6 is judged as what it is (RFC 4291 section 2.5.5.2).
    /// </summary>
    public static bool Contain(IPAddress address) => Plain(address) is { AddressFamily: AddressFamily.InterNetwork } four
        ? !Special4.Any(n => n.Contains(four))
        : Unicast6.Contains(address) && !Special6.Any(n => n.Contains(address));

    /// <summary>The IPv4 address that an IPv6 one stands for, or itself.</summary>
    public static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        return Translated.Contains(address) ? new IPAddress(address.GetAddressBytes().AsSpan(12)) : address;
    }
}
