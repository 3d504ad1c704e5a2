using System.Text.Json;
using Gateway.Adapters.Canonical;
using Gateway.Delivery.Webhooks;

namespace Gateway.Pipeline.Own.Subscriptions;

/// <summary>Makes a subscription, with a secret of its own.</summary>
internal sealed class SubscriptionCreate(SubscriptionDesk? desk, SubscriptionJudge judge) : SubscriptionChange(desk)
{
    public override OperationDescriptor Descriptor { get; } = new("subscription.create", "Makes a subscription of the partner's own.", Effect.Changes, Idempotent: true, ReadsBack: true)
    {
        Makes = Kind,
        Input = new Dictionary<string, string> { ["name"] = "a name for people", ["url"] = "where events go", ["eventTypes"] = "which" },
        Needs = [["name"], ["url"], ["eventTypes"]],
    };

    protected override bool ShowsSecret => true;

    protected override async ValueTask<OperationResult> ChangeAsync(OperationCall call, CancellationToken cancellation)
    {
        var (wish, tenant, now) = (call.Input.Deserialize(CanonicalJson.Default.WebhookSubscription)!, call.Partner.Name, Now);
        if (judge.Findings(wish, tenant, kept: null) is { Count: > 0 } findings) return Refused(findings);
        var made = new StoredSubscription(call.ObjectId!, tenant, wish.Name)
        {
            Terms = TermsOf(wish, [NewSecret(wish.SignatureAlgorithmCode ?? SignatureAlgorithmCode.HmacSha256)], null),
            ChangedBy = call.ExternalId!,
            CreatedAt = now,
            ChangedAt = now,
        };
        var added = await Desk.Store.AddSubscriptionAsync(made, judge.Most, cancellation);
        await Desk.Book.FollowAsync(CancellationToken.None);
        return added switch
        {
            SubscriptionAdded.NameTaken => Refused([new Finding("#/name", "unique", "you have one of this name already; change that one, or choose another name")]),
            SubscriptionAdded.TooMany => Refused([new Finding("#", "maxItems", $"you have {judge.Most} subscriptions, which is the most; delete one that you don't need, or add types to one")]),
            // What an earlier call has stored has a secret already.
            _ => await FindAsync(call, cancellation),
        };
    }

    protected override async ValueTask<OperationResult> FindAsync(OperationCall call, CancellationToken cancellation) =>
        await Desk.Store.FindSubscriptionAsync(call.Partner.Name, call.ObjectId!, cancellation) is { RemovedAt: null, Terms: not null } kept ? Done(kept) : new OperationResult(OperationStatus.NotFound);
}

/// <summary>Replaces what a subscription asks for. Name and secret stay; at another address its endpoint begins anew.</summary>
internal sealed class SubscriptionReplace(SubscriptionDesk? desk, SubscriptionJudge judge) : SubscriptionChange(desk)
{
    public override OperationDescriptor Descriptor { get; } = Described("subscription.change", "Replaces what a subscription asks for; name and secret stay.");

    protected override ValueTask<OperationResult> ChangeAsync(OperationCall call, CancellationToken cancellation)
    {
        var wish = call.Input.Deserialize(CanonicalJson.Default.WebhookSubscription)!;
        return StoreAsync(call, kept => judge.Findings(wish, kept.Tenant, kept) is { Count: > 0 } findings
            ? (null, findings)
            : (kept with { Terms = TermsOf(wish, kept.Terms!.Secrets, kept.Terms.OldSecretsUntil), Trouble = null }, []),
            cancellation, (kept, next) => next.Terms!.Url == kept.Terms!.Url ? null : "its partner gave it another address");
    }
}

/// <summary>Removes a subscription: nothing is sent there any more, also of what waits.</summary>
internal sealed class SubscriptionDelete(SubscriptionDesk? desk) : SubscriptionChange(desk)
{
    public override OperationDescriptor Descriptor { get; } = Described("subscription.delete", "Removes a subscription; nothing is sent there any more.");

    protected override ValueTask<OperationResult> ChangeAsync(OperationCall call, CancellationToken cancellation) =>
        StoreAsync(call, kept => (kept with { RemovedAt = Now }, []), cancellation);

    /// <summary>Nothing is left of it but that it was.</summary>
    protected override OperationResult Done(StoredSubscription kept) => new(OperationStatus.Done)
    {
        Record = SubscriptionWords.Write(new WebhookRemoval { Id = kept.Id, Name = kept.Name, IssueDateTime = SubscriptionWords.Text(kept.ChangedAt) }),
        Reference = kept.Id,
    };
}

/// <summary>Gives a subscription a new secret, and lets the one before sign for a while.</summary>
internal sealed class SubscriptionRotate(SubscriptionDesk? desk) : SubscriptionChange(desk)
{
    private const long UsualOverlap = 24;

    public override OperationDescriptor Descriptor { get; } = Described("subscription.rotate", "Gives a subscription a new secret; the one before signs for a while, too.");

    protected override bool ShowsSecret => true;

    protected override ValueTask<OperationResult> ChangeAsync(OperationCall call, CancellationToken cancellation)
    {
        var wish = call.Input.Deserialize(CanonicalJson.Default.WebhookSecretRotation)!;
        var overlap = TimeSpan.FromHours(wish.OverlapHours ?? UsualOverlap);
        return StoreAsync(call, kept =>
        {
            var secret = NewSecret(wish.SignatureAlgorithmCode ?? SubscriptionWords.AlgorithmOf(kept));
            var terms = overlap > TimeSpan.Zero
                ? kept.Terms! with { Secrets = [secret, kept.Terms.Secrets[0]], OldSecretsUntil = Now + overlap }
                : kept.Terms! with { Secrets = [secret], OldSecretsUntil = null };
            return (kept with { Terms = terms }, []);
        }, cancellation);
    }
}

/// <summary>Sends a test event to the endpoint of a subscription alone, a disabled one too: where it arrives, the endpoint is enabled.</summary>
internal sealed class SubscriptionPing(SubscriptionDesk? desk) : SubscriptionChange(desk)
{
    public override OperationDescriptor Descriptor { get; } = Described("subscription.ping", "Sends a test event to the endpoint of a subscription.");

    protected override async ValueTask<OperationResult> ChangeAsync(OperationCall call, CancellationToken cancellation)
    {
        if (await KeptAsync(call, cancellation) is not { } kept || OwnSubscription.Of(kept) is not { } subscription) return new OperationResult(OperationStatus.NotFound) { Detail = NotThere };
        if (await EndpointAsync(kept, cancellation) is { DisabledAt: not null, IsHeld: true })
            return Refused([new Finding("#", "disabled", "our people have disabled it, and nothing is sent there until they enable it; ask them")]);
        var (id, now) = ($"evt_{call.ExternalId}", Now);
        await Desk.Store.AppendEventAsync(PingEvent.Of(subscription, id, now), cancellation);
        return new OperationResult(OperationStatus.Done)
        {
            Record = SubscriptionWords.Write(new WebhookPing { DeliveryId = PingEvent.DeliveryOf(subscription, id), EventId = id, EventTypeCode = PingEvent.Type, IssueDateTime = SubscriptionWords.Text(now) }),
            Reference = kept.Id,
        };
    }

    /// <summary>The event is appended once, however often that is asked for.</summary>
    protected override ValueTask<OperationResult> FindAsync(OperationCall call, CancellationToken cancellation) => ChangeAsync(call, cancellation);
}
