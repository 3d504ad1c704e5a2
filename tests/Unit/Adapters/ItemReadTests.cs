using Gateway.Adapters.Odoo;
using Gateway.Simulators;
using Xunit;
using static Gateway.OperationStatus;

namespace Gateway.Tests.Unit.Adapters;

public abstract class ItemReadTests(OdooGeneration odoo)
{
    [Fact]
    public async Task An_item_is_read_by_its_sku()
    {
        await using var bench = await StartAsync();

        var result = await bench.CallAsync("item.read", """{"sku":"MON-27"}""");

        Assert.Equal(Done, result.Status);
        var product = OdooBench.Json(result.Record);
        Assert.Equal("04012345000115", product.GetProperty("barcode").GetString());
        Assert.Equal("C62", product.GetProperty("unit_code").GetString());
        Assert.Equal("6.1", product.GetProperty("weight").GetRawText());
    }

    [Theory]
    [InlineData("item.read", """{"sku":"NOPE"}""")]
    [InlineData("item.read", "{}")]
    [InlineData("inventory.read", """{"item":"NOPE"}""")]
    [InlineData("inventory.read", """{"item":"MON-27","location":"NOWHERE"}""")]
    public async Task What_is_not_there_is_not_found(string operation, string input)
    {
        await using var bench = await StartAsync();

        Assert.Equal(NotFound, (await bench.CallAsync(operation, input)).Status);
    }

    [Theory]
    [InlineData("""{"item":"MON-27"}""", "WH", "75")]
    [InlineData("""{"item":"MON-27","location":"WH2"}""", "WH2", "25")]
    public async Task Stock_is_the_asked_warehouses_else_the_partners(string input, string warehouse, string free)
    {
        await using var bench = await StartAsync();

        var record = OdooBench.Json((await bench.CallAsync("inventory.read", input)).Record);

        Assert.Equal(warehouse, record.GetProperty("warehouse").GetProperty("code").GetString());
        Assert.Equal(free, record.GetProperty("free_qty").GetRawText());
    }

    [Fact]
    public async Task Without_any_warehouse_stock_is_the_companys()
    {
        await using var bench = await StartAsync();

        var result = await bench.Backend.Operations["inventory.read"].CallAsync(
            new OperationCall(OdooBench.Json("""{"item":"MON-27"}"""), new Partner("p", "P")), TestContext.Current.CancellationToken);

        var record = OdooBench.Json(result.Record);
        Assert.Equal("100", record.GetProperty("free_qty").GetRawText());
        Assert.False(record.TryGetProperty("warehouse", out _));
    }

    private Task<OdooBench> StartAsync(Func<OdooOptions, OdooOptions>? change = null, OdooSimulatorOptions? simulator = null) => odoo.StartAsync(change, simulator);
}

public sealed class ItemReadOverJson2() : ItemReadTests(new OdooGeneration(19, OdooApi.Json2));

public sealed class ItemReadOverJsonRpcOf19() : ItemReadTests(new OdooGeneration(19, OdooApi.Jsonrpc));

public sealed class ItemReadOverJsonRpcOf18() : ItemReadTests(new OdooGeneration(18, OdooApi.Auto));

public sealed class ItemReadOverJsonRpcOf17() : ItemReadTests(new OdooGeneration(17, OdooApi.Auto));

public sealed class ItemReadOverJsonRpcOf16() : ItemReadTests(new OdooGeneration(16, OdooApi.Auto));

public sealed class ItemReadOverJsonRpcOf15() : ItemReadTests(new OdooGeneration(15, OdooApi.Auto));

public sealed class ItemReadOverJsonRpcOf14() : ItemReadTests(new OdooGeneration(14, OdooApi.Auto));
