using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>
/// What the transcripts have of credit notes and of price lists: credit notes without their lines, which nobody read, and that there are no
/// rows of price lists.
/// </summary>
public sealed class TranscriptBillsTests
{
    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    [Fact]
    public void Every_credit_note_keeps_the_contracts_with_one_line_of_all_it_credits()
    {
        string[] fields = ["move_type=out_refund", "currency_id", "amount_untaxed"];
        var all = OdooRecords.Read();
        var records = all.Of("account.move", fields).ToList();
        foreach (var record in all.TooSparse("account.move", fields)) TestContext.Current.TestOutputHelper?.WriteLine($"skipped, as too little of it was read: {record}");

        Assert.Equal(["060-jsonrpc-creditnote-read.json", "457-json2-credit-draft.json", "459-json2-credit-read.json"], records.Select(r => r.File));
        Assert.Equal(["308-r2c-moves.json: currency_id amount_untaxed"], all.TooSparse("account.move", fields));
        Assert.Equal(records.Select(r => $"{r.File}: invoice_line_ids"), all.TooSparse("account.move", "move_type=out_refund", "currency_id", "amount_untaxed", "invoice_line_ids").Where(r => !r.StartsWith("308", StringComparison.Ordinal)));
        var states = records.Select(r => Map("odoo/credit-note.from", WithOneLine(r.Record))).Select(note => note.GetProperty("documentStatusCode").GetString());
        Assert.Equal(["draft", "draft", "posted"], states);
    }

    [Theory]
    [InlineData("019-jsonrpc-pricelist-item.json")]
    [InlineData("470-json2-pricelist-items.json")]
    public void No_row_of_a_price_list_was_there_to_be_read(string file)
    {
        var answer = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Simulators.SharedFiles.TranscriptsOrSkip(), file)))!["response"]!["json"]!;

        Assert.Empty((answer as JsonArray ?? answer["result"]!.AsArray()).AsEnumerable());
        TestContext.Current.TestOutputHelper?.WriteLine($"{file} answers no rows; price.from is tried on a list without any");
        var list = Map("odoo/price.from", JsonSerializer.Deserialize<JsonElement>("""{ "id": 1, "name": "Default", "currency_id": [1, "USD"], "item_ids": [] }"""));
        Assert.Equal(0, list.GetProperty("priceLines").GetArrayLength());
    }

    /// <summary>Fields that are none of Odoo's, but are put beside its by the operations that read.</summary>
    [Theory]
    [InlineData("odoo/partner@1", "res.partner", "")]
    [InlineData("odoo/item@1", "product.product", "unit_code")]
    [InlineData("odoo/stock@1", "product.product", "unit_code warehouse")]
    [InlineData("odoo/invoice@1", "account.move", "credited_move_ids sale_order_ids")]
    [InlineData("odoo/pricelist@1", "product.pricelist", "buyer")]
    [InlineData("odoo/pricelist@1#/$defs/row", "product.pricelist.item", "")]
    [InlineData("odoo/picking@1", "stock.picking", "")]
    [InlineData("odoo/picking@1#/$defs/move", "stock.move", "")]
    [InlineData("odoo/picking@1#/$defs/moveLine", "stock.move.line", "")]
    [InlineData("odoo/picking@1#/$defs/package", "stock.package", "")]
    [InlineData("odoo/location@1", "stock.location", "")]
    [InlineData("odoo/warehouse@1", "stock.warehouse", "")]
    public void Odoo_has_every_field_that_its_contract_names(string contract, string model, string added)
    {
        var known = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Simulators.SharedFiles.TranscriptsOrSkip(), "fields_get", model + ".json")))!;
        var fields = (JsonObject)(known["result"] ?? known["response"]?["json"]?["result"] ?? known["response"]?["json"] ?? known);
        var (name, pointer) = contract.Split('#') is [var file, var inside] ? (file, inside) : (contract, "");
        JsonNode schema = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "transforms", name + ".schema.json")))!;
        foreach (var step in pointer.Split('/', StringSplitOptions.RemoveEmptyEntries)) schema = schema[step]!;

        Assert.Equal(added.Split(' ', StringSplitOptions.RemoveEmptyEntries), schema["properties"]!.AsObject().Select(p => p.Key).Where(p => !fields.ContainsKey(p)).Order(StringComparer.Ordinal));
    }

    private static JsonElement WithOneLine(JsonElement record)
    {
        var move = (JsonObject)JsonNode.Parse(record.GetRawText())!;
        move["invoice_line_ids"] = new JsonArray(new JsonObject
        {
            ["id"] = 137,
            ["display_type"] = "product",
            ["name"] = "all that is credited",
            ["product_id"] = false,
            ["quantity"] = 1,
            ["price_unit"] = move["amount_untaxed"]!.DeepClone(),
            ["price_subtotal"] = move["amount_untaxed"]!.DeepClone(),
            ["price_total"] = move["amount_total"]!.DeepClone(),
        });
        return JsonSerializer.SerializeToElement(move);
    }

    private static JsonElement Map(string mapping, JsonElement record)
    {
        var contracts = MappingCases.Of(mapping, Shipped)!.Document!.Contracts;
        Assert.Empty(Shipped.Contract(contracts.Input)!.Schema!.Validate(record, 1));
        var (output, error) = Shipped.Find(mapping)!.Run(record, new MappingFacts(DateTimeOffset.UnixEpoch, "test"));
        Assert.True(output is not null, $"{error}\n{record}");
        var document = JsonSerializer.Deserialize<JsonElement>(output.Value.Span);
        Assert.Empty(Shipped.Closed(contracts.Output).Validate(document, 1));
        return document;
    }
}
