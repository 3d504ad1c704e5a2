using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Items;

/// <summary>Reads an item's stock in one warehouse: the asked one, else the partner's, else all of its companies' together.</summary>
internal sealed class InventoryRead(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "inventory.read", "Reads an item's stock, in one warehouse or all.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 3)
    {
        Input = new Dictionary<string, string>
        {
            ["item"] = "the SKU: default_code of product.product",
            ["location"] = "code of the warehouse; the partner's when left out",
        },
        Needs = [["item"]],
    };

    private static readonly string[] Fields =
    [
        "default_code", "barcode", "name", "company_id", "is_storable", "uom_id", "qty_available", "free_qty", "virtual_available", "incoming_qty", "outgoing_qty",
    ];

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var asked = call.Input.Text("location");
        JsonElement? place = null;
        if ((asked ?? call.Partner.Warehouse) is { } code)
        {
            var reply = await odoo.SearchAsync("stock.warehouse", [Is("code", code), odoo.OfCompanies], ["code", "name", "company_id"]);
            if (!reply.Done)
                return reply.ToResult();
            // Codes are unique within a company only.
            place = reply.Value.EnumerateArray().Where(row => odoo.PlaceOf(row) is not null).OrderBy(odoo.PlaceOf).Select(row => (JsonElement?)row).FirstOrDefault();
            if (place is null)
                return asked is not null
                    ? OdooReply.NotFound("There is no such location.").ToResult()
                    : OdooReply.NotSent($"company {odoo.Company} has no warehouse '{code}'").ToResult();
        }
        var product = await ProductRecord.FindAsync(odoo, call.Input.Text("item"), Fields, place?.Id("id"));
        return product.Failure is { } failure
            ? failure.ToResult()
            : new OperationResult(OperationStatus.Done) { Record = product.Value!.ToJson(place) };
    }
}
