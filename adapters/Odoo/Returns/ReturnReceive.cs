using System.Globalization;
using Gateway.Adapters.Odoo.Stock;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Returns;

/// <summary>
/// Books what came back of a return. As a shipment (<see cref="TransferBooking"/>): once, never more than was announced, and what is still missing
/// comes later or is cancelled. Goods that the warehouse rejects are received too; that they are not taken is no matter of Odoo's.
/// </summary>
internal sealed class ReturnReceive(OdooBackend backend) : OdooOperation(backend)
{
    /// <summary>More than these nobody sends; a chain that comes back to itself ends.</summary>
    private const int MostParts = 50;

    public static readonly OperationDescriptor Description = new(
        "return.receive", "Books what came back of a return; the rest comes later or is cancelled.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 22)
    {
        Input = new Dictionary<string, string>
        {
            ["name"] = "number of the transfer that brings it back",
            ["picking_id"] = "name of the delivery; not written",
            ["product_return_moves"] = "as return.create takes them; not written",
            ["picking"] = "as shipment.validate takes it, without name; moves by origin_returned_move_id, else by product",
        },
        Needs = [["name"]],
        About = new Subject("return") { Or = ["name"] },
    };

    public override OperationDescriptor Descriptor => Description;

    public override string? RecordOf(ReadOnlyMemory<byte> input) => TransferName.RecordOf(input);

    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) =>
        WithAsync(ReturnInput.Parse(call.Input), asked => Booking(call, odoo, asked).RunAsync());

    protected override ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) =>
        WithAsync(ReturnInput.Parse(call.Input), asked => Booking(call, odoo, asked).FindAsync());

    /// <summary>Where the call is about a return, it is that one, or a part that was still to come of it, or of such a part.</summary>
    private static async ValueTask<Lookup<bool>> IsOfAsync(OdooSession odoo, Found picking, string known)
    {
        var (part, before) = ((int?)picking.Id, picking.To("backorder_id")?.Id);
        for (var parts = 0; part is { } id && parts < MostParts; parts++)
        {
            if (id.ToString(CultureInfo.InvariantCulture) == known)
                return true;
            if (parts > 0)
            {
                var row = await odoo.ReadAsync("stock.picking", [id], ["backorder_id"]);
                if (!row.Done)
                    return row;
                before = row.Value.EnumerateArray().FirstOrDefault().Id("backorder_id");
            }
            part = before;
        }
        return false;
    }

    private static TransferBooking Booking(OperationCall call, OdooSession odoo, ReturnInput asked) =>
        new(odoo, asked.Picking with { Name = asked.Name }, call.Partner, "incoming", "returnLines") { IsMeant = call.Reference is { } known ? picking => IsOfAsync(odoo, picking, known) : null };
}
