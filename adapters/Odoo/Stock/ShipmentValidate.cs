using System.Globalization;
using Gateway.Adapters.Odoo.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>
/// Books a shipment: what left, under which carrier and number, and whether the rest comes later. See <see cref="TransferBooking"/>. It needs no
/// external id in Odoo: the transfer itself is what was there before, and can be done once.
/// </summary>
internal sealed partial class ShipmentValidate(OdooBackend backend) : OdooOperation(backend)
{
    private readonly ILogger _log = backend.Log;

    public static readonly OperationDescriptor Description = new(
        "shipment.validate", "Books what left of a delivery, with its carrier and number; the rest comes later or is cancelled.",
        Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 22)
    {
        Input = new Dictionary<string, string>
        {
            ["name"] = "number of the transfer (stock.picking)",
            ["state"] = "done or cancel; left out, only carrier, number and dates are written",
            ["sale_id"] = "name or client_order_ref of the order that it must be of; optional",
            ["warehouse_id"] = "code of the warehouse that it must be of; optional",
            ["carrier_id"] = "name of the delivery method; optional",
            ["carrier_tracking_ref"] = "the carrier's number; optional",
            ["shipping_weight"] = "with weight_uom_name kg; optional",
            ["scheduled_date"] = "YYYY-MM-DD HH:MM:SS in UTC; optional. date_done the same, when it is done",
            ["move_ids"] = "id (else found by product), product_id (default_code or id), product_uom (name), quantity, picked",
            ["context"] = "skip_backorder, and picking_ids_not_to_backorder where the rest is cancelled",
        },
        Needs = [["name"]],
        About = new Subject("order") { Or = ["name"] },
    };

    public override OperationDescriptor Descriptor => Description;

    public override string? RecordOf(ReadOnlyMemory<byte> input) => TransferName.RecordOf(input);

    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) => WithAsync(TransferInput.Parse(call.Input), async transfer =>
    {
        var booking = Booking(call, odoo, transfer);
        var result = await booking.RunAsync();
        if (result.Status == OperationStatus.Done && await booking.OverAsync() is { Count: > 0 } over)
        {
            AdapterTelemetry.Differences.Add(1, new KeyValuePair<string, object?>("backend", Backend));
            LogOver(Backend, result.Reference!, string.Join("; ", over));
        }
        return result;
    });

    protected override ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) =>
        WithAsync(TransferInput.Parse(call.Input), transfer => Booking(call, odoo, transfer).FindAsync());

    /// <summary>Where the call is about an order, a transfer of another one is not there.</summary>
    private static Func<Found, ValueTask<Lookup<bool>>>? OfOrder(string? order) =>
        order is null ? null : picking => new(picking.To("sale_id")?.Id.ToString(CultureInfo.InvariantCulture) == order);

    private static TransferBooking Booking(OperationCall call, OdooSession odoo, TransferInput asked) =>
        new(odoo, asked, call.Partner, "outgoing", "despatchLines") { IsMeant = OfOrder(call.Reference) };

    [LoggerMessage(Level = LogLevel.Error, Message = "Backend {Backend} delivered more than is ordered, last by transfer {Id}: {Lines}")]
    private partial void LogOver(string backend, string id, string lines);
}
