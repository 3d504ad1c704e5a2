using Gateway.Adapters.Odoo.Orders;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>Reads the shipments of an order: its outgoing transfers to customers, in any state, oldest first.</summary>
internal sealed class ShipmentRead(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "shipment.read", "Reads the shipments of an order by the order's reference.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 10)
    {
        About = new Subject("order"),
    };

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var order = await OrderRow.FindAsync(odoo, call.Reference, "name");
        if (order.Failure is { } unknown)
            return unknown.ToResult();
        var read = await Transfers.Whole.FindAsync(odoo, [Is("sale_id", order.Value.Id("id")!.Value), Is("picking_type_code", "outgoing"), odoo.OfCompanies]);
        return read.Failure is { } failure
            ? failure.ToResult()
            : new OperationResult(OperationStatus.Done) { Record = Found.ListJson("shipments", read.Value!), Reference = call.Reference };
    }
}
