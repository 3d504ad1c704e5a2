using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

/// <summary>Every field the simulator has is described as the recorded server describes it.</summary>
public sealed class OdooFieldsTests
{
    /// <summary>Selections the simulator shortens: the time zones.</summary>
    private static readonly HashSet<string> Shortened = ["tz"];

    [Theory]
    [InlineData("account.move")]
    [InlineData("account.move.line")]
    [InlineData("delivery.carrier")]
    [InlineData("product.pricelist")]
    [InlineData("product.pricelist.item")]
    [InlineData("product.product")]
    [InlineData("product.template")]
    [InlineData("res.company")]
    [InlineData("res.country")]
    [InlineData("res.currency")]
    [InlineData("res.partner")]
    [InlineData("sale.order")]
    [InlineData("sale.order.line")]
    [InlineData("stock.location")]
    [InlineData("stock.move")]
    [InlineData("stock.picking")]
    [InlineData("stock.picking.type")]
    [InlineData("stock.quant")]
    [InlineData("stock.warehouse")]
    [InlineData("uom.uom")]
    public async Task Fields_are_described_as_recorded(string model)
    {
        var path = Path.Combine(SharedFiles.TranscriptsOrSkip(), "fields_get", model + ".json");
        var recorded = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!.AsObject();
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        var ours = (await caller.CallAsync(model, "fields_get", []))!.AsObject();
        Assert.True(ours.Count > 5);
        Assert.All(ours, field =>
        {
            Assert.True(recorded.ContainsKey(field.Key), $"{model} has no field {field.Key}");
            foreach (var (attribute, value) in field.Value!.AsObject())
                if (!(attribute == "selection" && Shortened.Contains(field.Key)))
                    Assert.True(recorded[field.Key]![attribute]?.ToJsonString() == value!.ToJsonString(),
                        $"{field.Key}.{attribute}: recorded {recorded[field.Key]![attribute]?.ToJsonString()}, ours {value.ToJsonString()}");
        });
    }
}
