using Gateway.Adapters.Canonical;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>
/// Cancels an order, and with it the transfers that are still open. Odoo would cancel what has been shipped and invoiced as well (README, trap 13);
/// that is refused here. A cancelled order is Done.
/// </summary>
internal sealed class OrderCancel(OdooBackend backend) : OrderState(backend)
{
    public static readonly OperationDescriptor Description = new(
        "order.cancel", "Cancels a sales order of which nothing was shipped or invoiced.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 9)
    {
        About = new Subject("order"),
    };

    public override OperationDescriptor Descriptor => Description;

    protected override string Method => "action_cancel";

    protected override OrderStatusCode Happened => OrderStatusCode.Cancelled;

    /// <summary>Up to Odoo 18 a confirmed order is asked about in a form, unless the context says this.</summary>
    protected override string[] Flags => ["disable_cancel_warning"];

    protected override bool Holds(OrderRecord order) => order.IsCancelled;

    protected override OdooReply? Against(OrderRecord order) => OrderRules.AgainstCancelling(order);
}
