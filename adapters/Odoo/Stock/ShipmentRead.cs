using System.Globalization;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>Reads the shipments of an order: its outgoing transfers to customers, in any state, oldest first.</summary>
internal sealed class ShipmentRead(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "shipment.read", "Reads the shipments of an order by the order's reference.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 20);

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        if (!int.TryParse(call.Reference, NumberStyles.None, CultureInfo.InvariantCulture, out var order))
            return OdooReply.NotFound("There is no such order.").ToResult() with { Reason = $"'{call.Reference}' is no reference of Odoo" };
        var orders = await odoo.SearchAsync("sale.order", [Is("id", order), odoo.OfCompanies], ["name"], limit: 1);
        if (!orders.Done)
            return orders.ToResult();
        if (orders.Value.GetArrayLength() == 0)
            return OdooReply.NotFound("The order system no longer has this order.").ToResult();
        var read = await Transfers.Whole.FindAsync(odoo, [Is("sale_id", order), Is("picking_type_code", "outgoing"), odoo.OfCompanies]);
        return read.Failure is { } failure
            ? failure.ToResult()
            : new OperationResult(OperationStatus.Done) { Record = Found.ListJson("shipments", read.Value!), Reference = call.Reference };
    }
}
