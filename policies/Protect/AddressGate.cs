using System.Net;
using Gateway.Policies.Authorize;
using Microsoft.AspNetCore.Http;

namespace Gateway.Policies.Protect;

/// <summary>
/// Who may connect: whoever is allowed, and not denied. The address is the caller's as the gateway believes it; who has none, as behind a socket of
/// the file system, is in no network.
/// </summary>
internal sealed class AddressGate(IReadOnlyList<IPNetwork> allowed, IReadOnlyList<IPNetwork> denied, bool hides)
{
    private static readonly Refusal Forbidden = new(Failure.Forbidden, "This may not be called from where you call.") { Reason = "address-denied" };
    private static readonly Refusal Hidden = new(Failure.NotFound, Refusal.NothingServed) { Reason = "address-denied" };

    public static AddressGate Of(AddressOptions options) => new(Parse(options.Allow), Parse(options.Deny), options.Else == 404);

    public PolicyStep Step => new(Phase.Protect, Judge);

    /// <summary>Whether who calls may not connect.</summary>
    public bool Denies(HttpContext http)
    {
        var address = NetworkDemand.AddressOf(http);
        return IsIn(denied, address) || (allowed.Count > 0 && !IsIn(allowed, address));
    }

    private ValueTask Judge(Exchange exchange, ExchangeDelegate next)
    {
        if (!Denies(exchange.Http)) return next(exchange);
        exchange.Hidden = hides;
        return exchange.Refuse(hides ? Hidden : Forbidden);
    }

    private static bool IsIn(IReadOnlyList<IPNetwork> networks, IPAddress? address)
    {
        if (address is null) return false;
        for (var i = 0; i < networks.Count; i++)
        {
            if (networks[i].Contains(address)) return true;
        }
        return false;
    }

    private static IPNetwork[] Parse(IReadOnlyList<string> written) => [.. written.Select(NetworkDemand.Parse).OfType<IPNetwork>()];
}
