using System.CommandLine;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Linting;
using Gateway.Planning;

namespace Gateway.Cli;

/// <summary><c>lint [WORKSPACE]</c>: whether a workspace that runs is also governed as it should be.</summary>
internal static class LintCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var environment = Arguments.Environment();
        var against = new Option<string?>("--against") { Description = "The workspace before the change, for the rules about changes: a directory, or a revision of Git." };
        var format = Arguments.Format();
        var command = new Command("lint", "Checks a workspace by the rules of governance: owners, classification, callers, limits, contracts, secrets, changes.") { workspace, environment, against, format };
        command.SetAction(async (parsed, _) => await RunAsync(
            parsed.GetValue(workspace)!,
            parsed.GetValue(against),
            new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false },
            Console.Out,
            parsed.GetValue(format)));
        return command;
    }

    public static async Task<int> RunAsync(string workspace, string? against, LoadOptions options, TextWriter output, ReportFormat format = ReportFormat.Text, TimeProvider? clock = null)
    {
        try
        {
            var now = (clock ?? TimeProvider.System).GetUtcNow();
            var (before, wrongBefore) = against is null ? (null, []) : await SubjectAsync(Directory.Exists(against) ? WorkspaceFiles.Read(against) : GitWorkspace.Read(workspace, against), options, now);
            await using var planBefore = before?.Plan;
            if (against is not null && before is null) return Unjudged(against, Directory.Exists(against) ? against : workspace, wrongBefore, output, format);
            var (subject, wrong) = await SubjectAsync(WorkspaceFiles.Read(workspace), options, now);
            await using var plan = subject?.Plan;
            return subject is null ? Unjudged(workspace, workspace, wrong, output, format) : Tell(subject with { Before = before }, workspace, output, format);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
    }

    /// <summary>What lint finds in a workspace by itself; nothing where it is not valid.</summary>
    public static async Task<IReadOnlyList<Remark>> FindingsAsync(WorkspaceFiles files, LoadOptions options, DateTimeOffset now)
    {
        var (subject, _) = await SubjectAsync(files, options, now);
        if (subject is null) return [];
        await using var plan = subject.Plan;
        return Find(subject, RulesFor(subject), new Waivers(subject.Document, subject.Places, now));
    }

    /// <summary>Null for a workspace that does not compile, with what is wrong with it.</summary>
    private static async Task<(LintSubject? Subject, IReadOnlyList<Diagnostic> Diagnostics)> SubjectAsync(WorkspaceFiles files, LoadOptions options, DateTimeOffset now)
    {
        var loaded = WorkspaceLoader.Load(files, options);
        var (plan, diagnostics) = await ValidateCommand.CompileAsync(loaded);
        return (plan is null ? null : new LintSubject(loaded, plan, now), diagnostics);
    }

    private static int Unjudged(string name, string workspace, IReadOnlyList<Diagnostic> diagnostics, TextWriter output, ReportFormat format) =>
        InvalidWorkspace.Tell("lint", workspace, diagnostics, output, format, $"{name} is not valid, so its governance can't be judged");

    private static int Tell(LintSubject subject, string workspace, TextWriter output, ReportFormat format)
    {
        var (rules, waivers) = (RulesFor(subject), new Waivers(subject.Document, subject.Places, subject.Now));
        var findings = Find(subject, rules, waivers);
        new Report("lint")
        {
            Remarks = findings,
            Summary = $"{Count.Of(rules.Count, "rule")}, {Count.Of(findings.Count, "finding")}, {waivers.Count} waived{(subject.Before is null ? "; name --against to check changes" : "")}",
            Facts = new Dictionary<string, object> { ["rules"] = rules.Count, ["findings"] = findings.Count, ["waived"] = waivers.Count },
        }.Write(format, workspace, output);
        return findings.Count == 0 ? Commands.Fine : Commands.Findings;
    }

    private static IReadOnlyList<LintRule> RulesFor(LintSubject subject) => [.. LintRules.All.Where(r => !r.Compares || subject.Before is not null)];

    private static IReadOnlyList<Remark> Find(LintSubject subject, IReadOnlyList<LintRule> rules, Waivers waivers)
    {
        var findings = rules.SelectMany(rule => rule.Check(subject).Where(f => waivers.Stands(rule, f)).Select(f => RemarkOf(rule.Id, rule.Level, f))).ToList();
        findings.AddRange(waivers.Findings([.. rules.Select(r => r.Id)]).Select(f => RemarkOf(f.Rule, Severity.Warning, f.Finding)));
        return [.. findings.OrderBy(f => f.Place.File, StringComparer.Ordinal).ThenBy(f => f.Place.Line).ThenBy(f => f.Place.Column).ThenBy(f => f.Rule, StringComparer.Ordinal)];
    }

    private static Remark RemarkOf(string rule, Severity level, LintFinding finding)
    {
        var (word, weight) = level == Severity.Error ? ("error", ReportLevel.Error) : ("warning", ReportLevel.Warning);
        return new Remark($"lint/{rule}", weight, finding.Place, finding.Message, $"{finding.Place}: {word} {rule}: {finding.Message}; {finding.Cure}") { Cure = finding.Cure, Fails = true };
    }
}
