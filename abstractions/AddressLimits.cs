using System.Net;
using System.Runtime.InteropServices;

namespace Gateway;

/// <summary>How many requests a second one address may send, before anybody asks who it is: for all, and for networks that were declared.</summary>
/// <param name="PerSecond">For addresses in no declared network.</param>
public sealed record AddressLimits(int PerSecond, IReadOnlyList<NetworkLimit> Networks)
{
    public const int Default = 50_000;

    public static readonly AddressLimits Generous = new(Default, []);

    /// <summary>Requests a second of an address; null for no limit.</summary>
    public int? Of(IPAddress address)
    {
        if (Networks.Count == 0) return PerSecond;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in Networks)
        {
            if (network.Network.Contains(plain)) return network.PerSecond;
        }
        return PerSecond;
    }
}

/// <summary>A network whose addresses may send more, or less, than others.</summary>
/// <param name="PerSecond">Requests a second of one address; null for no limit.</param>
/// <param name="Why">For people.</param>
public sealed record NetworkLimit(IPNetwork Network, int? PerSecond, string Why)
{
    /// <summary><c>unlimited</c> or the number.</summary>
    public string Text => PerSecond?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unlimited";
}

/// <summary>What counts as one address.</summary>
public static class CallerAddress
{
    /// <summary>An IPv4 address as it is, also where it came mapped; of an IPv6 address the network: one subscriber has at least 64 bits of addresses (RFC 6177).</summary>
    public static UInt128 Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        var known = address ?? IPAddress.None;
        known.TryWriteBytes(bytes, out var length);
        if (known.IsIPv4MappedToIPv6)
        {
            bytes[12..].CopyTo(bytes);
            bytes[4..].Clear();
        }
        else if (length == bytes.Length)
        {
            bytes[8..].Clear();
        }
        return MemoryMarshal.Read<UInt128>(bytes);
    }
}
