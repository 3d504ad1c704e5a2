using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Partners;

/// <summary>Reads a customer by its number. What it owes is credit.check's to say: that takes other rights.</summary>
internal sealed class PartnerRead(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "partner.read", "Reads a customer by its number.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 4)
    {
        Input = new Dictionary<string, string> { ["buyer"] = "ref of the customer (res.partner)" },
        Needs = [["buyer"]],
    };

    private static readonly string[] Fields =
    [
        "name", "ref", "is_company", "customer_rank", "supplier_rank", "parent_id", "type", "vat", .. BuyerRecord.AddressFields, "phone", "email", "lang", "tz",
        "property_payment_term_id", "property_product_pricelist", "company_id", "active", "write_date",
    ];

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var found = await BuyerRecord.FindAsync(odoo, call.Input.Text("buyer"), Fields);
        if (found.Failure is { } failure)
            return failure.ToResult();
        var partner = JsonObject.Create(found.Value!.Value)!;
        return await References.PutAllAsync(odoo, [partner], [.. BuyerRecord.AddressReferences, ("parent_id", "res.partner", ["ref", "name"])]) is { } unread
            ? unread.ToResult()
            : new OperationResult(OperationStatus.Done) { Record = partner.ToJson() };
    }
}
