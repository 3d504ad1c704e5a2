using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What docs/tokens.md shows works as it stands there.</summary>
public sealed class TokensPageTests
{
    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, Written().Count)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Every_example_is_valid(int block)
    {
        using var folder = new TempFolder();
        string[] apis = ["buyers", "catalogue", "events", "invoices", "labels", "orders", "returns", "shipments", "tracking", "usage", "warehouse", "webhooks"];
        foreach (var file in (string[])["policies.yaml", "partners/acme.yaml", "partners/globex.yaml", .. apis.Select(api => $"routes/{api}.yaml")])
            folder.Write(file, await File.ReadAllTextAsync(Path.Combine(Repository.Root, file), TestContext.Current.CancellationToken));
        foreach (var file in ((string[])["transforms", "events", "flows"]).SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*", SearchOption.AllDirectories)))
            folder.Write(Path.GetRelativePath(Repository.Root, file), await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        folder.Write("routes/page.yaml", Written()[block]);
        await using var output = new StringWriter();

        var code = await ValidateCommand.RunAsync(folder.Root, new LoadOptions { ResolveSecrets = false }, output);

        Assert.True(code == Commands.Fine, output.ToString());
        Assert.Matches(@"^valid: \d+ routes, revision [0-9a-f]{16}\n$", output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_examples_are_there() => Assert.Equal(4, Written().Count);

    [Fact]
    public void The_numbers_it_gives_are_the_defaults()
    {
        var limits = new FailedAttemptLimits();

        Assert.Contains($"failedAttempts: {{ perAddress: {limits.PerAddress}, perConsumer: {limits.PerConsumer}, window: {limits.Window.TotalMinutes:0}m }}", Page(), StringComparison.Ordinal);
    }

    private static List<string> Written() => [.. Page().Split("```yaml\n").Skip(1).Select(part => part.Split("\n```")[0] + "\n")];

    private static string Page() => File.ReadAllText(Path.Combine(Repository.Root, "docs", "tokens.md")).ReplaceLineEndings("\n");
}
