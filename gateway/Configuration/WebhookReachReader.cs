using System.Globalization;
using System.Net;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Reads where webhooks may go.</summary>
internal sealed class WebhookReachReader(Places places, ICollection<Diagnostic> diagnostics)
{
    public WebhookReach Read(WebhookReachDocument document)
    {
        var networks = new List<IPNetwork>();
        var ports = new List<PortRange>();
        for (var i = 0; i < document.AllowNetworks.Count; i++)
        {
            var written = document.AllowNetworks[i];
            if (IPNetwork.TryParse(written, out var network) && network.ToString() == written) networks.Add(network);
            else Error("GW2065", places.Of(document.AllowNetworks, i.ToString(CultureInfo.InvariantCulture)), $"'{written}' is not a network", $"write {ProxiesReader.Meant(written)}");
        }
        for (var i = 0; i < document.Ports.Count; i++)
        {
            if (Range(document.Ports[i]) is { } range) ports.Add(range);
            else Error("GW2065", places.Of(document.Ports, i.ToString(CultureInfo.InvariantCulture)), $"'{document.Ports[i]}' is no port and no range of ports", "write it like 8443 or 9000-9099");
        }
        return new WebhookReach(document.AllowHttp, networks, ports);
    }

    /// <summary>What operators let in is for addresses that they have read: a partner's own subscription goes there in a trial alone.</summary>
    public static SubscriptionRules RulesOf(OwnSubscriptionsDocument document, WebhookReach reach) =>
        new() { Most = document.Most, Reach = document.Inside ? reach : reach with { Http = false, Networks = [] } };

    private static PortRange? Range(string written)
    {
        var parts = written.Split('-');
        if (parts.Length > 2 || !Port(parts[0], out var first) || !Port(parts[^1], out var last) || last < first) return null;
        return new PortRange(first, last);
    }

    private static bool Port(string written, out int port) => int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
