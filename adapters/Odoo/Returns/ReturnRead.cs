using System.Globalization;
using Gateway.Adapters.Odoo.Stock;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Returns;

/// <summary>Reads a return by the reference that return.create gave: the same record.</summary>
internal sealed class ReturnRead(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "return.read", "Reads a return by its reference.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 10)
    {
        About = new Subject("return"),
    };

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        if (!int.TryParse(call.Reference, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return OdooReply.NotFound("There is no such return.").ToResult() with { Reason = $"'{call.Reference}' is no reference of Odoo" };
        var read = await Transfers.Whole.ReadAsync(odoo, [id]);
        if (read.Failure is { } failure)
            return failure.ToResult();
        return read.Value is [var picking] && picking.Text("picking_type_code") == "incoming" && odoo.PlaceOf(picking.Row) is not null
            ? new OperationResult(OperationStatus.Done) { Record = picking.ToJson(), Reference = call.Reference }
            : OdooReply.NotFound("The order system no longer has this return.").ToResult();
    }
}
