using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Configuration.Flows;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>The flow of docs/flows.md is one that this workspace could have, and its cases pass.</summary>
public sealed class FlowsPageTests : IDisposable
{
    private readonly DirectoryInfo _workspace = Directory.CreateTempSubdirectory("gateway-page-");

    public void Dispose() => _workspace.Delete(recursive: true);

    [Fact]
    public async Task What_is_shown_is_valid_and_its_cases_pass()
    {
        foreach (var file in WorkspaceFiles.Read(Repository.Root).Paths.Where(p => !p.EndsWith(".tests.yaml", StringComparison.Ordinal))) Copy(file);
        Write("page.yaml", Block("## A flow"));
        Write("house.yaml", Block("## For the house"));
        Write("page.tests.yaml", Block("## Cases"));
        using var output = new StringWriter();

        var code = await TestCommand.RunAsync(_workspace.FullName, new("flows/"), new LoadOptions { ResolveSecrets = false }, output, stop: TestContext.Current.CancellationToken);

        Assert.True(code == Commands.Fine, output.ToString());
        Assert.Equal("2 cases passed, 0 failed", output.ToString().Trim());
    }

    [Fact]
    public void The_page_names_every_member_that_a_step_can_have()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "flows.md"));

        Assert.All(typeof(StepDocument).GetProperties().Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]), member =>
            Assert.Matches($"\\b{member}\\b", page));
    }

    /// <summary>The first block of YAML under a heading, without its indentation.</summary>
    private static string Block(string heading) => string.Join('\n', File.ReadAllLines(Path.Combine(Repository.Root, "docs", "flows.md"))
        .SkipWhile(line => line != heading)
        .SkipWhile(line => !line.StartsWith("    ", StringComparison.Ordinal))
        .TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal) || line.Length == 0)
        .Select(line => line.Length == 0 ? "" : line[4..]));

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_workspace.FullName, "flows")).FullName, name), text);

    private void Copy(string path)
    {
        var target = Path.Combine(_workspace.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Path.Combine(Repository.Root, path), target);
    }
}
