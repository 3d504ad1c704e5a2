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
        else SubscriptionList.Give(exchange, target, await RecordAsync(exchange, kept));
    }

    protected abstract ValueTask<ReadOnlyMemory<byte>> RecordAsync(Exchange exchange, StoredSubscription kept);

    protected static OperationDescriptor Described(string name, string summary) => new(name, summary, Effect.Reads, Idempotent: true, ReadsBack: false) { About = new Subject(SubscriptionChange.Kind) };
}

/// <summary>One subscription, and how its endpoint does: <c>webhook-subscription-response@1</c>.</summary>
internal sealed class SubscriptionRead : SubscriptionView
{
    public override OperationDescriptor Descriptor { get; } = Described("subscription.read", "Reads a subscription, and how its endpoint does.");

    protected override async ValueTask<ReadOnlyMemory<byte>> RecordAsync(Exchange exchange, StoredSubscription kept)
    {
        var endpoint = (await exchange.Store.EndpointsAsync(exchange.Aborted)).FirstOrDefault(e => e.Tenant == kept.Tenant && e.Name == kept.Name);
        return SubscriptionWords.Write(SubscriptionWords.Of(kept, endpoint, exchange.Clock.GetUtcNow()));
    }
}

/// <summary>The last deliveries to its endpoint, with their attempts: <c>webhook-deliveries@1</c>. What endpoints answered is not among it.</summary>
internal sealed class SubscriptionDeliveries : SubscriptionView
{
    private const int Most = 25;

    public override OperationDescriptor Descriptor { get; } = Described("subscription.deliveries", "Shows the last deliveries to the endpoint of a subscription.");

    protected override async ValueTask<ReadOnlyMemory<byte>> RecordAsync(Exchange exchange, StoredSubscription kept)
    {
        var shown = new List<WebhookDelivery>();
        foreach (var told in await exchange.Store.DeliveriesOfAsync(kept.Tenant, kept.Name, Most, exchange.Aborted))
            shown.Add(SubscriptionWords.Of(told, told.Delivery.Attempts > 0 ? await exchange.Store.AttemptsAsync(told.Delivery.Id, exchange.Aborted) : []));
        return SubscriptionWords.Write(new WebhookDeliveries { WebhookDeliveries1 = shown });
    }
}
