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
        // Cases of the mappings name partners.
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "transforms"), "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".tests.yaml", StringComparison.Ordinal)))
            folder.Write(Path.GetRelativePath(Repository.Root, file), await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
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

    /// <summary>They are compiled, and held to what all adapters keep, in tests/Conformance.</summary>
    [Fact]
    public void The_adapter_that_it_adds_is_the_one_that_is_tested()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Conformance", "Adapters", "Example")).Select(file => File.ReadAllText(file).ReplaceLineEndings("\n"));

        Assert.Equal(files.Order(StringComparer.Ordinal), Written("csharp").Order(StringComparer.Ordinal));
    }

    private static List<string> Written(string language = "yaml") =>
        [.. File.ReadAllText(Path.Combine(Repository.Root, "docs", "backends.md")).ReplaceLineEndings("\n").Split($"```{language}\n").Skip(1).Select(part => part.Split("\n```")[0] + "\n")];
}
