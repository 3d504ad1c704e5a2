using System.Globalization;
using System.Text.Json;
using Gateway.Adapters.Canonical;
using Gateway.Delivery.Webhooks;

namespace Gateway.Pipeline.Own.Subscriptions;

/// <summary>Sends again what failed since a moment, under the ids it had; what has arrived too, where that is asked for.</summary>
internal sealed class SubscriptionRecover(SubscriptionDesk? desk, EventTypes types) : SubscriptionChange(desk)
{
    public override OperationDescriptor Descriptor { get; } = Described("subscription.recover", "Sends again what failed since a moment.");

    protected override async ValueTask<OperationResult> ChangeAsync(OperationCall call, CancellationToken cancellation)
    {
        if (await KeptAsync(call, cancellation) is not { } kept || OwnSubscription.Of(kept) is not { } subscription) return new OperationResult(OperationStatus.NotFound) { Detail = NotThere };
        var (wish, now) = (call.Input.Deserialize(CanonicalJson.Default.WebhookRecoveryRequest)!, Now);
        var since = DateTimeOffset.Parse(wish.StartDateTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUniversalTime();
        if (since > now) return Refused([new Finding("#/startDateTime", "maximum", "it is in the future; say from when on you have missed something")]);
        if (await EndpointAsync(kept, cancellation) is { DisabledAt: not null } endpoint)
            return Refused([new Finding("#", "disabled", endpoint.IsHeld
                ? "our people have disabled it, and nothing is sent there until they enable it; ask them"
                : "it is disabled, so nothing would be sent; ping it, or change its url, and recover then")]);
        var replay = new EndpointReplay(subscription.Tenant, subscription.Name, since, now, wish.DeliveredIndicator == true ? ReplayScope.All : ReplayScope.Failed) { Never = types.NeverReplayed };
        var withheld = await Desk.Store.WithheldAsync(replay, cancellation);
        var id = EventOf(call);
        await Desk.Store.RecoverAsync(replay, EndpointActs.Source, id, count => EndpointActs.Recovered(replay, id, count, withheld), cancellation);
        return await FindAsync(call, cancellation);
    }

    /// <summary>It is done once: the event that tells it is there.</summary>
    protected override async ValueTask<OperationResult> FindAsync(OperationCall call, CancellationToken cancellation) =>
        await Desk.Store.FindEventAsync(EndpointActs.Source, EventOf(call), cancellation) is { } told
            ? new OperationResult(OperationStatus.Done) { Record = SubscriptionWords.Write(AnswerOf(call, told.Event)), Reference = call.Reference }
            : new OperationResult(OperationStatus.NotFound);

    private static string EventOf(OperationCall call) => $"evt_{call.ExternalId}";

    private static WebhookRecovery AnswerOf(OperationCall call, NewEvent told)
    {
        var (since, delivered, count, withheld) = EndpointActs.RecoveryOf(told);
        return new WebhookRecovery { Id = call.Reference!, StartDateTime = SubscriptionWords.Text(since), DeliveredIndicator = delivered, DeliveryCount = count, WithheldCount = withheld, IssueDateTime = SubscriptionWords.Text(told.Time) };
    }
}
