namespace Gateway.Delivery.Flows;

/// <summary>Where requests meet the instances of flows.</summary>
/// <param name="asked">Told of which shard there is something to do for an instance.</param>
public sealed class FlowDoor(IStore store, FlowBook book, TimeProvider clock, Action<int>? asked = null)
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc cref="PassFlow"/>
    public async ValueTask<FlowPassage> PassAsync(FlowGuard guard, string tenant, string key, string who, TimeSpan patience, CancellationToken cancellation)
    {
        var id = FlowId.Of(tenant, guard.Flow, key);
        var (until, look, hasAsked) = (clock.GetUtcNow() + patience, FirstLook, false);
        while (true)
        {
            if (await store.FindFlowAsync(id, cancellation) is not { } instance) return FlowPassage.Free;
            if (instance.EndedAt is not null) return guard.Cancels && instance.State == FlowState.Cancelled ? FlowPassage.Cancelled : FlowPassage.Free;
            if (!guard.Cancels) return FlowPassage.Refused;
            var run = await RunAsync(instance, cancellation);
            if (run is { IsCancelling: false })
            {
                // It was, and goes on: that was refused.
                if (hasAsked) return FlowPassage.Refused;
                // While a call is under way nobody else writes; what it brings may be too late, or not.
                if (!(instance.LeaseUntil > clock.GetUtcNow()))
                {
                    if (run.Cancel("asked by a request", who) is not null) return FlowPassage.Refused;
                    hasAsked = await store.SaveFlowAsync(run.Decided(), CancellationToken.None) is not null;
                    if (hasAsked) asked?.Invoke(instance.Shard);
                }
            }
            else if (run is not null) hasAsked = true;
            if (clock.GetUtcNow() + look >= until) return FlowPassage.UnderWay;
            await Task.Delay(look, clock, cancellation);
            look = look * 1.5 < LongestLook ? look * 1.5 : LongestLook;
        }
    }

    /// <summary>Null where it can't be read now: then nobody can say that it is cancelled.</summary>
    private async ValueTask<FlowRun?> RunAsync(FlowInstance instance, CancellationToken cancellation) =>
        !instance.Unreadable && await book.FindAsync(instance.Flow, instance.Revision, cancellation) is { } flow && book.PartnerOf(instance.Tenant) is { } partner
            ? new FlowRun(flow, instance, partner, book.Plan.EventTypes, clock, Random.Shared)
            : null;
}
