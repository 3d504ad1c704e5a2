using Gateway.Adapters.Rest;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Wms;

/// <summary>A warehouse's REST API in the manner of ShipBob.</summary>
public sealed record WmsOptions : RestOptions;

/// <summary>
/// A third-party warehouse over REST, in the manner of ShipBob: orders are unique by <c>reference_id</c>, which is the gateway's external id; its webhooks
/// are Standard Webhooks. Shapes of inputs and records: transforms/wms.
/// </summary>
public sealed class WmsAdapter(ILoggerFactory logs, Outside outside) : Adapter
{
    /// <summary>One line adds an operation.</summary>
    private static readonly RestBinding[] Table = [WarehouseOrders.Create, WarehouseOrders.Cancel, WarehouseOrders.Read, Shipments.Read, Stock.Read];

    public override string Name => "wms";

    public override string Summary => "A warehouse over REST: takes and cancels orders exactly once, reads orders, shipments and stock, and takes its webhooks.";

    public override Type OptionsType => typeof(WmsOptions);

    public override IReadOnlyList<OperationDescriptor> Operations { get; } = [.. Table.Select(row => row.Descriptor)];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) => new RestBackend(
        name, (RestOptions)options, WmsDialect.Warehouse, Table, declared => new StandardHook(declared, WmsEvents.Of), new RestSurroundings(clock, outside, logs));
}
