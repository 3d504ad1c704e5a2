using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What docs/traffic.md shows is valid as it stands there.</summary>
public sealed class TrafficPageTests
{
    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, Written().Count)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Every_example_is_valid(int block)
    {
        using var folder = new TempFolder();
        folder.Write("policies.yaml", Written()[block]);
        await using var validated = new StringWriter();

        await ValidateCommand.RunAsync(folder.Root, new LoadOptions { ResolveSecrets = false }, validated);

        Assert.DoesNotContain(": error ", validated.ToString(), StringComparison.Ordinal);
    }

    private static List<string> Written() =>
        [.. File.ReadAllText(Path.Combine(Repository.Root, "docs", "traffic.md")).ReplaceLineEndings("\n").Split("```yaml\n").Skip(1).Select(part => part.Split("\n```")[0] + "\n")];
}
