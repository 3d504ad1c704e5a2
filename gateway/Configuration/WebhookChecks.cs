using System.Net;
using Gateway.Configuration.Yaml;
using Gateway.Delivery.Webhooks;

namespace Gateway.Configuration;

/// <summary>Whether a webhook, a partner's or an owner's, goes where webhooks may go, and is signed. Names of hosts are judged when a connection is made.</summary>
internal sealed class WebhookChecks(WebhookReach reach, Places places, ICollection<Diagnostic> diagnostics)
{
    /// <param name="written">The document that has the address as <c>url</c> and the secrets as <c>secrets</c>.</param>
    public void Check(object written, Uri url, IReadOnlyList<Secret> secrets)
    {
        CheckReach(places.Of(written, nameof(WebhookDocument.Url)), url);
        CheckSecrets(places.Of(written, nameof(WebhookDocument.Secrets)), secrets);
    }

    private void CheckReach(Place place, Uri url)
    {
        if (url.Scheme != Uri.UriSchemeHttps && !reach.Http)
            Error("GW2010", place, "a webhook goes to https only", "use https, or let an operator set governance.webhooks.allowHttp for a trial");
        else if (!reach.Takes(url.Port))
            Error("GW2066", place, $"webhooks don't go to port {url.Port}", $"have the endpoint listen on {string.Join(", ", reach.Ports)}, or let an operator add the port to governance.webhooks.ports");
        if (IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address) && !reach.Takes(address))
            Error("GW2066", place, $"webhooks don't go to {address}, which is no public address", "name a host that the Internet reaches, or let an operator add its network to governance.webhooks.allowNetworks");
    }

    private void CheckSecrets(Place place, IReadOnlyList<Secret> secrets)
    {
        if (secrets.Count == 0)
            Error("GW2011", place, "a webhook needs a signing secret", "add secrets: [secret://env/NAME]");
        foreach (var secret in secrets.Where(s => SigningSecret.IsPair(s.Reveal()) && SigningSecret.PublicOf(s.Reveal()) is null))
            Error("GW5320", place, $"{secret} is not a key pair", "a key pair is whsk_ and 64 bytes in base64: the seed, and the public key that belongs to it");
        foreach (var secret in secrets.Where(s => s.Reveal() is { Length: > 0 } value && !SigningSecret.IsPair(value) && !WebhookSignature.IsSecret(value)))
            Error("GW2012", place, $"{secret} is not a signing secret", "a secret is whsec_ and 24 to 64 bytes in base64");
    }

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
