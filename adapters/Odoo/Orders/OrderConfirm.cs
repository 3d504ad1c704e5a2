using Gateway.Adapters.Canonical;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>Confirms an order, which makes its transfers. An order that is confirmed is Done; of several calls at once one makes transfers (README, trap 4).</summary>
internal sealed class OrderConfirm(OdooBackend backend) : OrderState(backend)
{
    public static readonly OperationDescriptor Description = new(
        "order.confirm", "Confirms a sales order, so that the warehouse may start.", Effect.Changes, Idempotent: true, ReadsBack: true, Compensation: "order.cancel", Cost: 9)
    {
        About = new Subject("order"),
    };

    public override OperationDescriptor Descriptor => Description;

    protected override string Method => "action_confirm";

    protected override OrderStatusCode Happened => OrderStatusCode.Released;

    protected override bool Holds(OrderRecord order) => order.IsConfirmed;

    protected override OdooReply? Against(OrderRecord order) =>
        order.IsCancelled ? OdooReply.Refused("This order is cancelled, so it can't be confirmed any more.") : null;
}
