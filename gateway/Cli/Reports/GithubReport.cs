namespace Gateway.Cli.Reports;

/// <summary>Workflow commands of GitHub Actions, which put a remark beside the line of a pull request; the summary is a plain line of the log.</summary>
internal static class GithubReport
{
    public static void Write(Report report, TextWriter output)
    {
        foreach (var remark in report.Remarks) output.WriteLine(Command(remark.Level, remark.Place, remark.Rule, remark.Whole));
        foreach (var trial in report.Trials.Where(t => t.Wrong is not null)) output.WriteLine(Command(ReportLevel.Error, trial.Place, trial.Suite, $"{trial.Name}: {trial.Wrong}"));
        output.WriteLine(report.Summary);
    }

    private static string Command(ReportLevel level, Place place, string title, string message)
    {
        var command = level switch { ReportLevel.Error => "error", ReportLevel.Warning => "warning", _ => "notice" };
        var properties = new List<string>();
        if (place.File.Length > 0) properties.Add("file=" + Property(place.File));
        if (place.Line > 0) properties.Add($"line={place.Line},col={place.Column}");
        properties.Add("title=" + Property(title));
        return $"::{command} {string.Join(',', properties)}::{Data(message)}";
    }

    /// <summary>What would end the line or start an escape.</summary>
    private static string Data(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
