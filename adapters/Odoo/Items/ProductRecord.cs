using System.Buffers;
using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Items;

/// <summary>A product as Odoo keeps it, with the UN/ECE Rec 20 code of its unit.</summary>
internal sealed record ProductRecord(JsonElement Row, string? Unit)
{
    /// <param name="fields">With <c>company_id</c>: what belongs to none of the partner's companies is not there.</param>
    /// <param name="warehouse">Stock figures are this warehouse's; null: of all its companies.</param>
    public static async ValueTask<Lookup<ProductRecord>> FindAsync(OdooSession odoo, string? sku, string[] fields, int? warehouse)
    {
        if (string.IsNullOrEmpty(sku))
            return OdooReply.NotFound("There is no such item.");
        var reply = await odoo.SearchAsync("product.product", [Is("default_code", sku), odoo.Shared], fields, limit: 2, order: "id", warehouse: warehouse);
        if (!reply.Done)
            return reply;
        JsonElement[] found = [.. reply.Value.EnumerateArray().Where(product => odoo.PlaceOf(product) is not null)];
        switch (found.Length)
        {
            case 0: return OdooReply.NotFound("There is no such item.");
            case > 1: return OdooReply.Unusable($"SKU '{sku}' stands for more than one product");
        }
        var row = found[0];
        if (row.Id("uom_id") is not { } unit)
            return new ProductRecord(row, null);
        var names = await odoo.Master.UnitCodesAsync(odoo, [unit]);
        return names.Failure is { } failure ? failure : new ProductRecord(row, names.Value!.GetValueOrDefault(unit));
    }

    /// <summary>The fields, and beside them what is no field of the product: <c>{…, "unit_code": "C62", "warehouse": {…}}</c></summary>
    public byte[] ToJson(JsonElement? warehouse = null)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var field in Row.EnumerateObject())
                if (field.Value.ValueKind == JsonValueKind.Number && field.Name != "id")
                    json.WriteNumber(field.Name, Math.Round(Row.Amount(field.Name), 6).Normal());
                else
                    field.WriteTo(json);
            if (Unit is not null)
                json.WriteString("unit_code", Unit);
            if (warehouse is { } place)
            {
                json.WritePropertyName("warehouse");
                place.WriteTo(json);
            }
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
