using System.Text.Json;
using Gateway.Configuration.Yaml;
using Gateway.Delivery.Flows;

namespace Gateway.Configuration;

/// <summary>Where owners are told what flows need them for: for each a subscription that is no partner's, of the events that name it.</summary>
internal sealed class AlertsReader(WorkspaceDocument document, WebhookReach reach, Places places, ICollection<Diagnostic> diagnostics)
{
    private readonly WebhookChecks _webhooks = new(reach, places, diagnostics);

    /// <summary>How the subscription of an owner is called.</summary>
    public static string NameOf(string owner) => $"owner-{owner}";

    public IReadOnlyList<Subscription> Read() => [.. document.Owners.Where(o => o.Value.Alerts is not null).Select(o => Of(o.Key, o.Value.Alerts!))];

    private Subscription Of(string owner, AlertsDocument alerts)
    {
        _webhooks.Check(alerts, alerts.Url, alerts.Secrets);
        return new Subscription(NameOf(owner), Partner.House.Name, alerts.Url, [AlertEvent.Type])
        {
            Secrets = alerts.Secrets,
            Schedule = alerts.Retry,
            When = $"data.owner = {JsonSerializer.Serialize(owner)}",
        };
    }
}
