using Gateway.Delivery.Webhooks;

namespace Gateway.Admin;

/// <summary>
/// Tells the nodes that send webhooks what operators have decided about them. It goes through the store, where every node looks once a second, for who sends to
/// an endpoint may be any of them; this node, where it sends, looks at once.
/// </summary>
/// <param name="here">Null on a node that sends nothing.</param>
internal sealed class EndpointBell(IStore store, EndpointsHere? here)
{
    /// <summary>What was decided is in the store.</summary>
    public void Look() => here?.Look();

    /// <summary>Nothing of before keeps these endpoints back.</summary>
    /// <param name="endpoints">Their keys.</param>
    public async Task RetakeAsync(params IReadOnlyList<string> endpoints)
    {
        try
        {
            await store.RetakeAsync(endpoints, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // The act itself is stored. What is left open is a circuit, for five minutes at most.
        }
        Look();
    }
}
