using Gateway.Adapters.Canonical;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>
/// An operation that takes an order into another state by one method. The state is looked at first, for Odoo refuses the second of two calls, and
/// read afterwards, for what the method answers may be a form that has done nothing.
/// </summary>
internal abstract class OrderState(OdooBackend backend) : OdooOperation(backend)
{
    /// <summary>The method of sale.order.</summary>
    protected abstract string Method { get; }

    /// <summary>What is told of an order that is there.</summary>
    protected abstract OrderStatusCode Happened { get; }

    /// <summary>Whether the order is there already.</summary>
    protected abstract bool Holds(OrderRecord order);

    /// <summary>Why the order can't get there; null where it can.</summary>
    protected abstract OdooReply? Against(OrderRecord order);

    /// <summary>Members of the context that are true.</summary>
    protected virtual string[] Flags => [];

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var reply = await odoo.AgainAsync(() => MoveAsync(odoo, call.Reference));
        if (reply.MayHaveHappened)
            return reply.ToResult();
        // Of several calls at once one is carried out, and the others are refused: the order is there all the same.
        var read = await OrderRecord.ReadAsync(odoo, call.Reference);
        if (read.Failure is { } failure)
            return (reply.Done ? failure.AfterChange() : reply).ToResult();
        if (Holds(read.Value!))
            return read.Value!.ToResult(call.Reference, Happened, named: true);
        return reply.Done
            ? OdooReply.Refused("The order system did not take the order there.", $"{Method} answered, and order {call.Reference} is {read.Value!.State}").ToResult()
            : reply.ToResult();
    }

    protected override async ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo)
    {
        var read = await OrderRecord.ReadAsync(odoo, call.Reference);
        if (read.Failure is { } failure)
            return failure.Gone().ToResult();
        return Holds(read.Value!)
            ? read.Value!.ToResult(call.Reference, Happened, named: true)
            : new OperationResult(OperationStatus.NotFound) { Reason = $"order {call.Reference} is {read.Value!.State}" };
    }

    private async ValueTask<OdooReply> MoveAsync(OdooSession odoo, string? reference)
    {
        var read = await OrderRecord.ReadAsync(odoo, reference);
        if (read.Failure is { } failure)
            return failure.OfRecord();
        var order = read.Value!;
        return Holds(order) ? OdooReply.Found(order.Id) : Against(order) ?? await odoo.DoAsync("sale.order", Method, order.Id, Flags);
    }
}
