using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What docs/backends.md shows works as it stands there.</summary>
public sealed class BackendsPageTests
{
    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, Written().Count)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Every_example_is_valid_and_breaks_no_rule_about_secrets(int block)
    {
        using var folder = new TempFolder();
        folder.Write("policies.yaml", Written()[block]);
        await using var validated = new StringWriter();
        await using var linted = new StringWriter();

        await ValidateCommand.RunAsync(folder.Root, new LoadOptions { ResolveSecrets = false }, validated);
        await LintCommand.RunAsync(folder.Root, null, new LoadOptions { ResolveSecrets = false }, linted);

        Assert.DoesNotContain(": error ", validated.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("credential-expires", linted.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret-in-clear", linted.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_way_to_sign_in_is_shown()
    {
        foreach (var member in (string[])["key:", "basic:", "oauth2:", "certificate:", "authorities:", "passHeaders:", "expires:"])
            Assert.Contains(Written(), block => block.Contains(member, StringComparison.Ordinal));
    }

    private static List<string> Written() =>
        [.. File.ReadAllText(Path.Combine(Repository.Root, "docs", "backends.md")).ReplaceLineEndings("\n").Split("```yaml\n").Skip(1).Select(part => part.Split("\n```")[0] + "\n")];
}
