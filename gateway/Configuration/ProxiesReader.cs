using System.Globalization;
using System.Net;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Reads which proxies stand before the gateway.</summary>
internal static class ProxiesReader
{
    public static Proxies? Of(ProxiesDocument? document, Places places, ICollection<Diagnostic> diagnostics)
    {
        if (document is null) return null;
        if (document.Networks.Count == 0) diagnostics.Add(new Diagnostic("GW3010", Severity.Error, places.Of(document, nameof(document.Networks)), "proxies: names no network", "name the networks that they connect from, or remove proxies:"));
        var networks = new List<IPNetwork>();
        for (var i = 0; i < document.Networks.Count; i++)
        {
            // One with bits beyond its prefix would be taken for another than who wrote it meant.
            if (IPNetwork.TryParse(document.Networks[i], out var network) && network.ToString() == document.Networks[i]) networks.Add(network);
            else diagnostics.Add(NoNetwork(document.Networks[i], places.Of(document.Networks, i.ToString(CultureInfo.InvariantCulture))));
        }
        return new Proxies(networks, document.Hops, document.Header, document.Baggage) { Certificates = document.CertificateHeader };
    }

    private static Diagnostic NoNetwork(string written, Place place) => new("GW3010", Severity.Error, place, $"'{written}' is not a network", $"write {Meant(written)}");

    /// <summary>The network of an address that stands alone, or that has bits beyond its prefix.</summary>
    public static string Meant(string written)
    {
        if (IPNetwork.TryParse(written, out var network)) return network.ToString();
        if (IPAddress.TryParse(written, out var address)) return $"{address}/{address.GetAddressBytes().Length * 8}";
        return "it like 10.0.0.0/8";
    }
}
