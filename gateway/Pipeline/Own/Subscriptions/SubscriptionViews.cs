using Gateway.Adapters.Canonical;

namespace Gateway.Pipeline.Own.Subscriptions;

/// <summary>The subscriptions that the caller's partner has made itself: <c>webhook-subscriptions@1</c>.</summary>
internal sealed class SubscriptionList : OwnOperation
{
    public override OperationDescriptor Descriptor { get; } = new("subscriptions", "Lists the subscriptions that the partner has made itself.", Effect.Reads, Idempotent: true, ReadsBack: false);

    public override async ValueTask AnswerAsync(Exchange exchange, PlanTarget.Call target)
    {
        var kept = await exchange.Store.SubscriptionsAsync(exchange.Tenant, exchange.Aborted);
        var endpoints = (await exchange.Store.EndpointsAsync(exchange.Aborted)).Where(e => e.Tenant == exchange.Tenant).ToDictionary(e => e.Name);
        var shown = kept.Where(s => s.Terms is not null).Select(s => SubscriptionWords.Of(s, endpoints.GetValueOrDefault(s.Name), exchange.Clock.GetUtcNow()));
        Give(exchange, target, SubscriptionWords.Write(new WebhookSubscriptions { WebhookSubscriptions1 = [.. shown] }));
    }

    internal static void Give(Exchange exchange, PlanTarget.Call target, ReadOnlyMemory<byte> record)
    {
        exchange.Result = new OperationResult(OperationStatus.Done) { Record = record };
        exchange.Answer = Answers.Of(exchange, target);
    }
}

/// <summary>What is read of one subscription.</summary>
internal abstract class SubscriptionView : OwnOperation
{
    public sealed override async ValueTask AnswerAsync(Exchange exchange, PlanTarget.Call target)
    {
        var kept = exchange.About is { } about ? await exchange.Store.FindSubscriptionAsync(exchange.Tenant, about.Reference, exchange.Aborted) : null;
        if (kept is null or { RemovedAt: not null }) exchange.Refuse(Failure.NotFound, SubscriptionChange.NotThere);
        else if (kept.Terms is null) exchange.Refusal = new Refusal(Failure.Internal, "The subscription can't be read. The gateway's operators know.") { Reason = $"the terms of {kept.Id} can't be decrypted" };
        else await GiveAsync(exchange, target, kept);
    }

    /// <summary>Sets result and answer, or a refusal.</summary>
    /// <param name="kept">With its terms.</param>
    protected abstract ValueTask GiveAsync(Exchange exchange, PlanTarget.Call target, StoredSubscription kept);

    protected static OperationDescriptor Described(string name, string summary) => new(name, summary, Effect.Reads, Idempotent: true, ReadsBack: false) { About = new Subject(SubscriptionChange.Kind) };
}

/// <summary>One subscription, and how its endpoint does: <c>webhook-subscription-response@1</c>.</summary>
internal sealed class SubscriptionRead : SubscriptionView
{
    public override OperationDescriptor Descriptor { get; } = Described("subscription.read", "Reads a subscription, and how its endpoint does.");

    protected override async ValueTask GiveAsync(Exchange exchange, PlanTarget.Call target, StoredSubscription kept)
    {
        var endpoint = (await exchange.Store.EndpointsAsync(exchange.Aborted)).FirstOrDefault(e => e.Tenant == kept.Tenant && e.Name == kept.Name);
        SubscriptionList.Give(exchange, target, SubscriptionWords.Write(SubscriptionWords.Of(kept, endpoint, exchange.Clock.GetUtcNow())));
    }
}
