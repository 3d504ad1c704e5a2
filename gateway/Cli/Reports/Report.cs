namespace Gateway.Cli.Reports;

/// <summary>Who is to read a report.</summary>
internal enum ReportFormat
{
    /// <summary>People, and editors that make <c>file(line,column)</c> clickable.</summary>
    Text,

    /// <summary>Programs: one object with everything.</summary>
    Json,

    /// <summary>Code scanning: SARIF 2.1.0 (OASIS).</summary>
    Sarif,

    /// <summary>Test reports of CI servers: the XML of JUnit.</summary>
    Junit,

    /// <summary>Who reviews a pull request: a comment in Markdown.</summary>
    Markdown,

    /// <summary>GitHub Actions: workflow commands that annotate the changed lines.</summary>
    Github,
}

/// <summary>How much a remark of a report weighs.</summary>
internal enum ReportLevel
{
    Note,
    Warning,
    Error,
}

/// <summary>What a verb found, said once and written in the form that was asked for.</summary>
/// <param name="Verb">Which verb ran.</param>
internal sealed record Report(string Verb)
{
    /// <summary>What was found, in the order that people read it.</summary>
    public IReadOnlyList<Remark> Remarks { get; init; } = [];

    /// <summary>What was tried, good and bad; nothing where the verb tries nothing.</summary>
    public IReadOnlyList<Trial> Trials { get; init; } = [];

    /// <summary>The last line for people.</summary>
    public required string Summary { get; init; }

    /// <summary>Figures and names for programs: <c>revision</c>, <c>routes</c>.</summary>
    public IReadOnlyDictionary<string, object> Facts { get; init; } = new Dictionary<string, object>();

    /// <param name="workspace">Whose files are named.</param>
    public void Write(ReportFormat format, string workspace, TextWriter output)
    {
        var report = format is not (ReportFormat.Text or ReportFormat.Json) ? Under(PathOf(workspace)) : this;
        switch (format)
        {
            case ReportFormat.Json:
                JsonReport.Write(report, output);
                break;
            case ReportFormat.Sarif:
                SarifReport.Write(report, output);
                break;
            case ReportFormat.Junit:
                JunitReport.Write(report, output);
                break;
            case ReportFormat.Markdown:
                MarkdownReport.Write(report, output);
                break;
            case ReportFormat.Github:
                GithubReport.Write(report, output);
                break;
            default:
                foreach (var remark in Remarks) output.WriteLine(remark.Text);
                foreach (var trial in Trials.Where(t => t.Wrong is not null)) output.WriteLine($"{trial.Place}: failed: {trial.Name}: {trial.Wrong}");
                output.WriteLine(Summary);
                break;
        }
    }

    /// <summary>
    /// What CI servers lay beside the lines of a repository they look for from its root, where the verb runs: a workspace in a folder of it has its
    /// folder before its files. A workspace elsewhere has nothing.
    /// </summary>
    private static string PathOf(string workspace)
    {
        var path = Path.GetRelativePath(Environment.CurrentDirectory, workspace).Replace('\\', '/').TrimEnd('/');
        return path == "." || path == ".." || path.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(path) ? "" : path + "/";
    }

    private Report Under(string folder)
    {
        return folder.Length == 0 ? this : this with { Remarks = [.. Remarks.Select(r => r with { Place = Placed(r.Place) })], Trials = [.. Trials.Select(t => t with { Place = Placed(t.Place) })] };

        Place Placed(Place place) => place.File.Length == 0 ? place : place with { File = folder + place.File };
    }
}

/// <summary>One thing that was found.</summary>
/// <param name="Rule">A stable name: <c>GW2003</c>, <c>plan/breaking</c>.</param>
/// <param name="Place">In a file of the workspace; none where it is about no place.</param>
/// <param name="Text">The line for people.</param>
internal sealed record Remark(string Rule, ReportLevel Level, Place Place, string Message, string Text)
{
    /// <summary>What to do about it; may be empty.</summary>
    public string Cure { get; init; } = "";

    /// <summary>Whether the verb ends with 1 because of it, whatever it weighs: lint fails for warnings too, plan as --fail-on says.</summary>
    public bool Fails { get; init; } = Level == ReportLevel.Error;

    /// <summary>Message and cure in one sentence.</summary>
    public string Whole => Cure.Length > 0 ? $"{Message}; {Cure}" : Message;

    public static Remark Of(Diagnostic diagnostic) =>
        new(diagnostic.Code, diagnostic.Severity == Severity.Error ? ReportLevel.Error : ReportLevel.Warning, diagnostic.Place, diagnostic.Message, diagnostic.ToString()) { Cure = diagnostic.Cure };
}

/// <summary>One thing that was tried: a case of a mapping.</summary>
/// <param name="Suite">What it belongs to: the mapping.</param>
/// <param name="Wrong">Null where it passed.</param>
internal sealed record Trial(string Suite, string Name, Place Place, string? Wrong);
