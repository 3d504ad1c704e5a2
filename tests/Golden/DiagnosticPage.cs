using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Tests.Golden;

/// <summary>
/// A page of <c>docs/diagnostics/</c>: what a code means, an example, why the gateway insists, and the cure. People write all but the example, which is
/// made of the golden case that the page names.
/// </summary>
internal sealed partial class DiagnosticPage
{
    private const int Whole = 24;
    private const int Above = 8;
    private const int Below = 4;

    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "diagnostics");

    private readonly string _text;

    private DiagnosticPage(string code)
    {
        Code = code;
        File = Path.Combine(Folder, code + ".md");
        _text = System.IO.File.ReadAllText(File);
    }

    public static IEnumerable<string> Codes => Directory.EnumerateFiles(Folder, "*.md").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    public string Code { get; }

    public string File { get; }

    public string Title => _text.Split('\n')[0];

    public string Meaning => Section().Match(_text).Groups["meaning"].Value;

    public string Example => Section().Match(_text).Groups["example"].Value;

    public string Why => Section().Match(_text).Groups["why"].Value;

    public string Cure => Section().Match(_text).Groups["cure"].Value;

    /// <summary>The golden case that the example names; empty where it names none.</summary>
    public string Case => CaseName().Match(Example).Groups[1].Value;

    public static DiagnosticPage Of(string code) => new(code);

    /// <summary>Writes the example anew, and nothing else.</summary>
    public void Update() => System.IO.File.WriteAllText(File, _text.Replace(Example, MakeExample(), StringComparison.Ordinal));

    /// <summary>The example as the golden case tells it: the file around the finding, and the finding.</summary>
    public string MakeExample()
    {
        using var golden = GoldenCase.LayOut(Case);
        var said = golden.Expected.Split('\n').Where(line => line.Contains($" {Code}: ", StringComparison.Ordinal)).ToList();
        var place = Place().Match(said[0]);
        var (file, line) = (place.Groups["file"].Value, int.TryParse(place.Groups["line"].Value, out var number) ? number : 0);
        var verb = (golden.Options.ResolveSecrets ? "serve" : "validate") + (golden.Options.Environment is { Length: > 0 } name ? $" --environment {name}" : "");
        var text = new StringBuilder($"`tests/Golden/cases/{Case}`");
        if (System.IO.File.Exists(Path.Combine(golden.Workspace, file)))
            text.Append($", `{file}`:\n\n{Indented(Around(System.IO.File.ReadAllLines(Path.Combine(golden.Workspace, file)), line))}");
        else
            text.Append($" has no `{file}`.\n");
        return text.Append($"\n`{verb}` says:\n\n{Indented(said)}").ToString().TrimEnd('\n');
    }

    private static IEnumerable<string> Around(string[] lines, int line)
    {
        if (lines.Length <= Whole) return lines;
        var (first, last) = (Math.Max(0, line - 1 - Above), Math.Min(lines.Length, line + Below));
        return [.. first > 0 ? ["…"] : Array.Empty<string>(), .. lines[first..last], .. last < lines.Length ? ["…"] : Array.Empty<string>()];
    }

    private static string Indented(IEnumerable<string> lines) => string.Concat(lines.Select(line => (line.Length > 0 ? "    " + line : "") + "\n"));

    [GeneratedRegex(@"^# GW\d{4}\n\n(?<meaning>.+?)\n\n## Example\n\n(?<example>.+?)\n\n## Why\n\n(?<why>.+?)\n\n## Cure\n\n(?<cure>.+)\n\z", RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex("^`tests/Golden/cases/([^`]+)`")]
    private static partial Regex CaseName();

    [GeneratedRegex(@"^(?<file>[^(:]+)(\((?<line>\d+),\d+\))?: ")]
    private static partial Regex Place();
}
