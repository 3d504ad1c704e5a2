using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Pipeline;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What the documents say about the program is held against the program.</summary>
public sealed partial class DocsTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<Failure> Failures => [.. Enum.GetValues<Failure>()];

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_problem_page_shows_the_answer_as_it_is_given(Failure failure)
    {
        var page = File.ReadAllText(PathOf($"docs/problems/{Problems.PageOf(failure)}.md"));
        using var given = JsonDocument.Parse(new Problems("/problems/").Of(new Refusal(failure, "…")).Body);
        using var shown = JsonDocument.Parse(ExampleOf(page));
        foreach (var member in (string[])["type", "title", "status"])
            Assert.Equal(given.RootElement.GetProperty(member).ToString(), shown.RootElement.GetProperty(member).ToString());
        Assert.StartsWith("# " + given.RootElement.GetProperty("title"), page, StringComparison.Ordinal);
        Assert.Contains($"    HTTP/1.1 {Problems.StatusOf(failure)} ", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_problem_has_a_page_in_folder_table_and_program_and_nothing_else_has()
    {
        var pages = Problems.Pages.Distinct().Order(StringComparer.Ordinal).ToList();
        var files = Directory.EnumerateFiles(PathOf("docs/problems"), "*.md").Select(f => Path.GetFileNameWithoutExtension(f)!).Where(f => f != "README");
        var linked = Link().Matches(File.ReadAllText(PathOf("docs/problems/README.md"))).Select(m => m.Groups[1].Value.Replace(".md", "", StringComparison.Ordinal));
        var carried = typeof(Problems).Assembly.GetManifestResourceNames();
        Assert.Equal(pages, files.Order(StringComparer.Ordinal));
        Assert.Equal(pages, linked.Order(StringComparer.Ordinal));
        Assert.All(pages, page => Assert.Contains($"problems/{page}.md", carried));
    }

    [Fact]
    public void Each_relative_link_leads_to_a_file()
    {
        var dead = Documents()
            .SelectMany(file => Link().Matches(Prose(File.ReadAllText(file))).Select(m => (File: file, Target: m.Groups[1].Value)))
            .Where(link => !link.Target.Contains(':') && !link.Target.StartsWith('#'))
            .Where(link => !Path.Exists(Path.Combine(Path.GetDirectoryName(link.File)!, Uri.UnescapeDataString(link.Target.Split('#', '?')[0]))))
            .Select(link => $"{Path.GetRelativePath(Root, link.File)} -> {link.Target}");
        Assert.Empty(dead);
    }

    private static IEnumerable<string> Documents()
    {
        var options = new EnumerationOptions { RecurseSubdirectories = false };
        var rooms = Directory.EnumerateDirectories(Root).Where(d => Path.GetFileName(d) is not ("artifacts" or "node_modules") && !Path.GetFileName(d).StartsWith('.'));
        return Directory.EnumerateFiles(Root, "*.md", options)
            .Concat(rooms.SelectMany(room => Directory.EnumerateFiles(room, "*.md", SearchOption.AllDirectories)));
    }

    /// <summary>The JSON of the indented example: from the line of its first brace to that of its last.</summary>
    private static string ExampleOf(string page)
    {
        var lines = page.Split('\n').ToList();
        var first = lines.IndexOf("    {");
        return string.Join('\n', lines[first..(lines.IndexOf("    }", first) + 1)]);
    }

    /// <summary>A document without its code, in which brackets mean something else.</summary>
    private static string Prose(string document) => CodeBlock().Replace(document, "");

    private static string PathOf(string path) => Path.Combine(Root, path);

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Gateway.sln"))) return at.FullName;
        throw new DirectoryNotFoundException("no Gateway.sln above the tests");
    }

    [GeneratedRegex(@"\]\(([^()\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^```.*?^```|^    .*?$|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
