using Gateway.Configuration;

namespace Gateway.Linting.Rules;

/// <summary>What every API says of itself: who is asked, how much it matters, what is promised, until when it is there.</summary>
internal static class ApiRules
{
    public static readonly IReadOnlyList<LintRule> All =
    [
        Missing("api-contact", "Every API says where its owner is reached.", nameof(ApiDocument.Contact), "contact: e-mail address or https://…"),
        Missing("api-lifecycle", "Every API says where it is in its life.", nameof(ApiDocument.Lifecycle), "lifecycle: draft, published, deprecated or retired"),
        Missing("api-data-class", "Every API says what its data are.", nameof(ApiDocument.DataClass), "dataClass: public, internal, confidential or personal"),
        new("api-flow", Severity.Warning, "Every API is classified four ways: criticality, latency tolerance, volume, recovery.", Flow),
        new("api-slo", Severity.Warning, "Every API promises an availability and a latency.", Slo),
        new("backend-timeout", Severity.Warning, "Every backend has a timeout that somebody chose.", Timeout),
        new("deprecated-sunset", Severity.Error, "What is deprecated has a date on which it ends.", Sunset),
        new("webhook-https", Severity.Error, "Webhooks go to https.", Webhooks),
    ];

    private static LintRule Missing(string id, string summary, string member, string cure) => new(id, Severity.Warning, summary, subject => subject.Document.Apis
        .Where(api => !subject.Places.Has(api.Value, member))
        .Select(api => new LintFinding([api.Key], subject.Place(subject.Document.Apis, api.Key), $"the API '{api.Key}' says no {Camel(member)}", "add " + cure)));

    private static IEnumerable<LintFinding> Flow(LintSubject subject)
    {
        foreach (var (name, api) in subject.Document.Apis)
        {
            var flow = api.Flow ?? new FlowDocument();
            string[] missing =
            [
                .. Named(flow.Criticality is null, nameof(flow.Criticality)), .. Named(flow.LatencyTolerance is null, nameof(flow.LatencyTolerance)),
                .. Named(flow.Volume is null, nameof(flow.Volume)), .. Named(flow.Recovery is null, nameof(flow.Recovery)),
            ];
            if (missing.Length > 0)
                yield return new LintFinding([name], subject.Places.Has(api, nameof(api.Flow)) ? subject.Places.Of(api, nameof(api.Flow)) : subject.Place(subject.Document.Apis, name),
                    $"the API '{name}' is not classified: its flow says no {string.Join(", ", missing)}", "add flow: { criticality: high, latencyTolerance: 1m, volume: 20000, recovery: retry }, with what is true of it");
        }
    }

    private static IEnumerable<LintFinding> Slo(LintSubject subject) => subject.Document.Apis
        .Where(api => api.Value.Slo is not { Availability: not null, Latency: not null })
        .Select(api => new LintFinding([api.Key], subject.Place(subject.Document.Apis, api.Key), $"the API '{api.Key}' promises no {(api.Value.Slo?.Availability is null ? "availability" : "latency")}", "add slo: { availability: 99.9, latency: 2s }"));

    private static IEnumerable<LintFinding> Timeout(LintSubject subject) => subject.Document.Backends
        .Where(backend => !subject.Places.Has(backend.Value, nameof(BackendOptions.Timeout)))
        .Select(backend => new LintFinding([backend.Key], subject.Place(subject.Document.Backends, backend.Key),
            $"the backend '{backend.Key}' has the timeout of all that say none, {backend.Value.Timeout.TotalSeconds:0.###} s", "add timeout: as long as its callers can wait"));

    private static IEnumerable<LintFinding> Sunset(LintSubject subject)
    {
        foreach (var (name, api) in subject.Document.Apis)
        {
            if (Ends(api.Lifecycle, api.Deprecated, api.Sunset))
                yield return new LintFinding([name], subject.Place(subject.Document.Apis, name), $"the API '{name}' is deprecated, and nothing says until when it is there", "add sunset: 2027-06-30, the day it ends");
            foreach (var (route, own) in api.Routes.Where(r => (r.Value.Lifecycle is not null || r.Value.Deprecated is not null)
                && Ends(r.Value.Lifecycle ?? api.Lifecycle, r.Value.Deprecated ?? api.Deprecated, r.Value.Sunset ?? api.Sunset)))
                yield return new LintFinding([route, name], subject.Place(api.Routes, route), $"the route '{route}' is deprecated, and nothing says until when it is there", "add sunset: 2027-06-30, the day it ends");
        }
    }

    private static bool Ends(Lifecycle lifecycle, DateTimeOffset? deprecated, DateTimeOffset? sunset) =>
        sunset is null && lifecycle != Lifecycle.Retired && (lifecycle == Lifecycle.Deprecated || deprecated is not null);

    private static IEnumerable<LintFinding> Webhooks(LintSubject subject) =>
        from partner in subject.Document.Partners
        from webhook in partner.Value.Webhooks
        where webhook.Value.Url.Scheme != Uri.UriSchemeHttps
        select new LintFinding([webhook.Key, partner.Key], subject.Places.Of(webhook.Value, nameof(WebhookDocument.Url)), $"the webhook '{webhook.Key}' of {partner.Key} goes over http, readable on its way", "use https");

    private static IEnumerable<string> Named(bool missing, string member) => missing ? [Camel(member)] : [];

    private static string Camel(string member) => char.ToLowerInvariant(member[0]) + member[1..];
}
