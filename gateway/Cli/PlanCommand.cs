using System.CommandLine;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Planning;

namespace Gateway.Cli;

/// <summary><c>plan [WORKSPACE] --against DIRECTORY|REVISION</c>: what a change does to whom, before it is deployed.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var environment = Arguments.Environment();
        var against = new Option<string>("--against") { Description = "The workspace before the change: a directory, or a revision of Git.", DefaultValueFactory = _ => "HEAD" };
        var failOn = new Option<EffectClass>("--fail-on") { CustomParser = Arguments.Word<EffectClass>, Description = "The least class of effect that ends with 1: safe, attention, breaking, security-weakening.", DefaultValueFactory = _ => EffectClass.Breaking };
        var format = Arguments.Format();
        var command = new Command("plan", "Tells what a change of a workspace does, to whom: callers, partners, backends.") { workspace, environment, against, failOn, format };
        command.Subcommands.Add(Reload());
        command.SetAction(async (parsed, _) => await RunAsync(
            parsed.GetValue(workspace)!,
            parsed.GetValue(against)!,
            parsed.GetValue(failOn),
            new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false },
            Console.Out,
            parsed.GetValue(format)));
        return command;
    }

    /// <summary><c>plan reload</c>: a running gateway takes its workspace over now.</summary>
    private static Command Reload()
    {
        var (admin, token, reason, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var command = new Command("reload", "Makes a running gateway take its workspace over now, secrets included.") { admin, token, reason, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Post, "/plan/reload", parsed.GetValue(reason), cancellation: cancellation);
            if (answer is null) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else Console.WriteLine($"revision {answer["revision"]} runs");
            return code;
        }));
        return command;
    }

    public static async Task<int> RunAsync(string workspace, string against, EffectClass failOn, LoadOptions options, TextWriter output, ReportFormat format = ReportFormat.Text)
    {
        try
        {
            var (before, wrongBefore) = await CompileAsync(Directory.Exists(against) ? WorkspaceFiles.Read(against) : GitWorkspace.Read(workspace, against), options);
            if (before is null) return Unjudged(against, Directory.Exists(against) ? against : workspace, wrongBefore, output, format);
            var (after, wrongAfter) = await CompileAsync(WorkspaceFiles.Read(workspace), options);
            if (after is null) return Unjudged(workspace, workspace, wrongAfter, output, format);
            var effects = PlanComparison.Compare(before, after);
            ReportOf(before.Plan, after.Plan, effects, failOn, format is ReportFormat.Text or ReportFormat.Markdown).Write(format, workspace, output);
            await before.Plan.DisposeAsync();
            await after.Plan.DisposeAsync();
            return effects.Any(e => e.Class >= failOn) ? Commands.Findings : Commands.Fine;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
    }

    /// <param name="together">What is the same of several subjects is said once: for people.</param>
    private static Report ReportOf(Plan before, Plan after, IReadOnlyList<Planning.Effect> effects, EffectClass failOn, bool together)
    {
        IReadOnlyList<Planning.Effect> said = together
            ? [.. effects.GroupBy(e => (e.Class, e.Text)).Select(same => same.First() with { Subject = string.Join(", ", same.Select(e => e.Subject).Distinct()) })]
            : effects;
        var counts = Enum.GetValues<EffectClass>().Reverse().Select(c => (Class: Planning.Effect.NameOf(c), Count: said.Count(e => e.Class == c))).ToList();
        return new Report("plan")
        {
            Remarks = [.. said.Select(e => RemarkOf(e) with { Fails = e.Class >= failOn })],
            Summary = $"revision {before.Revision} -> {after.Revision}: {string.Join(", ", counts.Select(c => $"{c.Count} {c.Class}"))}",
            Facts = counts.Select(c => KeyValuePair.Create(c.Class, (object)c.Count)).Append(new("before", before.Revision)).Append(new("after", after.Revision)).ToDictionary(),
        };
    }

    private static Remark RemarkOf(Planning.Effect effect)
    {
        var level = effect.Class switch { EffectClass.Safe => ReportLevel.Note, EffectClass.Attention => ReportLevel.Warning, _ => ReportLevel.Error };
        return new Remark($"plan/{Planning.Effect.NameOf(effect.Class)}", level, effect.Place, $"{effect.Subject}: {effect.Text}", effect.ToString());
    }

    /// <summary>The workspace, or null when it does not compile, and what was found.</summary>
    private static async Task<(PlannedWorkspace? Workspace, IReadOnlyList<Diagnostic> Diagnostics)> CompileAsync(WorkspaceFiles files, LoadOptions options)
    {
        var loaded = WorkspaceLoader.Load(files, options);
        var (plan, diagnostics) = await ValidateCommand.CompileAsync(loaded);
        return (plan is null ? null : new PlannedWorkspace(loaded, plan), diagnostics);
    }

    private static int Unjudged(string name, string workspace, IReadOnlyList<Diagnostic> diagnostics, TextWriter output, ReportFormat format)
    {
        InvalidWorkspace.Tell("plan", workspace, diagnostics, output, format, $"{name} is not valid, so nothing can be said about the change");
        return Commands.CouldNotRun;
    }
}
