using System.Text.RegularExpressions;
using Gateway.Cli.Reports;
using Xunit;

namespace Gateway.Tests.Golden;

/// <summary>
/// Every code has a page, and what a page shows is what a golden case is told. <c>UPDATE_GOLDEN=1</c> writes the examples; a new page is made by hand, like
/// another one, with <c>`tests/Golden/cases/NAME`</c> for its example.
/// </summary>
public sealed partial class PageTests
{
    /// <summary>Folders of the product; a code of a diagnostic stands in one of them.</summary>
    private static readonly string[] Rooms = ["abstractions", "engines", "policies", "adapters", "delivery", "gateway"];

    /// <summary>Every code that stands in the sources of the product.</summary>
    public static IReadOnlySet<string> Known { get; } = Rooms
        .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*.cs", SearchOption.AllDirectories))
        .SelectMany(file => Quoted().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value)).ToHashSet();

    public static TheoryData<string> Codes => [.. DiagnosticPage.Codes];

    private static string Index => File.ReadAllText(Path.Combine(Repository.Root, "docs", "diagnostics.md"));

    [Fact]
    public void Every_code_has_its_page_and_no_other() => Assert.Equal(Known.Order(StringComparer.Ordinal), DiagnosticPage.Codes);

    [Fact]
    public void Every_code_stands_in_the_index_once_in_its_order() =>
        Assert.Equal(Known.Order(StringComparer.Ordinal), Row().Matches(Index).Select(m => m.Groups["code"].Value));

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_page_says_what_a_code_means_and_why_and_the_cure(string code)
    {
        var page = DiagnosticPage.Of(code);

        Assert.Equal("# " + code, page.Title);
        Assert.All(new[] { page.Meaning, page.Example, page.Why, page.Cure }, Assert.NotEmpty);
        Assert.Contains($"| [{code}](diagnostics/{code}.md) | {page.Meaning} |\n", Index, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_page_shows_what_its_golden_case_is_told(string code)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") DiagnosticPage.Of(code).Update();
        var page = DiagnosticPage.Of(code);

        Assert.Contains($" {code}: ", page.Example, StringComparison.Ordinal);
        Assert.Equal(page.MakeExample(), page.Example);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void The_program_carries_the_page(string code)
    {
        var carried = Assert.IsType<CarriedPage>(CarriedPage.Find(code));

        Assert.Equal(File.ReadAllText(DiagnosticPage.Of(code).File), carried.Markdown);
        Assert.Equal(DiagnosticPage.Of(code).Meaning, carried.Meaning);
    }

    [GeneratedRegex(@"^\| \[(?<code>GW[0-9]{4})\]\(diagnostics/\k<code>\.md\) \| ", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("\"(GW[0-9]{4})\"")]
    private static partial Regex Quoted();
}
