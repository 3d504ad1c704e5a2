using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Canonical;
using Gateway.Tests.Records;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>The records and the example documents that tests/Records makes of the canonical contracts.</summary>
public sealed class CanonicalRecordsTests
{
    private static readonly ContractBundle Bundle = ContractBundle.Read(Repository.Root);

    /// <summary>Contract, the title of its record, and a document: the contract's own examples, and the one in docs/examples.</summary>
    public static TheoryData<string, string, string> Documents { get; } =
    [
        .. from contract in Bundle.Contracts
           let name = contract.Key.Replace(".schema.json", "", StringComparison.Ordinal)
           from document in ExamplesOf(name).Append(File.ReadAllText(Path.Combine(Repository.Root, $"docs/examples/{name}.json")))
           select (name, contract.Value, document),
    ];

    [Fact]
    public void What_is_checked_in_is_what_the_contracts_make()
    {
        var (made, kept) = (GeneratedFile.Make(Bundle), GeneratedFile.Read(Repository.Root).ToList());

        var stale = made.Except(kept).Concat(kept.Except(made)).Select(file => file.Name).Distinct().ToList();

        Assert.True(stale.Count == 0, $"not what transforms/canonical makes: {string.Join(", ", stale)}; call: dotnet run --project tests/Records");
    }

    [Fact]
    public void Every_definition_of_the_contracts_has_a_title_of_its_own() => Assert.Empty(Bundle.Faults);

    [Theory]
    [InlineData("""{"title":"A","properties":{"b":{"type":"string"}}}""", "a@1.schema.json#/properties/b has no title")]
    [InlineData("""{"title":"A","properties":{},"$defs":{"b":{"type":"object","properties":{}}}}""", "a@1.schema.json#/$defs/b has no title")]
    [InlineData("""{"title":"A","properties":{"b":{"title":"A","enum":["x"]}}}""", "a@1.schema.json#/properties/b has the title of a@1.schema.json#: A")]
    [InlineData("""{"title":"A","allOf":[]}""", "a@1.schema.json# has allOf, of which no record can be made")]
    public void What_can_be_no_record_is_told_with_its_place(string contract, string fault)
    {
        var bundle = new ContractBundle(new Dictionary<string, JsonObject> { ["a@1.schema.json"] = JsonNode.Parse(contract)!.AsObject() });

        Assert.Equal([fault], bundle.Faults);
    }

    [Fact]
    public void Each_definition_is_one_type_however_many_contracts_use_it()
    {
        var types = typeof(Order).Assembly.GetExportedTypes().Where(t => t.Namespace == typeof(Order).Namespace && t != typeof(CanonicalJson));

        Assert.Equal(
            Bundle.Contracts.SelectMany(contract => Bundle.DefinedIn(contract.Key)).Order(StringComparer.Ordinal),
            types.Select(t => t.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_comes_out_of_its_record_as_it_went_in(string contract, string record, string document)
    {
        var written = JsonSerializer.SerializeToElement(Read(record, document), TypeOf(record), CanonicalJson.Default);

        Assert.Empty(Workspace.Contract(contract).Validate(OdooBench.Json(document)));
        Assert.Empty(Workspace.Contract(contract).Validate(written));
        Assert.True(JsonElement.DeepEquals(OdooBench.Json(document), written), written.GetRawText());
    }

    [Theory]
    [InlineData("1.10")]
    [InlineData("0.000001")]
    [InlineData("-12345678901234567.89")]
    public void A_number_keeps_its_digits(string figure)
    {
        var stock = JsonNode.Parse(ExamplesOf("stock@1").First())!;
        stock["quantity"] = JsonNode.Parse(figure);

        var read = (Stock)Read("Stock", stock.ToJsonString());

        Assert.Equal(decimal.Parse(figure, System.Globalization.CultureInfo.InvariantCulture), read.Quantity);
        Assert.Equal(figure, JsonSerializer.SerializeToElement(read, CanonicalJson.Default.Stock).GetProperty("quantity").GetRawText());
    }

    [Theory]
    [InlineData("""{"colour":"red"}""")]
    [InlineData("""{"buyerParty":null}""")]
    [InlineData("""{"issueDate":"2026-02-30"}""")]
    [InlineData("""{"documentCurrencyCode":978}""")]
    public void What_has_another_shape_is_no_record(string change)
    {
        var order = JsonNode.Parse(ExamplesOf("order@1").First())!;
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject()) order[name] = value?.DeepClone();

        Assert.Throws<JsonException>(() => Read("Order", order.ToJsonString()));
    }

    private static object Read(string record, string document) => JsonSerializer.Deserialize(document, TypeOf(record), CanonicalJson.Default)!;

    private static Type TypeOf(string record) => typeof(Order).Assembly.GetType($"{typeof(Order).Namespace}.{record}", throwOnError: true)!;

    private static IEnumerable<string> ExamplesOf(string contract) =>
        Workspace.Document(contract).TryGetProperty("examples", out var examples) ? examples.EnumerateArray().Select(e => e.GetRawText()) : [];
}
