namespace Gateway;

/// <summary>What holds for subscriptions that partners make themselves, beside what holds for all.</summary>
public sealed record SubscriptionRules
{
    /// <summary>So many may a partner have.</summary>
    public int Most { get; init; } = 20;

    /// <summary>Where they may go. Never where only operators let webhooks go, unless for a trial.</summary>
    public WebhookReach Reach { get; init; } = WebhookReach.Default;
}
