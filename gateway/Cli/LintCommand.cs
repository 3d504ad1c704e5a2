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
            var before = against is null ? null : await SubjectAsync(Directory.Exists(against) ? WorkspaceFiles.Read(against) : GitWorkspace.Read(workspace, against), options, now, against);
            var subject = await SubjectAsync(WorkspaceFiles.Read(workspace), options, now, workspace) with { Before = before };
            try
            {
                return Tell(subject, output, format);
            }
            finally
            {
                await subject.Plan.DisposeAsync();
                if (before is not null) await before.Plan.DisposeAsync();
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
    }

    /// <exception cref="IOException">The workspace does not compile.</exception>
    private static async Task<LintSubject> SubjectAsync(WorkspaceFiles files, LoadOptions options, DateTimeOffset now, string name)
    {
        var loaded = WorkspaceLoader.Load(files, options);
        var (plan, diagnostics) = await ValidateCommand.CompileAsync(loaded);
        return plan is null
            ? throw new IOException($"{name} is not valid, so its governance can't be judged: {diagnostics.First(d => d.Severity == Severity.Error)}")
            : new LintSubject(loaded, plan, now);
    }

    private static int Tell(LintSubject subject, TextWriter output, ReportFormat format)
    {
        var waivers = new Waivers(subject.Document, subject.Places, subject.Now);
        var rules = LintRules.All.Where(r => !r.Compares || subject.Before is not null).ToList();
        var findings = rules.SelectMany(rule => rule.Check(subject).Where(f => waivers.Stands(rule, f)).Select(f => RemarkOf(rule.Id, rule.Level, f))).ToList();
        findings.AddRange(waivers.Findings([.. rules.Select(r => r.Id)]).Select(f => RemarkOf(f.Rule, Severity.Warning, f.Finding)));
        new Report("lint")
        {
            Remarks = [.. findings.OrderBy(f => f.Place.File, StringComparer.Ordinal).ThenBy(f => f.Place.Line).ThenBy(f => f.Place.Column).ThenBy(f => f.Rule, StringComparer.Ordinal)],
            Summary = $"{rules.Count} rules, {findings.Count} findings, {waivers.Count} waived{(subject.Before is null ? "; name --against to check changes" : "")}",
            Facts = new Dictionary<string, object> { ["rules"] = rules.Count, ["findings"] = findings.Count, ["waived"] = waivers.Count },
        }.Write(format, output);
        return findings.Count == 0 ? Commands.Fine : Commands.Findings;
    }

    private static Remark RemarkOf(string rule, Severity level, LintFinding finding)
    {
        var (word, weight) = level == Severity.Error ? ("error", ReportLevel.Error) : ("warning", ReportLevel.Warning);
        return new Remark($"lint/{rule}", weight, finding.Place, finding.Message, $"{finding.Place}: {word} {rule}: {finding.Message}; {finding.Cure}") { Cure = finding.Cure };
    }
}
