using Gateway.Cases.Routes;
using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What docs/route-cases.md shows is a case of this workspace, or could be one.</summary>
public sealed class RouteCasesPageTests : IDisposable
{
    private readonly DirectoryInfo _workspace = Directory.CreateTempSubdirectory("gateway-page-");

    public void Dispose() => _workspace.Delete(recursive: true);

    [Fact]
    public async Task The_first_case_holds()
    {
        foreach (var file in WorkspaceFiles.Read(Repository.Root).Paths.Where(p => !p.EndsWith(".tests.yaml", StringComparison.Ordinal))) Copy(file);
        Write(Block("## A case"));
        using var output = new StringWriter();

        var code = await TestCommand.RunAsync(_workspace.FullName, new("routes/"), new LoadOptions { ResolveSecrets = false }, output, stop: TestContext.Current.CancellationToken);

        Assert.True(code == Commands.Fine, output.ToString());
        Assert.Equal("1 case passed, 0 failed", output.ToString().Trim());
    }

    [Theory]
    [InlineData("## What backends know anyway", "cases: [{ name: it, request: GET /v1/items/DESK0005, answer: { status: 200 } }]")]
    [InlineData("## Steps, names and time", "")]
    public void What_is_shown_can_be_read(string heading, string rest)
    {
        foreach (var file in WorkspaceFiles.Read(Repository.Root).Paths.Where(p => !p.EndsWith(".tests.yaml", StringComparison.Ordinal))) Copy(file);
        Write($"{Block(heading)}\n{rest}\n");

        Assert.Empty(RouteCases.Findings(WorkspaceLoader.Load(WorkspaceFiles.Read(_workspace.FullName), new LoadOptions { ResolveSecrets = false })));
    }

    /// <summary>The first block of YAML under a heading, without its indentation.</summary>
    private static string Block(string heading) => string.Join('\n', File.ReadAllLines(Path.Combine(Repository.Root, "docs", "route-cases.md"))
        .SkipWhile(line => line != heading)
        .SkipWhile(line => !line.StartsWith("    ", StringComparison.Ordinal))
        .TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal) || line.Length == 0)
        .Select(line => line.Length == 0 ? "" : line[4..]));

    private void Write(string cases) => File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_workspace.FullName, "routes")).FullName, "page.tests.yaml"), cases);

    private void Copy(string path)
    {
        var target = Path.Combine(_workspace.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Path.Combine(Repository.Root, path), target);
    }
}
