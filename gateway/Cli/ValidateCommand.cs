using System.CommandLine;
using Gateway.Cases;
using Gateway.Cases.Flows;
using Gateway.Cases.Routes;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Pipeline;
using Gateway.Usage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Cli;

/// <summary><c>validate [WORKSPACE]</c>: loads and compiles a workspace without any server, network or secret.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var environment = Arguments.Environment();
        var format = Arguments.Format();
        var command = new Command("validate", "Proves a workspace: every name, policy, contract and mapping.") { workspace, environment, format };
        command.SetAction(async (parsed, _) => await RunAsync(
            parsed.GetValue(workspace)!, new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false }, Console.Out, parsed.GetValue(format)));
        return command;
    }

    public static async Task<int> RunAsync(string workspace, LoadOptions options, TextWriter output, ReportFormat format = ReportFormat.Text)
    {
        WorkspaceFiles files;
        try
        {
            files = WorkspaceFiles.Read(workspace);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
        var loaded = WorkspaceLoader.Load(files, options);
        var (plan, found) = await CompileAsync(loaded);
        // What no route uses yet is proved too.
        var proved = found.Union(MappingWorkspace.Of(loaded).Findings).Union(RouteCases.Findings(loaded)).Union(FlowCases.Findings(loaded)).ToList();
        // What is broken may be what uses the rest.
        if (plan is not null && proved.All(d => d.Severity != Severity.Error)) proved.AddRange(LooseEnds.Of(loaded, plan));
        var diagnostics = Diagnostic.Sort(proved).ToList();
        var errors = diagnostics.Count(d => d.Severity == Severity.Error);
        new Report("validate")
        {
            Remarks = [.. diagnostics.Select(Remark.Of)],
            Summary = errors == 0 ? $"valid: {Count.Of(plan!.Routes.Count, "route")}, revision {plan.Revision}" : $"not valid: {Count.Of(errors, "error")}",
            Facts = errors == 0 ? new Dictionary<string, object> { ["routes"] = plan!.Routes.Count, ["revision"] = plan.Revision } : new Dictionary<string, object> { ["errors"] = errors },
        }.Write(format, workspace, output);
        if (plan is not null) await plan.DisposeAsync();
        return errors == 0 ? Commands.Fine : Commands.Findings;
    }

    /// <summary>Compiles a workspace without any server, network or, where the options say so, secret.</summary>
    public static ValueTask<Compilation> CompileAsync(WorkspaceFiles files, LoadOptions options) => CompileAsync(WorkspaceLoader.Load(files, options));

    /// <inheritdoc cref="CompileAsync(WorkspaceFiles, LoadOptions)"/>
    public static async ValueTask<Compilation> CompileAsync(LoadedWorkspace loaded)
    {
        var exactlyOnce = new ExactlyOnce(new WorkAtHand(), TimeProvider.System, NullLogger<ExactlyOnce>.Instance);
        var compiler = new PlanCompiler(exactlyOnce, TimeProvider.System, new KeptState(), Outside.World, NullLoggerFactory.Instance);
        return await compiler.CompileAsync(loaded);
    }
}
