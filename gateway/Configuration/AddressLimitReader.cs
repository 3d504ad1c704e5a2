using System.Globalization;
using System.Net;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Reads how much an address may send. Networks that overlap must say the same: which of them holds would be a matter of their order.</summary>
internal static class AddressLimitReader
{
    public static AddressLimits Of(AddressLimitDocument document, Places places, ICollection<Diagnostic> diagnostics)
    {
        var networks = new List<NetworkLimit>();
        foreach (var written in document.Networks)
        {
            var place = places.Of(written, nameof(written.Network));
            if (!IPNetwork.TryParse(written.Network, out var network) || network.ToString() != written.Network)
            {
                diagnostics.Add(new Diagnostic("GW5095", Severity.Error, place, $"'{written.Network}' is not a network", $"write {ProxiesReader.Meant(written.Network)}"));
                continue;
            }
            var limit = new NetworkLimit(network, written.PerSecond == AddressLimitDocument.Unlimited ? null : int.Parse(written.PerSecond, CultureInfo.InvariantCulture), written.Name);
            if (networks.Find(other => Overlap(other.Network, network) && other.PerSecond != limit.PerSecond) is { } clash)
                diagnostics.Add(new Diagnostic("GW5096", Severity.Error, place, $"{network} may send {limit.Text}, and {clash.Network}, which has addresses in common with it, {clash.Text}", "say the same for both, or make networks of them that have none in common"));
            networks.Add(limit);
        }
        return new AddressLimits(document.PerSecond, networks);
    }

    private static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);
}
