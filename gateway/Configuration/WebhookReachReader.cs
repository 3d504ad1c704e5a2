using System.Globalization;
using System.Net;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Reads where webhooks may go, and tells which webhook would go elsewhere. Names of hosts are judged when a connection is made.</summary>
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

    public void Check(WebhookReach reach, WebhookDocument webhook)
    {
        var (place, url) = (places.Of(webhook, nameof(webhook.Url)), webhook.Url);
        if (url.Scheme != Uri.UriSchemeHttps && !reach.Http)
            Error("GW2010", place, "a webhook goes to https only", "use https, or let an operator set governance.webhooks.allowHttp for a trial");
        else if (!reach.Takes(url.Port))
            Error("GW2066", place, $"webhooks don't go to port {url.Port}", $"have the endpoint listen on {string.Join(", ", reach.Ports)}, or let an operator add the port to governance.webhooks.ports");
        if (IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address) && !reach.Takes(address))
            Error("GW2066", place, $"webhooks don't go to {address}, which is no public address", "name a host that the Internet reaches, or let an operator add its network to governance.webhooks.allowNetworks");
    }

    private static PortRange? Range(string written)
    {
        var parts = written.Split('-');
        if (parts.Length > 2 || !Port(parts[0], out var first) || !Port(parts[^1], out var last) || last < first) return null;
        return new PortRange(first, last);
    }

    private static bool Port(string written, out int port) => int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
