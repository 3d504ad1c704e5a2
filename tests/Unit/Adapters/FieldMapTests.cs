using System.Text;
using System.Text.Json;
using Gateway.Adapters.Odoo.Fields;
using Gateway.Adapters.Odoo.Wire;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Names of Odoo 19 in the words of an older one, and its answers in the words of 19.</summary>
public sealed class FieldMapTests
{
    private static readonly FieldMap Old = new(new Dictionary<string, ModelFields>
    {
        ["sale.order"] = Model("sale.order", """{"id":{},"name":{},"state":{},"order_line":{"relation":"sale.order.line"}}"""),
        ["sale.order.line"] = Model("sale.order.line", """{"order_id":{"relation":"sale.order"},"product_id":{},"product_uom":{},"product_uom_qty":{},"price_unit":{}}"""),
    }, new OdooVersion(16, "16.0"));

    [Theory]
    [InlineData("sale.order.line", "search_read", """{"domain":["|",["product_uom_id","=",1],["order_id.state","=","sale"]],"fields":["product_id","product_uom_id"],"order":"product_uom_id desc,id"}""",
        """{"domain":["|",["product_uom","=",1],["order_id.state","=","sale"]],"fields":["product_id","product_uom"],"order":"product_uom desc,id"}""")]
    [InlineData("sale.order", "read", """{"ids":[1],"fields":["name","locked","delivery_status"]}""", """{"ids":[1],"fields":["name","state"]}""")]
    [InlineData("sale.order", "write", """{"ids":[1],"vals":{"name":"x","order_line":[[0,0,{"product_uom_id":1,"technical_price_unit":0}],[2,5,0]]}}""",
        """{"ids":[1],"vals":{"name":"x","order_line":[[0,0,{"product_uom":1}],[2,5,0]]}}""")]
    [InlineData("sale.order", "load", """{"fields":["id","order_line/technical_price_unit","order_line/product_uom_id/.id"],"data":[["a","0","1"],["","0","2"]],"context":{}}""",
        """{"fields":["id","order_line/product_uom/.id"],"data":[["a","1"],["","2"]],"context":{}}""")]
    [InlineData("account.move", "read", """{"ids":[1],"fields":["name"]}""", """{"ids":[1],"fields":["name"]}""")]
    public void Calls(string model, string method, string today, string here) =>
        Assert.Equal(here, Encoding.UTF8.GetString(Old.Ask(new OdooRequest(model, method, Effect.Reads, Encoding.UTF8.GetBytes(today))).Body.Span));

    [Theory]
    [InlineData(16, "create_returns")]
    [InlineData(17, "create_returns")]
    [InlineData(18, "action_create_returns")]
    [InlineData(null, "action_create_returns")]
    public void Methods_are_called_as_the_version_calls_them(int? version, string here)
    {
        var map = new FieldMap(new Dictionary<string, ModelFields>(), version is { } major ? new OdooVersion(major, $"{major}.0") : null);

        Assert.Equal(here, map.Ask(new OdooRequest("stock.return.picking", "action_create_returns", Effect.Changes, "{}"u8.ToArray())).Method);
        Assert.Equal("action_create_returns", map.Ask(new OdooRequest("another.model", "action_create_returns", Effect.Changes, "{}"u8.ToArray())).Method);
        Assert.Equal(here == "action_create_returns", map.IsAsToday);
    }

    [Theory]
    [InlineData("sale.order", """["state","locked","delivery_status"]""", """[{"id":1,"state":"done"},{"id":2,"state":"sale"}]""",
        """[{"id":1,"state":"sale","locked":true,"delivery_status":false},{"id":2,"state":"sale","locked":false,"delivery_status":false}]""")]
    [InlineData("sale.order", """["locked"]""", """[{"id":1,"state":"done"}]""", """[{"id":1,"locked":true}]""")]
    [InlineData("sale.order.line", """["product_uom_id"]""", """[{"id":1,"product_uom":[3,"Dozens"]}]""", """[{"id":1,"product_uom_id":[3,"Dozens"]}]""")]
    public void Answers(string model, string fields, string here, string today)
    {
        var asked = new OdooRequest(model, "read", Effect.Reads, Encoding.UTF8.GetBytes($$"""{"ids":[1],"fields":{{fields}}}"""));

        var reply = Old.Understand(asked, new OdooReply(OperationStatus.Done) { Value = JsonElement.Parse(here) });

        Assert.Equal(today, reply.Value.GetRawText());
    }

    [Fact]
    public void A_field_that_an_operation_needs_and_nothing_stands_for_is_named()
    {
        Assert.Contains("sale.order has no field 'amount_total'", Old.Lacks["order.read"]);
        Assert.Contains("there is no product.product, or the key may not see it", Old.Lacks["item.read"]);
        Assert.DoesNotContain(Old.Lacks["order.read"], lack => lack.Contains("locked", StringComparison.Ordinal) || lack.Contains("product_uom_id", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_operation_that_lacks_a_field_is_refused_before_anything_is_sent()
    {
        await using var odoo = await CannedOdoo.StartAsync(async (http, call) =>
            await CannedOdoo.JsonAsync(http, 200, call == "product.product/fields_get" ? """{"default_code":{"type":"char"}}""" : call.EndsWith("/fields_get", StringComparison.Ordinal) ? All : "[]"));
        await using var backend = OdooBench.Open(odoo.Url);

        Assert.Null(await backend.ExamineAsync(TestContext.Current.CancellationToken));
        odoo.Calls.Clear();
        var item = await CallAsync("item.read", """{"sku":"A"}""");
        var none = odoo.Calls.Count;
        var order = await backend.Operations["order.read"].CallAsync(new OperationCall(default, OdooBench.Acme) { Reference = "7" }, TestContext.Current.CancellationToken);

        Assert.Equal((OperationStatus.NotSent, false, 0), (item.Status, item.BackendIsAway, none));
        Assert.Contains("product.product has no field 'barcode'", item.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("barcode", item.Detail, StringComparison.Ordinal);
        Assert.Contains("item.read: product.product has no field 'barcode'", backend.Findings!.Lacks);
        Assert.Equal(OperationStatus.NotSent, order.Status);

        async Task<OperationResult> CallAsync(string operation, string input) => await backend.Operations[operation].CallAsync(
            new OperationCall(OdooBench.Json(input), OdooBench.Acme), TestContext.Current.CancellationToken);
    }

    /// <summary>Every field that any operation needs.</summary>
    private static string All { get; } = JsonSerializer.Serialize(
        FieldNeeds.All.SelectMany(need => need.Fields).Distinct().ToDictionary(field => field, _ => new { type = "char" }));

    private static ModelFields Model(string name, string described) => new(name, JsonElement.Parse(Encoding.UTF8.GetBytes(described)));
}
