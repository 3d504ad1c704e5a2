namespace Gateway.Adapters.Odoo.Orders;

/// <summary>Reads an order by the reference that order.create gave: the same record.</summary>
internal sealed class OrderRead(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "order.read", "Reads a sales order by its reference.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 4)
    {
        About = new Subject("order"),
    };

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var read = await OrderRecord.ReadAsync(odoo, call.Reference);
        return read.Failure is { } failure
            ? failure.ToResult()
            : new OperationResult(OperationStatus.Done) { Record = read.Value!.ToJson(), Reference = call.Reference };
    }
}
