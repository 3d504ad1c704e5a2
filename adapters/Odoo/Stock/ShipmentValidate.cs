namespace Gateway.Adapters.Odoo.Stock;

/// <summary>
/// Books a shipment: what left, under which carrier and number, and whether the rest comes later. See <see cref="TransferBooking"/>. It needs no
/// external id in Odoo: the transfer itself is what was there before, and can be done once.
/// </summary>
internal sealed class ShipmentValidate(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "shipment.validate", "Books what left of a delivery, with its carrier and number; the rest comes later or is cancelled.",
        Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 30)
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
    };

    public override OperationDescriptor Descriptor => Description;

    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) => With(call, odoo, booking => booking.RunAsync());

    protected override ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) => With(call, odoo, booking => booking.FindAsync());

    private static ValueTask<OperationResult> With(OperationCall call, OdooSession odoo, Func<TransferBooking, ValueTask<OperationResult>> run)
    {
        var (transfer, wrong) = TransferInput.Parse(call.Input);
        return transfer is null
            ? ValueTask.FromResult(new OperationResult(OperationStatus.Malformed) { Reason = $"the request mapping's output is not what shipment.validate takes: {wrong}" })
            : run(new TransferBooking(odoo, transfer, "outgoing", "despatchLines"));
    }
}
