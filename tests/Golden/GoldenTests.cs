using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Golden;

/// <summary>
/// What <c>validate</c> says about a workspace, to the letter. A case is a folder of <c>cases/</c> laid over <c>base/</c>, and its
/// <c>expected.txt</c>; <c>options.txt</c> may name an environment or let secrets be resolved, as <c>serve</c> does.
/// <c>UPDATE_GOLDEN=1</c> writes what is said now; a reviewer reads the difference.
/// </summary>
public sealed partial class GoldenTests
{
    public static TheoryData<string> Cases => [.. GoldenCase.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Validate_says_exactly_this(string name)
    {
        using var golden = GoldenCase.LayOut(name);
        using var output = new StringWriter { NewLine = "\n" };
        var code = await ValidateCommand.RunAsync(golden.Workspace, golden.Options, output);
        var said = Revision().Replace(output.ToString(), "revision ****");

        Assert.Equal(said.Contains("not valid:", StringComparison.Ordinal) ? Commands.Findings : Commands.Fine, code);
        Assert.DoesNotContain(golden.Workspace, said, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") await File.WriteAllTextAsync(golden.ExpectedFile, said, TestContext.Current.CancellationToken);
        Assert.True(File.Exists(golden.ExpectedFile), $"{golden.ExpectedFile} is missing; UPDATE_GOLDEN=1 writes it");
        Assert.Equal(golden.Expected, said);
    }

    [Fact]
    public void Every_code_of_the_product_has_a_case()
    {
        var known = PageTests.Known;
        var shown = GoldenCase.AllExpected
            .SelectMany(text => Shown().Matches(text).Select(m => m.Groups[1].Value)).ToHashSet();

        Assert.True(known.Count > 40, $"only {known.Count} codes were found in the sources");
        Assert.Equal([], known.Except(shown).Order(StringComparer.Ordinal));
        Assert.Equal([], shown.Except(known).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_finding_says_how_to_cure_it()
    {
        var findings = GoldenCase.AllExpected
            .SelectMany(text => text.Split('\n')).Where(line => Shown().IsMatch(line)).ToList();

        Assert.NotEmpty(findings);
        Assert.All(findings, line => Assert.Matches("""^[^ ]+(\(\d+,\d+\))?: (error|warning) GW\d{4}: .+; .+$""", line));
    }

    /// <summary>The workspace that newcomers read first.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("demo")]
    public async Task The_workspace_of_this_repository_is_valid(string environment)
    {
        using var output = new StringWriter { NewLine = "\n" };

        await ValidateCommand.RunAsync(Repository.Root, new LoadOptions { Environment = environment, ResolveSecrets = false }, output);

        Assert.Matches(@"^valid: \d+ routes, revision [0-9a-f]{16}\n$", output.ToString());
    }

    [GeneratedRegex("revision [0-9a-f]{16}")]
    private static partial Regex Revision();

    [GeneratedRegex(": (?:error|warning) (GW[0-9]{4}):")]
    private static partial Regex Shown();
}
