using System.Net;
using Gateway.Adapters.Canonical;
using Gateway.Delivery.Webhooks;

namespace Gateway.Pipeline.Own.Subscriptions;

/// <summary>What is wrong with a subscription that a partner asks for, beyond its contract: each finding at its member, with the cure.</summary>
/// <param name="types">The catalogue; an empty one is not held against anybody.</param>
/// <param name="declared">Subscriptions of the workspace.</param>
internal sealed class SubscriptionJudge(SubscriptionRules rules, EventTypes types, IReadOnlyList<Subscription> declared)
{
    /// <summary>Types of the gateway's own events about endpoints, which are told to operators.</summary>
    private const string OwnTypes = "webhook.";

    /// <summary>Names that only some network knows (RFC 6761, RFC 6762, RFC 8375, and what ICANN has set aside for inside).</summary>
    private static readonly string[] Inside = ["localhost", "local", "internal", "home.arpa", "lan", "corp", "home", "intranet", "private", "invalid", "test"];

    public int Most => rules.Most;

    /// <param name="kept">What is changed; null for a new one.</param>
    public IReadOnlyList<Finding> Findings(WebhookSubscription wish, string tenant, StoredSubscription? kept) =>
        [.. OfName(wish, tenant, kept), .. OfUrl(wish.Url), .. OfTypes(wish.EventTypes), .. OfExpressions(wish), .. OfChange(wish, kept)];

    private IEnumerable<Finding> OfName(WebhookSubscription wish, string tenant, StoredSubscription? kept)
    {
        if (kept is not null && wish.Name != kept.Name)
            yield return At("name", "unchanged", $"it is called {kept.Name}, and stays so; make another one for another name");
        else if (kept is null && declared.Any(s => s.Tenant == tenant && s.Name == wish.Name))
            yield return At("name", "unique", "one of this name was agreed with us already; choose another name");
    }

    private IEnumerable<Finding> OfUrl(Uri url)
    {
        var reach = rules.Reach;
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && reach.Http)))
        {
            yield return At("url", "scheme", "webhooks go to https only; write https://HOST/PATH");
            yield break;
        }
        if (url.UserInfo.Length > 0) yield return At("url", "userinfo", "a user and a password have no place in it; verify the signature instead");
        if (url.Fragment.Length > 0) yield return At("url", "fragment", "a fragment is never sent; leave it out");
        if (!reach.Takes(url.Port)) yield return At("url", "port", $"webhooks don't go to port {url.Port}; listen on {string.Join(", ", reach.Ports)}");
        var host = url.IdnHost.Trim('[', ']').TrimEnd('.');
        if (IPAddress.TryParse(host, out var address) ? !reach.Takes(address) : reach.Networks.Count == 0 && IsInside(host))
            yield return At("url", "host", "webhooks go to hosts that the Internet reaches; name a public one");
    }

    private IEnumerable<Finding> OfTypes(IReadOnlyList<string> wanted)
    {
        for (var i = 0; i < wanted.Count; i++)
        {
            var type = wanted[i];
            if (type == Subscription.EveryType) continue;
            if (type.StartsWith(OwnTypes, StringComparison.Ordinal)) yield return At($"eventTypes/{i}", "enum", "events of this type are not told to partners; leave it out");
            else if (types.All.Any() && types.Of(type) is not { From: null }) yield return At($"eventTypes/{i}", "enum", $"there is no event '{type}'; {Nearest.Cure(type, types.OfPartners.Select(t => t.Name))}");
        }
    }

    private static IEnumerable<Finding> OfExpressions(WebhookSubscription wish)
    {
        if (wish.Condition is { } condition && EventCondition.Compile(condition).Wrong is var (message, cure)) yield return At("condition", "jsonata", $"{message}; {cure}");
        if (wish.Mapping is { } mapping && EventMapping.Compile(mapping).Wrong is var (broken, repair)) yield return At("mapping", "jsonata", $"{broken}; {repair}");
    }

    private static IEnumerable<Finding> OfChange(WebhookSubscription wish, StoredSubscription? kept)
    {
        if (kept is null) yield break;
        if (wish.Version != kept.Version)
            yield return At("version", "version", wish.Version is null ? $"say which version you have read; it has version {kept.Version}" : $"it has version {kept.Version} by now; read it again, and change what you find");
        if (wish.SignatureAlgorithmCode is { } algorithm && algorithm != SubscriptionWords.AlgorithmOf(kept))
            yield return At("signatureAlgorithmCode", "unchanged", "it changes with the secret; rotate that with the algorithm you want");
    }

    private static bool IsInside(string host) => !host.Contains('.', StringComparison.Ordinal) || Inside.Any(i => host.EndsWith("." + i, StringComparison.OrdinalIgnoreCase));

    private static Finding At(string member, string keyword, string detail) => new($"#/{member}", keyword, detail);
}
