using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

public sealed class ContractTests
{
    public static TheoryData<string> Contracts => [.. Workspace.Contracts];

    [Theory]
    [MemberData(nameof(Contracts))]
    public void A_contract_compiles_and_takes_its_own_examples(string name)
    {
        var schema = Workspace.Contract(name);

        if (Workspace.Document(name).TryGetProperty("examples", out var examples))
            Assert.All(examples.EnumerateArray(), example => Assert.Empty(schema.Validate(example)));
    }

    [Theory]
    [MemberData(nameof(Contracts))]
    public void Every_object_is_closed_and_every_field_says_what_it_is(string name) => Check("#", Workspace.Document(name));

    [Theory]
    [InlineData("""{"orderLines":[]}""")]
    [InlineData("""{"documentCurrencyCode":"eur"}""")]
    [InlineData("""{"issueDate":"2026-02-30"}""")]
    [InlineData("""{"customerReference":" PO"}""")]
    [InlineData("""{"customerReference":null}""")]
    [InlineData("""{"customerRef":"PO"}""")]
    [InlineData("""{"delivery":{}}""")]
    [InlineData("""{"buyerParty":{"id":""}}""")]
    public void Orders_that_break_the_contract(string change) => Assert.NotEmpty(Workspace.Contract("order@1").Validate(Changed(change)));

    [Theory]
    [InlineData("quantity", "0")]
    [InlineData("quantity", "-1")]
    [InlineData("quantity", "0.0000001")]
    [InlineData("quantity", "\"3\"")]
    [InlineData("unitCode", "\"c62\"")]
    [InlineData("id", "1")]
    [InlineData("price", """{"priceAmount":12.5}""")]
    [InlineData("price", """{"priceAmount":"12,50"}""")]
    [InlineData("price", """{"priceAmount":"-1"}""")]
    [InlineData("price", """{"priceAmount":"1","baseQuantity":0}""")]
    [InlineData("item", "{}")]
    [InlineData("item", """{"sellersItemIdentification":"A","standardItemIdentification":"123"}""")]
    public void Lines_that_break_the_contract(string member, string value)
    {
        var order = Example();
        order["orderLines"]![0]![member] = JsonNode.Parse(value);

        Assert.NotEmpty(Workspace.Contract("order@1").Validate(OdooBench.Json(order.ToJsonString())));
    }

    [Theory]
    [InlineData("quantity", "0.000001")]
    [InlineData("quantity", "3.10")]
    [InlineData("price", """{"priceAmount":"0"}""")]
    [InlineData("price", """{"priceAmount":"410","baseQuantity":100}""")]
    public void Lines_that_keep_the_contract(string member, string value)
    {
        var order = Example();
        order["orderLines"]![0]![member] = JsonNode.Parse(value);

        Assert.Empty(Workspace.Contract("order@1").Validate(OdooBench.Json(order.ToJsonString())));
    }

    private static JsonObject Example() => JsonNode.Parse(Workspace.Document("order@1").GetProperty("examples")[0].GetRawText())!.AsObject();

    private static JsonElement Changed(string change)
    {
        var order = Example();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
            order[name] = value?.DeepClone();
        return OdooBench.Json(order.ToJsonString());
    }

    private static void Check(string place, JsonElement schema)
    {
        if (schema.TryGetProperty("$defs", out var definitions))
            foreach (var definition in definitions.EnumerateObject())
                CheckField($"{place}/$defs/{definition.Name}", definition.Value);
        if (schema.TryGetProperty("properties", out var properties))
        {
            Assert.True(schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False, $"{place} is open");
            foreach (var property in properties.EnumerateObject())
                CheckField($"{place}/properties/{property.Name}", property.Value);
        }
    }

    private static void CheckField(string place, JsonElement field)
    {
        if (!field.TryGetProperty("type", out var type))
        {
            Assert.True(field.TryGetProperty("$ref", out _), $"{place} has neither type nor $ref");
            return;
        }
        Assert.True(field.TryGetProperty("title", out _), $"{place} has no title");
        Assert.True(field.TryGetProperty("description", out _), $"{place} has no description");
        if (type.GetString() is "string" or "number" or "boolean")
            Assert.True(field.TryGetProperty("examples", out _) || field.TryGetProperty("$ref", out _), $"{place} has no examples");
        Check(place, field);
    }
}
