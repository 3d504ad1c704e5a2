using Gateway.Delivery.Webhooks;

namespace Gateway.Delivery.Placement;

/// <summary>One endpoint of webhooks in the cluster. Its key is the endpoint's, as <see cref="Subscription.Key"/> has it; nothing else travels between nodes.</summary>
internal interface IEndpointGrain : IGrainWithStringKey
{
    /// <summary>There is, or may be, something to send to it: the node where it is active looks. It becomes active where it is not.</summary>
    Task WakeAsync();
}

/// <summary>While it is active, its node holds the endpoint. One that belongs to another node goes there: some of them, when one joins.</summary>
[AtHome]
internal sealed class EndpointGrain(EndpointsHere here, Homes homes) : Grain, IEndpointGrain
{
    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        here.Hold(Key);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        here.LetGo(Key);
        return Task.CompletedTask;
    }

    public Task WakeAsync()
    {
        here.Hold(Key);
        if (!homes.IsHere(Key)) MigrateOnIdle();
        return Task.CompletedTask;
    }
}
