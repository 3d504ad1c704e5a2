using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Cli;

/// <summary>The verb <c>map</c>, on the shipped workspace and on one with mistakes.</summary>
public sealed class MapTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-map-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_canonical_order_becomes_what_Odoo_takes()
    {
        var example = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "examples", "order@1.json"), TestContext.Current.CancellationToken);

        var (code, said) = await MapAsync("odoo/order.to", example, new MapCommand.MapOptions(Consumer: "acme-shop"), Repository.Root);

        Assert.True(code == Commands.Fine, said);
        Assert.Equal("PO-4711", (string?)JsonNode.Parse(said)!["client_order_ref"]);
    }

    [Theory]
    [InlineData("$params.sku", "\"DESK0005\"")]
    [InlineData("$id", "\"ord_1\"")]
    [InlineData("$accepted.note", "\"call\"")]
    [InlineData("$route", "\"map\"")]
    [InlineData("amount", "1.10")]
    [InlineData("$now() = $now()", "true")]
    public async Task A_mapping_sees_its_input_and_the_facts_it_is_given(string mapping, string result)
    {
        var accepted = Path.Combine(_folder.FullName, "accepted.json");
        await File.WriteAllTextAsync(accepted, """{"note":"call"}""", TestContext.Current.CancellationToken);

        var (code, said) = await MapAsync("t/m", """{"amount":1.10}""", new MapCommand.MapOptions(null, accepted, "ord_1", ["sku=other", "sku=DESK0005"]), Workspace(mapping));

        Assert.Equal((Commands.Fine, result), (code, said.Trim()));
    }

    [Theory]
    [InlineData("nobody.has.this", Commands.Findings, "transforms/t/m.jsonata: the mapping yields nothing")]
    [InlineData("\n $error('no such buyer')", Commands.Findings, "transforms/t/m.jsonata(2,2): no such buyer (D3137)")]
    [InlineData("{ \"a\": ", Commands.Findings, "transforms/t/m.jsonata(1,")]
    public async Task What_goes_wrong_is_told_by_its_place(string mapping, int expected, string begin)
    {
        var (code, said) = await MapAsync("t/m", "{}", new MapCommand.MapOptions(), Workspace(mapping));

        Assert.Equal(expected, code);
        Assert.StartsWith(begin, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_named_no_consumer_is_told_that_nobody_called()
    {
        var workspace = Workspace("buyer in $partner.buyers ? buyer : $error('this buyer is not one of yours')");

        var (code, said) = await MapAsync("t/m", """{"buyer":"ACME-DE"}""", new MapCommand.MapOptions(), workspace);

        Assert.Equal(Commands.Findings, code);
        Assert.EndsWith("nobody called, so $consumer and $partner are missing; --consumer says who\n", said.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_not_be_run_ends_with_2()
    {
        var workspace = Workspace("1");
        await File.WriteAllTextAsync(Path.Combine(workspace, "policies.yaml"), "tires: {}", TestContext.Current.CancellationToken);
        Assert.Equal(Commands.CouldNotRun, (await MapAsync("t/m", "{}", new MapCommand.MapOptions(), workspace)).Code);
        workspace = Workspace("1");

        Assert.Equal(Commands.CouldNotRun, (await MapAsync("t/other", "{}", new MapCommand.MapOptions(), workspace)).Code);
        Assert.Equal(Commands.CouldNotRun, (await MapAsync("t/m", "{", new MapCommand.MapOptions(), workspace)).Code);
        Assert.Equal(Commands.CouldNotRun, (await MapAsync("t/m", """{"a":1,"a":2}""", new MapCommand.MapOptions(), workspace)).Code);
        Assert.Equal(Commands.CouldNotRun, (await MapAsync("t/m", "{}", new MapCommand.MapOptions(Consumer: "nobody"), workspace)).Code);
        Assert.Equal(Commands.CouldNotRun, (await MapAsync("t/m", "{}", new MapCommand.MapOptions(), Path.Combine(_folder.FullName, "nowhere"))).Code);
    }

    private string Workspace(string mapping)
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "transforms", "t"));
        File.WriteAllText(Path.Combine(_folder.FullName, "policies.yaml"), "tiers: {}");
        File.WriteAllText(Path.Combine(_folder.FullName, "transforms", "t", "m.jsonata"), mapping);
        return _folder.FullName;
    }

    private static async Task<(int Code, string Said)> MapAsync(string mapping, string input, MapCommand.MapOptions options, string workspace)
    {
        using var reader = new StringReader(input);
        using var output = new StringWriter { NewLine = "\n" };
        var code = await MapCommand.RunAsync(mapping, workspace, options, new LoadOptions { ResolveSecrets = false }, reader, output);
        return (code, output.ToString());
    }
}
