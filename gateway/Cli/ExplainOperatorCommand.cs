using System.CommandLine;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Explaining;

namespace Gateway.Cli;

/// <summary><c>explain operator NAME [WORKSPACE]</c>: what an operator may do on the admin port, how it comes in, and where that was declared.</summary>
internal static class ExplainOperatorCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "One of the operators of the workspace." };
        var workspace = Arguments.Workspace();
        var (environment, format) = (Arguments.Environment(), Arguments.Format());
        var command = new Command("operator", "Tells what an operator may do on the admin port, and how it comes in.") { name, workspace, environment, format };
        command.SetAction(async (parsed, _) => await RunAsync(
            parsed.GetValue(workspace)!, parsed.GetValue(name)!, new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false }, Console.Out, parsed.GetValue(format)));
        return command;
    }

    public static async Task<int> RunAsync(string workspace, string name, LoadOptions load, TextWriter output, ReportFormat format = ReportFormat.Text)
    {
        try
        {
            var loaded = WorkspaceLoader.Load(WorkspaceFiles.Read(workspace), load);
            var (plan, diagnostics) = await ValidateCommand.CompileAsync(loaded);
            if (plan is null) return InvalidWorkspace.Tell("explain", workspace, diagnostics, output, format);
            await using (plan)
            {
                if (!loaded.Document!.Operators.TryGetValue(name, out var written)) return Commands.Fail($"there is no operator '{name}'; {Nearest.Cure(name, loaded.Document.Operators.Keys)}");
                var place = loaded.Places.Of(loaded.Document.Operators, name);
                new Report("explain")
                {
                    Remarks =
                    [
                        new Remark("explain/operator", ReportLevel.Note, place, $"operator {name}", $"operator {name}, {place}"),
                        .. OperatorExplanation.Of(written, loaded.Document).Select(f => new Remark("explain/operator", ReportLevel.Note, place, $"{f.About} {f.Text}", $"  {f.About,-10}  {f.Text}")),
                    ],
                    Summary = $"revision {plan.Revision}",
                    Facts = new Dictionary<string, object> { ["operator"] = name, ["revision"] = plan.Revision },
                }.Write(format, workspace, output);
            }
            return Commands.Fine;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
    }
}
