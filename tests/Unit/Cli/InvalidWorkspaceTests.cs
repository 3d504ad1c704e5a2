using System.Text.Json;
using Gateway.Cli;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Cli;

/// <summary>Verbs that need a valid workspace, on one with errors in two files: all of them are told, in the format that was asked for.</summary>
public sealed class InvalidWorkspaceTests : IDisposable
{
    private static readonly LoadOptions Options = new() { ResolveSecrets = false };

    private readonly TempFolder _folder = new();

    public InvalidWorkspaceTests()
    {
        _folder.Write("policies.yaml", "tiers: []\n");
        _folder.Write("routes/a.yaml", "apis: { a: { owner: us, routes: { a.read: { match: GET /a } } } }\n");
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Verbs => ["lint", "explain", "catalogue", "plan"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_error_is_told_to_people(string verb)
    {
        var (code, said) = await RunAsync(verb, ReportFormat.Text);

        Assert.Equal(verb == "plan" ? Commands.CouldNotRun : Commands.Findings, code);
        Assert.Equal(2, said.Split('\n').Count(line => line.Contains(": error GW", StringComparison.Ordinal)));
        Assert.Contains("not valid", said.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task And_to_programs(string verb)
    {
        var (code, said) = await RunAsync(verb, ReportFormat.Json);

        using var report = JsonDocument.Parse(said);
        Assert.NotEqual(Commands.Fine, code);
        Assert.Equal(verb, report.RootElement.GetProperty("verb").GetString());
        Assert.Equal(["policies.yaml", "routes/a.yaml"], report.RootElement.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("file").GetString()));
    }

    [Fact]
    public async Task Nothing_new_is_put_into_it()
    {
        using var output = new StringWriter { NewLine = "\n" };

        Assert.Equal(Commands.Findings, await NewCommand.RunAsync(_folder.Root, _ => throw new InvalidOperationException("nothing is made"), output));
        Assert.Equal("not valid: 2 errors", output.ToString().TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public async Task A_server_that_does_not_start_says_each_of_them_once()
    {
        var (code, output, error) = await Cli.Verbs.RunAsync(
            "serve", _folder.Root, "--data", Path.Combine(_folder.Root, "data"), "--keys", Path.Combine(_folder.Root, "keys"), "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0");

        Assert.Equal(Commands.Findings, code);
        Assert.Equal(2, error.Split('\n').Count(line => line.Contains(": error GW", StringComparison.Ordinal)));
        Assert.DoesNotContain("GW1", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Said)> RunAsync(string verb, ReportFormat format)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var code = verb switch
        {
            "lint" => await LintCommand.RunAsync(_folder.Root, null, Options, output, format),
            "explain" => await ExplainCommand.RunAsync(_folder.Root, new("GET", "/a"), Options, output, format),
            "plan" => await PlanCommand.RunAsync(_folder.Root, _folder.Root, Gateway.EffectClass.Breaking, Options, output, format),
            _ => await CatalogueCommand.RunAsync(_folder.Root, Options, output, format == ReportFormat.Json ? CatalogueCommand.CatalogueFormat.Json : CatalogueCommand.CatalogueFormat.Markdown),
        };
        return (code, output.ToString());
    }
}
