using System.Buffers;
using System.Text.Json;

namespace Gateway.Adapters.Odoo.Changes;

/// <summary>What stands in place of a buyer's order where somebody has entered it in Odoo: the parts of order@1 that are the buyer's to say, as far as Odoo knows them.</summary>
internal static class OrderInPlace
{
    public static ReadOnlyMemory<byte> Of(string reference, string buyer)
    {
        var output = new ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("customerReference", reference);
        json.WriteStartObject("buyerParty");
        json.WriteString("id", buyer);
        json.WriteEndObject();
        json.WriteStartArray("orderLines");
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }
}
