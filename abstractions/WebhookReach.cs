using System.Net;

namespace Gateway;

/// <summary>Ports from one to another, both included.</summary>
public readonly record struct PortRange(int First, int Last)
{
    public bool Contains(int port) => port >= First && port <= Last;

    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}

/// <summary>Where webhooks may go. Whoever names their addresses is no operator, so they are kept out of what only the gateway reaches.</summary>
/// <param name="Http">Whether TLS may be missing.</param>
/// <param name="Networks">What webhooks may reach beside <see cref="PublicNetworks"/>.</param>
/// <param name="Ports">Where an endpoint may listen.</param>
public sealed record WebhookReach(bool Http, IReadOnlyList<IPNetwork> Networks, IReadOnlyList<PortRange> Ports)
{
    /// <summary>TLS, public addresses, and the port of HTTPS.</summary>
    public static WebhookReach Default { get; } = new(false, [], [new PortRange(443, 443)]);

    /// <summary>Whether a connection may be made to this address, which a name stood for at this moment.</summary>
    public bool Takes(IPAddress address)
    {
        var plain = PublicNetworks.Plain(address);
        return PublicNetworks.Contain(plain) || Networks.Any(n => n.Contains(plain));
    }

    public bool Takes(int port) => Ports.Any(p => p.Contains(port));
}
