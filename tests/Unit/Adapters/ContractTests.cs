using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Records;
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
    public void Every_object_is_closed(string name)
    {
        var objects = Fields(name).Where(field => field.IsObject).Select(field => field.Definition).Append(Root(name));

        Assert.All(objects, at => Assert.True(at.Schema["additionalProperties"] is JsonValue closed && closed.GetValueKind() == JsonValueKind.False, $"{at} is open"));
    }

    [Theory]
    [MemberData(nameof(Contracts))]
    public void Every_field_and_definition_says_what_it_is_and_where_it_comes_from(string name)
    {
        Assert.NotEmpty(Fields(name));
        Assert.All(Fields(name), field =>
        {
            Assert.True(field.Title.Length > 0, $"{field.Place} has no title");
            Assert.True(field.Description.Length > 0, $"{field.Place} has no description");
            Assert.True(field.Source.Length > 0, $"{field.Place} has no x-source");
            Assert.True(field.IsObject || field.IsList || field.Example is not null, $"{field.Place} has no examples");
        });
        Assert.All(Definitions(name).Append(Root(name)), at => Assert.True(Says(at, "title", "description", "x-source"), $"{at} lacks a title, a description or an x-source"));
    }

    [Theory]
    [MemberData(nameof(Contracts))]
    public void A_contract_shows_a_document_tells_its_kind_and_names_only_contracts(string name)
    {
        Assert.True(Says(Root(name), "examples"), $"{name} has no examples");
        Assert.Contains((string?)Root(name).Schema["x-kind"], (string[])["master", "document", "event", "parameters"]);
        Assert.All(Fields(name).Where(field => field.RefersTo.Length > 0), field => Assert.Contains(field.RefersTo, Workspace.Contracts));
    }

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

    private static ContractBundle Bundle { get; } = ContractBundle.Read(Repository.Root);

    private static Spot Root(string contract) => Bundle.Roots.Single(root => root.File == $"{contract}.schema.json");

    /// <summary>All fields of a contract, also those that it defines for others and does not use itself.</summary>
    private static IEnumerable<ContractField> Fields(string contract)
    {
        var root = Root(contract);
        return ContractField.All(Bundle, root).Concat(
            from definition in root.Schema["$defs"]?.AsObject() ?? []
            let part = root.Below($"$defs/{definition.Key}", definition.Value)
            from field in ContractField.All(Bundle, part, definition.Key + ".")
            select field);
    }

    private static IEnumerable<Spot> Definitions(string contract)
    {
        var root = Root(contract);
        return (root.Schema["$defs"]?.AsObject() ?? []).Select(definition => root.Below($"$defs/{definition.Key}", definition.Value));
    }

    private static bool Says(Spot spot, params string[] keywords) => keywords.All(keyword => spot.Schema[keyword] is { } said && (said is JsonArray || ((string?)said)!.Length > 0));
}
