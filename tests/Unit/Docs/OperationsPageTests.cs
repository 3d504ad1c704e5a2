using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Demo;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What docs/operations.md shows of operators works as it stands there.</summary>
public sealed partial class OperationsPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md")).ReplaceLineEndings("\n");

    [Fact]
    public async Task The_operators_are_valid()
    {
        using var folder = new TempFolder();
        folder.Write("policies.yaml", "issuers:\n  company: { issuer: https://login.example.com/, audience: api }\n" + Page.Split("```yaml\n").First(block => block.StartsWith("operators:", StringComparison.Ordinal)).Split("```")[0]);
        await using var output = new StringWriter();

        Assert.Equal(Commands.Fine, await ValidateCommand.RunAsync(folder.Root, new LoadOptions { ResolveSecrets = false }, output));
        Assert.StartsWith("valid: ", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_verbs_take_what_is_shown()
    {
        var calls = Call().Matches(Page).Select(m => m.Groups[1].Value).ToList();

        Assert.Equal(4, calls.Count);
        Assert.All(calls, call => Assert.Equal([], Commands.Root().Parse(call).Errors.Select(e => $"{call}: {e.Message}")));
    }

    [Fact]
    public void The_tokens_are_those_of_the_demo()
    {
        var overlay = File.ReadAllText(Path.Combine(Repository.Root, "policies.demo.yaml"));
        var shown = Token().Matches(Page).Select(m => m.Value).Distinct().ToList();

        Assert.Contains(Demonstration.OperatorToken, shown);
        Assert.All(shown, token => Assert.Contains($"secret://demo/{token} ", overlay, StringComparison.Ordinal));
    }

    [GeneratedRegex("^    gateway ((?:deliveries|plan reload) ?.*)$", RegexOptions.Multiline)]
    private static partial Regex Call();

    [GeneratedRegex("demo-[a-z]+-token-[a-z-]+")]
    private static partial Regex Token();
}
