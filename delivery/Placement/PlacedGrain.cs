namespace Gateway.Delivery.Placement;

/// <summary>One thing that is placed over the nodes of the cluster. Its key is that of <see cref="Placed"/>; nothing else travels between nodes.</summary>
internal interface IPlacedGrain : IGrainWithStringKey
{
    /// <summary>There is, or may be, something to do for it: the node where it is active looks. It becomes active where it is not.</summary>
    Task WakeAsync();
}

/// <summary>While it is active, its node holds the thing. One that belongs to another node goes there: some of them, when one joins.</summary>
[AtHome]
internal sealed class PlacedGrain(Placed here, Homes homes) : Grain, IPlacedGrain
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
