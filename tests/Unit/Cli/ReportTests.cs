using System.Text.Json;
using System.Xml.Linq;
using Gateway.Cli;
using Gateway.Cli.Reports;
using Gateway.JsonSchema;
using Xunit;
using LoadOptions = Gateway.Configuration.LoadOptions;

namespace Gateway.Tests.Unit.Cli;

/// <summary>What verbs found, in the forms that programs read.</summary>
public sealed class ReportTests : IDisposable
{
    private const string Broken = "tiers: { gold: {} }\npartners:\n  acme:\n    name: Acme\n    tier: \"50%, golden: \\u0001\"\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-report-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task As_json()
    {
        var (code, said) = await ValidateAsync(Broken, ReportFormat.Json);

        using var report = JsonDocument.Parse(said);
        var finding = report.RootElement.GetProperty("findings")[0];
        Assert.Equal(Commands.Findings, code);
        Assert.Equal("validate", report.RootElement.GetProperty("verb").GetString());
        Assert.Equal(1, report.RootElement.GetProperty("facts").GetProperty("errors").GetInt32());
        Assert.Equal(("GW2005", "error", "policies.yaml", 5, 11), (
            finding.GetProperty("rule").GetString(), finding.GetProperty("level").GetString(), finding.GetProperty("file").GetString(),
            finding.GetProperty("line").GetInt32(), finding.GetProperty("column").GetInt32()));
        Assert.Equal("known: gold", finding.GetProperty("cure").GetString());
    }

    [Fact]
    public async Task As_commands_of_github()
    {
        var (_, said) = await ValidateAsync(Broken, ReportFormat.Github);

        Assert.StartsWith("::error file=policies.yaml,line=5,col=11,title=GW2005::there is no tier '50%25, golden: \u0001'; known: gold", said, StringComparison.Ordinal);
        Assert.EndsWith("not valid: 1 error", said.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gateways/prod", "gateways/prod/routes/a.yaml")]
    [InlineData("gateways/prod/", "gateways/prod/routes/a.yaml")]
    [InlineData(".", "routes/a.yaml")]
    [InlineData("../elsewhere", "routes/a.yaml")]
    public void What_is_laid_beside_the_lines_of_a_repository_names_its_files_from_there(string workspace, string expected)
    {
        var place = new Place("routes/a.yaml", 3, 7);
        var report = new Report("validate") { Summary = "not valid", Remarks = [new Remark("GW2005", ReportLevel.Error, place, "m", $"{place}: m")], Trials = [new Trial("t/m", "bad", place, "wrong")] };
        string As(ReportFormat format)
        {
            using var output = new StringWriter();
            report.Write(format, workspace, output);
            return output.ToString();
        }

        Assert.Equal(2, As(ReportFormat.Github).Split($"::error file={expected},line=3,col=7").Length - 1);
        Assert.Equal(2, As(ReportFormat.Sarif).Split($"\"uri\": \"{expected}\"").Length - 1);
        Assert.Equal(2, As(ReportFormat.Junit).Split($"file=\"{expected}\"").Length - 1);
        Assert.Equal(2, As(ReportFormat.Markdown).Split($"`{expected}:3`").Length - 1);
        Assert.StartsWith("routes/a.yaml(3,7): m", As(ReportFormat.Text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_results_of_junit()
    {
        var (_, broken) = await ValidateAsync(Broken, ReportFormat.Junit);
        var (_, fine) = await ValidateAsync("tiers: { gold: {} }", ReportFormat.Junit);
        Write("transforms/canonical/note@1.schema.json", """{ "type": "object" }""");
        Write("transforms/t/m.jsonata", "$");
        Write("transforms/t/n.jsonata", "$");
        Write("transforms/t/m.tests.yaml", "contracts: { input: note@1, output: note@1 }\ncases: [{ name: good, input: {}, output: {} }, { name: bad, input: {}, output: { a: 1 } }]");
        using var output = new StringWriter();
        await TestCommand.RunAsync(_folder.FullName, new TestCommand.TestOptions(), new LoadOptions(), output, ReportFormat.Junit, stop: TestContext.Current.CancellationToken);

        var failed = XElement.Parse(broken);
        Assert.Equal(("1", "1"), ((string)failed.Attribute("tests")!, (string)failed.Attribute("failures")!));
        Assert.Contains("golden: ?", failed.Value, StringComparison.Ordinal);
        var passed = XElement.Parse(fine);
        Assert.Equal(("1", "0"), ((string)passed.Attribute("tests")!, (string)passed.Attribute("failures")!));
        var tried = XElement.Parse(output.ToString());
        Assert.Equal(("2", "1"), ((string)tried.Attribute("tests")!, (string)tried.Attribute("failures")!));
        Assert.Equal("bad", (string)tried.Descendants("failure").Single().Parent!.Attribute("name")!);
        Assert.Contains("nothing proves this mapping", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_a_verb_is_a_failure_to_junit_whatever_it_weighs()
    {
        Write("policies.yaml", "backends: { tms: { adapter: http, url: http://tms.internal } }");
        Write("routes/a.yaml", "apis: { a: { owner: us, routes: { a.read: { match: GET /a, public: why not, target: { forward: tms } } } } }");
        using var lint = new StringWriter();
        using var plan = new StringWriter();

        Assert.Equal(Commands.Findings, await LintCommand.RunAsync(_folder.FullName, null, new LoadOptions { ResolveSecrets = false }, lint, ReportFormat.Junit));
        Assert.Equal(("2", "2"), Counts(lint));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "after", "routes"));
        File.WriteAllText(Path.Combine(_folder.FullName, "after", "policies.yaml"), "backends: { tms: { adapter: http, url: http://tms.internal, timeout: 3s } }");
        File.Copy(Path.Combine(_folder.FullName, "routes", "a.yaml"), Path.Combine(_folder.FullName, "after", "routes", "a.yaml"));
        foreach (var (failOn, code, failures) in new[] { (EffectClass.Attention, Commands.Findings, "1"), (EffectClass.Breaking, Commands.Fine, "0") })
        {
            plan.GetStringBuilder().Clear();
            Assert.Equal(code, await PlanCommand.RunAsync(Path.Combine(_folder.FullName, "after"), _folder.FullName, failOn, new LoadOptions { ResolveSecrets = false }, plan, ReportFormat.Junit));
            Assert.Equal(("1", failures), Counts(plan));
        }

        static (string, string) Counts(StringWriter output) => XElement.Parse(output.ToString()) is var suites ? ((string)suites.Attribute("tests")!, (string)suites.Attribute("failures")!) : default;
    }

    [Fact]
    public async Task As_sarif_which_keeps_its_schema()
    {
        var (_, broken) = await ValidateAsync(Broken, ReportFormat.Sarif);
        var (_, fine) = await ValidateAsync("tiers: { gold: {} }", ReportFormat.Sarif);

        using var log = JsonDocument.Parse(broken);
        var result = log.RootElement.GetProperty("runs")[0].GetProperty("results")[0];
        Assert.Equal("GW2005", result.GetProperty("ruleId").GetString());
        var rule = log.RootElement.GetProperty("runs")[0].GetProperty("tool").GetProperty("driver").GetProperty("rules")[0];
        Assert.StartsWith("A tier is not declared", rule.GetProperty("shortDescription").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("## Cure", rule.GetProperty("help").GetProperty("markdown").GetString(), StringComparison.Ordinal);
        Assert.Equal(5, result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32());
        var schema = Path.Combine(Environment.GetEnvironmentVariable("SPECIFICATIONS") ?? Path.Combine(Repository.Root, "artifacts", "specifications"), "sarif-2.1.0.json");
        Assert.SkipUnless(File.Exists(schema), "the schema of SARIF is not here; ./test fetches it where it may");
        // It calls itself draft-04, and uses nothing of it that draft-07 reads differently.
        var text = (await File.ReadAllTextAsync(schema, TestContext.Current.CancellationToken)).Replace("draft-04", "draft-07", StringComparison.Ordinal);
        var compiled = Schema.Compile(System.Text.Encoding.UTF8.GetBytes(text), new SchemaOptions { AssertFormats = true });
        Assert.Empty(compiled.Diagnostics);
        foreach (var said in (string[])[broken, fine])
        {
            using var document = JsonDocument.Parse(said);
            Assert.Empty(compiled.Schema!.Validate(document.RootElement));
        }
    }

    private async Task<(int Code, string Said)> ValidateAsync(string workspace, ReportFormat format)
    {
        Write("policies.yaml", workspace);
        await using var output = new StringWriter();
        return (await ValidateCommand.RunAsync(_folder.FullName, new LoadOptions { ResolveSecrets = false }, output, format), output.ToString());
    }

    private void Write(string path, string content)
    {
        var to = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.WriteAllText(to, content);
    }
}
