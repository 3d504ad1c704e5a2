using Gateway.Adapters.Odoo.Stock;

namespace Gateway.Adapters.Odoo.Returns;

/// <summary>
/// Books what came back of a return. As a shipment (<see cref="TransferBooking"/>): once, never more than was announced, and what is still missing
/// comes later or is cancelled. Goods that the warehouse rejects are received too; that they are not taken is no matter of Odoo's.
/// </summary>
internal sealed class ReturnReceive(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "return.receive", "Books what came back of a return; the rest comes later or is cancelled.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 30)
    {
        Input = new Dictionary<string, string>
        {
            ["name"] = "number of the transfer that brings it back",
            ["picking_id"] = "name of the delivery; not written",
            ["product_return_moves"] = "as return.create takes them; not written",
            ["picking"] = "as shipment.validate takes it, without name; moves by origin_returned_move_id, else by product",
        },
    };

    public override OperationDescriptor Descriptor => Description;

    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) => With(call, odoo, booking => booking.RunAsync());

    protected override ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) => With(call, odoo, booking => booking.FindAsync());

    private static ValueTask<OperationResult> With(OperationCall call, OdooSession odoo, Func<TransferBooking, ValueTask<OperationResult>> run)
    {
        var (asked, wrong) = ReturnInput.Parse(call.Input);
        return asked is null
            ? ValueTask.FromResult(new OperationResult(OperationStatus.Malformed) { Reason = $"the request mapping's output is not what return.receive takes: {wrong}" })
            : run(new TransferBooking(odoo, asked.Picking with { Name = asked.Name }, "incoming", "returnLines"));
    }
}
