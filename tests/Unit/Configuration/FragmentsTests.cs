using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>How the files of a workspace become one document.</summary>
public sealed class FragmentsTests
{
    private readonly List<Diagnostic> _found = [];

    [Fact]
    public void An_included_file_adds_names_to_a_section()
    {
        var sum = Fragments.Add(Yaml.Map("partners: { a: { n: 1 } }"), [Yaml.Map("partners: { b: { n: 2 } }\napis: { x: {} }")], _found);

        Assert.Empty(_found);
        Assert.Equal("{partners:{a:{n:1},b:{n:2}},apis:{x:{}}}", Text(sum));
    }

    [Fact]
    public void A_name_of_two_files_is_a_finding_and_the_first_stays()
    {
        var sum = Fragments.Add(Yaml.Map("partners:\n  a: { n: 1 }"), [Yaml.Map("partners:\n  b: {}\n  a: { n: 2 }")], _found);

        var found = Assert.Single(_found);
        Assert.Equal("GW1007 3:3", Yaml.Short(found));
        Assert.Contains("a.yaml(2,3)", found.Cure, StringComparison.Ordinal);
        Assert.Equal("{partners:{a:{n:1},b:{}}}", Text(sum));
    }

    [Fact]
    public void A_section_that_is_no_mapping_stands_in_one_file()
    {
        Fragments.Add(Yaml.Map("problemBase: /x"), [Yaml.Map("problemBase: /y")], _found);

        Assert.Equal("GW1007 1:1", Yaml.Short(Assert.Single(_found)));
    }

    [Theory]
    [InlineData("a: { b: 1, c: 2 }", "a: { b: 9 }", "{a:{b:9,c:2}}")]
    [InlineData("a: [1, 2]", "a: [3]", "{a:[3]}")]
    [InlineData("a: { b: 1 }", "a: 2", "{a:2}")]
    [InlineData("a: 1", "a: { b: 2 }", "{a:{b:2}}")]
    [InlineData("a: 1", "b: 2", "{a:1,b:2}")]
    [InlineData("a: { b: { c: 1, d: 2 } }", "a: { b: { d: 3 }, e: 4 }", "{a:{b:{c:1,d:3},e:4}}")]
    public void An_overlay_merges_mappings_and_replaces_everything_else(string below, string above, string sum) =>
        Assert.Equal(sum, Text(Fragments.Overlay(Yaml.Map(below), Yaml.Map(above))));

    [Fact]
    public void A_workspace_takes_each_file_once_and_hidden_ones_never()
    {
        using var folder = new TempFolder();
        folder.Write("policies.yaml", "include: [partners/*.yaml, partners/acme.yaml, '*.yaml']\n");
        folder.Write("policies.demo.yaml", "partners: { acme: { name: From the overlay } }\n");
        folder.Write("partners/acme.yaml", "partners: { acme: { name: Acme } }\n");
        folder.Write("partners/more/globex.yaml", "partners: { globex: { name: Globex } }\n");
        folder.Write("partners/.acme.yaml.swp.yaml", "partners: { acme: { name: Twice } }\n");
        folder.Write("partners/..data/acme.yaml", "partners: { acme: { name: Twice } }\n");
        folder.Write("partners/acme.tests.yaml", "whatever: true\n");

        var loaded = folder.Load();

        Assert.Empty(loaded.Diagnostics);
        Assert.Equal(["Acme", "Globex"], loaded.Document!.Partners.Values.Select(p => p.Name));
        Assert.Equal(["From the overlay", "Globex"], folder.Load("demo").Document!.Partners.Values.Select(p => p.Name));
    }

    [Theory]
    [InlineData("partners/a.yaml", "")]
    [InlineData("policies.test.yaml", "test")]
    public void Only_the_entry_document_says_what_is_included(string file, string environment)
    {
        using var folder = new TempFolder();
        folder.Write("policies.yaml", "tiers: {}\n");
        folder.Write(file, "include: [flows/*.yaml]\n");

        var found = Assert.Single(folder.Load(environment).Diagnostics);

        Assert.Equal(("GW1010", new Place(file, 1, 1)), (found.Code, found.Place));
    }

    [Fact]
    public void A_byte_order_mark_is_no_content()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.Write("policies.yaml", ""), "tiers: { gold: {} }\nwrong: 1\n", new System.Text.UTF8Encoding(true));

        var loaded = folder.Load();

        Assert.Equal("GW1012 2:1", Yaml.Short(Assert.Single(loaded.Diagnostics)));
        Assert.True(loaded.Document!.Tiers.ContainsKey("gold"));
    }

    [Fact]
    public void What_is_not_UTF_8_is_a_finding()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.Write("policies.yaml", ""), [.. "tiers: { gold: { description: Gr"u8, 0xFC, .. "n } }"u8]);

        var loaded = folder.Load();

        Assert.Null(loaded.Document);
        Assert.Equal(("GW1001", "the file is not UTF-8"), (loaded.Diagnostics[0].Code, loaded.Diagnostics[0].Message));
    }

    private static string Text(Node node) => node switch
    {
        Node.Scalar scalar => scalar.Text,
        Node.List list => $"[{string.Join(',', list.Items.Select(Text))}]",
        Node.Map map => $"{{{string.Join(',', map.Members.Select(m => $"{m.Name}:{Text(m.Value)}"))}}}",
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };
}
