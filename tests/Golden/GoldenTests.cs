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
    private const string Expected = "expected.txt";
    private const string Options = "options.txt";

    private static readonly string Here = Path.Combine(Repository.Root, "tests", "Golden");

    /// <summary>Folders of the product; a code of a diagnostic stands in one of them.</summary>
    private static readonly string[] Rooms = ["abstractions", "engines", "policies", "adapters", "delivery", "gateway"];

    public static TheoryData<string> Cases => [.. Directory.EnumerateDirectories(Path.Combine(Here, "cases")).Select(c => Path.GetFileName(c)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Validate_says_exactly_this(string name)
    {
        var folder = Path.Combine(Here, "cases", name);
        var workspace = Directory.CreateTempSubdirectory("gateway-golden-");
        try
        {
            LayOver(Path.Combine(Here, "base"), workspace.FullName);
            LayOver(folder, workspace.FullName);
            using var output = new StringWriter { NewLine = "\n" };
            var code = await ValidateCommand.RunAsync(workspace.FullName, OptionsOf(folder), output);
            var said = Revision().Replace(output.ToString(), "revision ****");

            Assert.Equal(said.Contains("not valid:", StringComparison.Ordinal) ? Commands.Findings : Commands.Fine, code);
            Assert.DoesNotContain(workspace.FullName, said, StringComparison.Ordinal);
            var expected = Path.Combine(folder, Expected);
            if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") await File.WriteAllTextAsync(expected, said, TestContext.Current.CancellationToken);
            Assert.True(File.Exists(expected), $"{expected} is missing; UPDATE_GOLDEN=1 writes it");
            Assert.Equal(await File.ReadAllTextAsync(expected, TestContext.Current.CancellationToken), said);
        }
        finally
        {
            workspace.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_code_of_the_product_has_a_case()
    {
        var known = Rooms.SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*.cs", SearchOption.AllDirectories))
            .SelectMany(file => Quoted().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value)).ToHashSet();
        var shown = Directory.EnumerateFiles(Path.Combine(Here, "cases"), Expected, SearchOption.AllDirectories)
            .SelectMany(file => Shown().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value)).ToHashSet();

        Assert.True(known.Count > 40, $"only {known.Count} codes were found in the sources");
        Assert.Equal([], known.Except(shown).Order(StringComparer.Ordinal));
        Assert.Equal([], shown.Except(known).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_finding_says_how_to_cure_it()
    {
        var findings = Directory.EnumerateFiles(Path.Combine(Here, "cases"), Expected, SearchOption.AllDirectories)
            .SelectMany(File.ReadLines).Where(line => Shown().IsMatch(line)).ToList();

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

    private static LoadOptions OptionsOf(string folder)
    {
        var file = Path.Combine(folder, Options);
        var options = (File.Exists(file) ? File.ReadAllLines(file) : []).Select(l => l.Split('=')).ToDictionary(l => l[0], l => l[1]);
        return new LoadOptions
        {
            Environment = options.GetValueOrDefault("environment", ""),
            ResolveSecrets = options.GetValueOrDefault("secrets") == "resolve",
        };
    }

    private static void LayOver(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(from, file);
            if (path is Expected or Options) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, path))!);
            File.Copy(file, Path.Combine(to, path), overwrite: true);
        }
    }

    [GeneratedRegex("revision [0-9a-f]{16}")]
    private static partial Regex Revision();

    [GeneratedRegex("\"(GW[0-9]{4})\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(": (?:error|warning) (GW[0-9]{4}):")]
    private static partial Regex Shown();
}
