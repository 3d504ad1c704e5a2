using System.Net;

namespace Gateway;

/// <summary>How a proxy tells the one behind it who called.</summary>
public enum ForwardedForm
{
    /// <summary><c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c>.</summary>
    XForwarded,

    /// <summary><c>Forwarded</c> (RFC 7239).</summary>
    Forwarded,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>How a proxy that ends TLS tells the certificate of who connected to it.</summary>
public enum CertificateHeader
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary><c>Client-Cert</c> and <c>Client-Cert-Chain</c> (RFC 9440).</summary>
    ClientCert,

    /// <summary><c>X-Forwarded-Client-Cert</c>, as Envoy writes it, with the certificate itself.</summary>
    XForwardedClientCert,
}

/// <summary>The proxies before the gateway: whom it believes what they say of their callers. Everybody else is a stranger.</summary>
/// <param name="Networks">Addresses they connect from.</param>
/// <param name="Hops">Most proxies between a caller and the gateway.</param>
/// <param name="Form">The headers in which they tell who called; those of other forms are believed of nobody.</param>
/// <param name="Baggage">Whether they answer for the baggage that they send along (W3C Baggage).</param>
public sealed record Proxies(IReadOnlyList<IPNetwork> Networks, int Hops, ForwardedForm Form, bool Baggage)
{
    /// <summary>The header in which they tell the certificates of their callers. They take it off what callers send themselves.</summary>
    public CertificateHeader Certificates { get; init; }

    /// <summary>Whether who connects from this address is one of them. An IPv4 address may come as IPv6 (RFC 4291 section 2.5.5.2).</summary>
    public bool Include(IPAddress? address)
    {
        if (address is null) return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in Networks)
        {
            if (network.Contains(plain)) return true;
        }
        return false;
    }
}
