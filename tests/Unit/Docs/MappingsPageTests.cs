using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What docs/mappings.md tells a newcomer to do does what it says.</summary>
public sealed class MappingsPageTests : IDisposable
{
    private readonly DirectoryInfo _workspace = Directory.CreateTempSubdirectory("gateway-page-");

    public void Dispose() => _workspace.Delete(recursive: true);

    [Fact]
    public async Task A_field_is_added_as_the_page_says()
    {
        Copy("transforms");
        Copy("partners");
        File.Copy(Path.Combine(Repository.Root, "policies.yaml"), Path.Combine(_workspace.FullName, "policies.yaml"));
        var blocks = Blocks("## Add a field, in five minutes");

        Change("transforms/odoo/partner.from.tests.yaml", text => After(After(text, "    input:\n", "      website: https://acme.example\n"), "    output:\n", "      websiteUri: https://acme.example\n"));
        Assert.StartsWith("dotnet run --project gateway -- test --only odoo/partner", blocks[0], StringComparison.Ordinal);
        Assert.Contains(Told("the input breaks odoo/partner@1: #/website: is not a known member"), (await RunCasesAsync()).Said, StringComparison.Ordinal);
        Change("transforms/canonical/partner@1.schema.json", text => After(text, "\n  \"properties\": {\n", blocks[1] + "\n"));
        Change("transforms/odoo/partner@1.schema.json", text => After(text, "\"properties\": {\n", blocks[2] + "\n"));
        Assert.Contains(Told("#/websiteUri: \"https://acme.example\" is expected, and missing"), (await RunCasesAsync()).Said, StringComparison.Ordinal);

        Change("transforms/odoo/partner.from.jsonata", text => After(text, "*/\n{\n", blocks[3] + "\n"));
        Change("transforms/odoo/partner.to.tests.yaml", text => After(text, "loses:\n", "  " + blocks[4] + "\n"));
        var (code, said) = await RunCasesAsync();

        Assert.True(code == Commands.Fine, said);
        Assert.StartsWith("- /websiteUri", blocks[4], StringComparison.Ordinal);
    }

    /// <summary>A message that the page quotes.</summary>
    private static string Told(string message)
    {
        Assert.Contains($"`{message}`", File.ReadAllText(Path.Combine(Repository.Root, "docs", "mappings.md")), StringComparison.Ordinal);
        return message;
    }

    [Theory]
    [InlineData("## Cases", "contracts:")]
    [InlineData("## Code tables", "codes:")]
    [InlineData("## On a route", "policies:")]
    public void What_is_shown_is_yaml(string heading, string begin)
    {
        var diagnostics = new List<Diagnostic>();

        Gateway.Configuration.Yaml.YamlReader.Read("page", Blocks(heading)[0], diagnostics);

        Assert.StartsWith(begin, Blocks(heading)[0], StringComparison.Ordinal);
        Assert.Empty(diagnostics);
    }

    private async Task<(int Code, string Said)> RunCasesAsync()
    {
        using var output = new StringWriter();
        return (await TestCommand.RunAsync(_workspace.FullName, new TestCommand.TestOptions("odoo/partner"), new LoadOptions { ResolveSecrets = false }, output, stop: TestContext.Current.CancellationToken), output.ToString());
    }

    private void Change(string path, Func<string, string> change)
    {
        var file = Path.Combine(_workspace.FullName, path);
        File.WriteAllText(file, change(File.ReadAllText(file)));
    }

    private static string After(string text, string mark, string added)
    {
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{mark} is not there");
        return text.Insert(at + mark.Length, added);
    }

    private void Copy(string room)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(_workspace.FullName, Path.GetRelativePath(Repository.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }

    /// <summary>The indented blocks below a heading, without their indentation; in a list they are indented twice.</summary>
    private static List<string> Blocks(string heading)
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "mappings.md")).SkipWhile(l => l != heading).Skip(1).TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal)).ToList();
        var indent = lines.Any(l => l.StartsWith("1. ", StringComparison.Ordinal)) ? 8 : 4;
        var blocks = new List<string>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (!lines[i].StartsWith(new string(' ', indent), StringComparison.Ordinal)) continue;
            var block = lines.Skip(i).TakeWhile(l => l.StartsWith(new string(' ', indent), StringComparison.Ordinal)).Select(l => l[indent..]).ToList();
            blocks.Add(string.Join('\n', block));
            i += block.Count;
        }
        return blocks;
    }
}
