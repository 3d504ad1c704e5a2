using Gateway.Adapters.Canonical;
using Gateway.Delivery.Webhooks;

namespace Gateway.Pipeline.Own.Subscriptions;

/// <summary>
/// A change of a partner's own subscriptions. It is called as a backend's operation is: what was cut off is found again by the call that changed the
/// subscription last, and done once.
/// </summary>
/// <param name="desk">Null where nobody calls.</param>
internal abstract class SubscriptionChange(SubscriptionDesk? desk) : BackendOperation
{
    /// <summary>Of the objects that partners know subscriptions by.</summary>
    public const string Kind = "subscription";

    /// <summary>Of one that was removed, as of one that never was.</summary>
    public const string NotThere = $"There is no such {Kind}.";

    public sealed override string Backend => OwnBackend.ReservedName;

    protected SubscriptionDesk Desk => desk ?? throw new NotSupportedException("Nothing is called where a workspace is only looked at.");

    protected DateTimeOffset Now => Desk.Clock.GetUtcNow();

    public sealed override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation) => GuardedAsync(ChangeAsync, call, cancellation);

    public sealed override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) => GuardedAsync(FindAsync, call, cancellation);

    protected abstract ValueTask<OperationResult> ChangeAsync(OperationCall call, CancellationToken cancellation);

    /// <summary>Done, where the subscription was changed by this call, and by none after it: two changes of one are never open at the same time.</summary>
    protected virtual async ValueTask<OperationResult> FindAsync(OperationCall call, CancellationToken cancellation) =>
        await KeptAsync(call, cancellation) is { } kept && kept.ChangedBy == call.ExternalId ? Done(kept) : new OperationResult(OperationStatus.NotFound);

    /// <summary>The subscription that a call is about; a removed one, too.</summary>
    protected ValueTask<StoredSubscription?> KeptAsync(OperationCall call, CancellationToken cancellation) =>
        call.Reference is { } id ? Desk.Store.FindSubscriptionAsync(call.Partner.Name, id, cancellation) : ValueTask.FromResult<StoredSubscription?>(null);

    /// <summary>How its endpoint does; null where it never failed.</summary>
    protected async ValueTask<EndpointState?> EndpointAsync(StoredSubscription kept, CancellationToken cancellation) =>
        (await Desk.Store.EndpointsAsync(cancellation)).FirstOrDefault(e => e.Tenant == kept.Tenant && e.Name == kept.Name);

    /// <summary>Stores a change of what was read.</summary>
    /// <param name="change">What becomes of it; or what keeps it from that.</param>
    /// <param name="begins">Why its endpoint begins anew with the change, by what was and what becomes; null where it does not.</param>
    protected async ValueTask<OperationResult> StoreAsync(
        OperationCall call, Func<StoredSubscription, (StoredSubscription? Next, IReadOnlyList<Finding> Findings)> change, CancellationToken cancellation, Func<StoredSubscription, StoredSubscription, string?>? begins = null)
    {
        var kept = await KeptAsync(call, cancellation);
        if (kept?.ChangedBy == call.ExternalId) return Done(kept!);
        if (kept is null or { RemovedAt: not null } or { Terms: null }) return new OperationResult(OperationStatus.NotFound) { Detail = NotThere };
        var (next, findings) = change(kept);
        if (next is null) return Refused(findings);
        var reopening = begins?.Invoke(kept, next) is { } why && OwnSubscription.Of(next) is { } subscription ? EndpointActs.Reopened(subscription, why, Now) : null;
        var stored = await Desk.Store.ChangeSubscriptionAsync(next with { ChangedBy = call.ExternalId!, ChangedAt = Now }, reopening, cancellation);
        await Desk.Book.FollowAsync(CancellationToken.None);
        return stored ? Done((await KeptAsync(call, cancellation))!) : Refused([new Finding("#", "version", "it was changed at the same time; read it again")]);
    }

    /// <summary>What callers get of a change.</summary>
    protected virtual OperationResult Done(StoredSubscription kept) => new(OperationStatus.Done)
    {
        Record = SubscriptionWords.Write(SubscriptionWords.Of(kept, null, Now, ShowsSecret)),
        Reference = kept.Id,
    };

    protected virtual bool ShowsSecret => false;

    /// <summary>For callers: the first finding in words, and all of them at their members.</summary>
    protected static OperationResult Refused(IReadOnlyList<Finding> findings) => new(OperationStatus.Refused)
    {
        Detail = findings[0] is { Pointer: ['#', '/', .. var member] } first ? $"{member}: {first.Detail}." : $"{findings[0].Detail}.",
        Findings = findings,
        Reason = "subscription-refused",
    };

    protected static string NewSecret(SignatureAlgorithmCode algorithm) => algorithm == SignatureAlgorithmCode.Ed25519 ? SigningSecret.NewPair() : SigningSecret.New();

    protected static SubscriptionTerms TermsOf(WebhookSubscription wish, IReadOnlyList<string> secrets, DateTimeOffset? oldSecretsUntil) => new(wish.Url.OriginalString, wish.EventTypes, secrets)
    {
        OldSecretsUntil = oldSecretsUntil,
        When = wish.Condition,
        Mapping = wish.Mapping,
        Order = wish.DeliveryOrderCode == DeliveryOrderCode.Fifo ? WebhookOrder.Fifo : WebhookOrder.Unordered,
        Mode = wish.ContentModeCode == ContentModeCode.Binary ? WebhookMode.Binary : WebhookMode.Structured,
    };

    protected static OperationDescriptor Described(string name, string summary) => new(name, summary, Effect.Changes, Idempotent: true, ReadsBack: true) { About = new Subject(Kind) };

    /// <summary>Where the store does not say whether it has it, nobody knows.</summary>
    private static async ValueTask<OperationResult> GuardedAsync(Func<OperationCall, CancellationToken, ValueTask<OperationResult>> work, OperationCall call, CancellationToken cancellation)
    {
        try
        {
            return await work(call, cancellation);
        }
        catch (StoreUnavailableException unavailable)
        {
            return new OperationResult(unavailable.NothingWritten ? OperationStatus.NotSent : OperationStatus.Unknown)
            {
                Detail = "The gateway's store is not available at the moment. Send the same request again, with the same Idempotency-Key.",
                Reason = unavailable.Message,
            };
        }
    }
}
