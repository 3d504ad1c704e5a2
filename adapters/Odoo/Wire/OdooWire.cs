namespace Gateway.Adapters.Odoo.Wire;

/// <summary>
/// One of the two ways in which Odoo is called from outside: how a call looks, and what its answer means. Operations know nothing of it.
/// Sends once; who may send again is decided elsewhere.
/// </summary>
internal abstract class OdooWire
{
    /// <summary>For people: <c>JSON-2</c>.</summary>
    public abstract string Name { get; }

    /// <param name="shown">What the credential shows now.</param>
    /// <param name="deadline">Ends the call; includes <paramref name="caller"/>.</param>
    /// <param name="caller">The only token whose cancellation is thrown.</param>
    public abstract ValueTask<OdooReply> CallAsync(OdooRequest request, string? shown, CancellationToken deadline, CancellationToken caller);
}
