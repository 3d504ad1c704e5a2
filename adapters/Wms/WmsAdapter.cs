using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Gateway.Adapters.Rest;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Wms;

/// <summary>A warehouse's REST API in the manner of ShipBob.</summary>
public sealed record WmsOptions : RestOptions
{
    [Description("Version of its API, which its paths begin with.")]
    [RegularExpression("^[A-Za-z0-9.-]{1,20}$")]
    public string Version { get; init; } = "2026-01";

    [Description("Number of the sales channel that orders belong to, as GET /channel of the warehouse tells it. Its API takes no order without one.")]
    [Range(1, int.MaxValue)]
    public int? Channel { get; init; }

    internal override string Root => $"{base.Root}{Version}/";

    /// <summary>The channel goes with every request, as each of them may have it (developer.shipbob.com/2026-01/api/orders/create-order).</summary>
    internal override IEnumerable<(string Name, string Value)> Headers =>
        Channel is { } channel ? [("shipbob_channel_id", channel.ToString(CultureInfo.InvariantCulture))] : [];
}

/// <summary>
/// A third-party warehouse over REST, in the manner of ShipBob: orders and returns are unique by <c>reference_id</c>, which is the gateway's external id; its webhooks
/// are Standard Webhooks with their topic in <c>x-webhook-topic</c> (developer.shipbob.com/webhooks). Shapes of inputs and records: transforms/wms.
/// Where a warehouse differs from ShipBob: it names its fulfilment centres, <c>fulfillment_center</c>, where ShipBob numbers them, <c>location_id</c>; and it
/// tells stock by SKU, where ShipBob has levels of inventory items.
/// </summary>
public sealed class WmsAdapter(ILoggerFactory logs, Outside outside) : Adapter
{
    /// <summary>One line adds an operation.</summary>
    private static readonly RestBinding[] Table = [WarehouseOrders.Create, WarehouseOrders.Cancel, WarehouseOrders.Read, Returns.Create, Returns.Cancel, Returns.Read, Shipments.Read, Stock.Read];

    public override string Name => "wms";

    public override string Summary => "A warehouse over REST: takes and cancels orders and returns exactly once, reads them, shipments and stock, and takes its webhooks.";

    public override Type OptionsType => typeof(WmsOptions);

    public override IReadOnlyList<OperationDescriptor> Operations { get; } = [.. Table.Select(row => row.Descriptor)];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) => new RestBackend(
        name, (RestOptions)options, WmsDialect.Warehouse, Table, (declared, _) => new StandardHook(declared, WmsEvents.TopicHeader, WmsEvents.Of, WmsEvents.WrongType),
        new RestSurroundings(clock, outside, logs));
}
