namespace Gateway.Cli.Reports;

/// <summary>A comment for a pull request: what was found as a table, worst as it comes, and the summary above it.</summary>
internal static class MarkdownReport
{
    public static void Write(Report report, TextWriter output)
    {
        output.WriteLine($"**{report.Verb}**: {Plain(report.Summary)}");
        if (report.Remarks.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("| | what | where |");
            output.WriteLine("|---|---|---|");
            foreach (var remark in report.Remarks) output.WriteLine($"| {Plain(remark.Rule[(remark.Rule.IndexOf('/') + 1)..])} | {Plain(remark.Whole)} | {Where(remark.Place)} |");
        }
        var failed = report.Trials.Where(t => t.Wrong is not null).ToList();
        if (failed.Count == 0) return;
        output.WriteLine();
        output.WriteLine("| failed | why | where |");
        output.WriteLine("|---|---|---|");
        foreach (var trial in failed) output.WriteLine($"| {Plain($"{trial.Suite}: {trial.Name}")} | {Plain(trial.Wrong!)} | {Where(trial.Place)} |");
    }

    private static string Where(Place place) => place == Place.None ? "" : $"`{(place.Line > 0 ? $"{place.File}:{place.Line}" : place.File)}`";

    /// <summary>Text of the workspace is text here too: no markup, no other cell, no image of another host.</summary>
    private static string Plain(string text) => string.Concat(text.ReplaceLineEndings(" ").Select(c => c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '|' or '#' or '!' or '@' or '~' ? $"\\{c}" : c.ToString()));
}
