using Gateway.Configuration;

namespace Gateway.Linting.Rules;

/// <summary>Webhooks arrive where they can.</summary>
internal static class WebhookRules
{
    /// <summary>What Standard Webhooks asks for at least ("15-30s timeout", section "Operational considerations").</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(15);

    public static readonly IReadOnlyList<LintRule> All =
    [
        new("webhook-timeout-short", Severity.Warning, "Every webhook waits 15 seconds for its answer.", Waits),
    ];

    private static IEnumerable<LintFinding> Waits(LintSubject subject) =>
        from partner in subject.Document.Partners
        from webhook in partner.Value.Webhooks
        where webhook.Value.Timeout < Least
        select new LintFinding([$"{partner.Key}/{webhook.Key}", partner.Key], subject.Places.Of(webhook.Value, nameof(WebhookDocument.Timeout)),
            FormattableString.Invariant($"the webhook '{webhook.Key}' of {partner.Key} gives up after {webhook.Value.Timeout.TotalSeconds:0.###} s: who takes longer is sent everything again, and may have done the work"), "let it wait 15 to 30 seconds, as by default");
}
