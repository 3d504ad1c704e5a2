using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo.Partners;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Items;

/// <summary>Reads a warehouse by its code, or a place in one by its path.</summary>
internal sealed class LocationRead(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "location.read", "Reads a warehouse, or a place in one.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 5)
    {
        Input = new Dictionary<string, string>
        {
            ["warehouse"] = "code of the warehouse (stock.warehouse)",
            ["location"] = "complete_name of the place (stock.location): WH/Stock/Shelf 1; in place of warehouse",
        },
        Needs = [["warehouse", "location"]],
    };

    private static readonly string[] WarehouseFields = ["code", "name", "partner_id", "lot_stock_id", "delivery_steps", "company_id", "active", "write_date"];

    private static readonly string[] LocationFields = ["complete_name", "name", "barcode", "usage", "location_id", "warehouse_id", "company_id", "active", "write_date"];

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var found = call.Input.Text("warehouse") is { Length: > 0 } code
            ? await FindAsync(odoo, "stock.warehouse", [Is("code", code), odoo.OfCompanies], WarehouseFields)
            : call.Input.Text("location") is { Length: > 0 } path
                ? await FindAsync(odoo, "stock.location", [Is("complete_name", path), odoo.Shared], LocationFields)
                : OdooReply.NotFound("There is no such location.");
        if (found.Failure is { } failure)
            return failure.ToResult();
        return await CompleteAsync(odoo, found.Value!) is { } unread
            ? unread.ToResult()
            : new OperationResult(OperationStatus.Done) { Record = found.Value!.ToJson() };
    }

    /// <summary>Codes and paths are unique within a company only: the partner's first company has it before the others.</summary>
    private static async ValueTask<Lookup<JsonObject>> FindAsync(OdooSession odoo, string model, object[] domain, string[] fields)
    {
        var reply = await odoo.SearchAsync(model, domain, fields, order: "id");
        if (!reply.Done)
            return reply;
        var row = reply.Value.EnumerateArray().Where(row => odoo.PlaceOf(row) is not null).OrderBy(odoo.PlaceOf).Select(row => (JsonElement?)row).FirstOrDefault();
        return row is { } found ? JsonObject.Create(found)! : OdooReply.NotFound("There is no such location.");
    }

    private static async ValueTask<OdooReply?> CompleteAsync(OdooSession odoo, JsonObject row)
    {
        var site = await References.PutAsync(odoo, [row], "partner_id", "res.partner", ["name", "phone", "email", .. BuyerRecord.AddressFields]);
        if (site.Failure is { } failure)
            return failure;
        return await References.PutAllAsync(odoo, site.Value!, BuyerRecord.AddressReferences)
            ?? await References.PutAllAsync(odoo, [row],
                ("lot_stock_id", "stock.location", ["complete_name"]),
                ("location_id", "stock.location", ["complete_name"]),
                ("warehouse_id", "stock.warehouse", ["code", "name"]),
                ("company_id", "res.company", ["name"]));
    }
}
