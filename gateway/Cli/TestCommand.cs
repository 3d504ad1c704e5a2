using System.CommandLine;
using Gateway.Cases;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Policies.Transform;

namespace Gateway.Cli;

/// <summary><c>test [WORKSPACE]</c>: runs the cases beside the mappings, offline.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var environment = Arguments.Environment();
        var format = Arguments.Format();
        var only = new Option<string>("--only") { Description = "Only mappings whose name holds this text.", DefaultValueFactory = _ => "" };
        var command = new Command("test", "Runs the cases beside the mappings (transforms/**/NAME.tests.yaml), and checks both sides of each by their contracts.") { workspace, environment, only, format };
        command.SetAction((parsed, _) => Task.FromResult(Run(
            parsed.GetValue(workspace)!,
            parsed.GetValue(only)!,
            new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false },
            Console.Out,
            parsed.GetValue(format))));
        return command;
    }

    public static int Run(string workspace, string only, LoadOptions options, TextWriter output, ReportFormat format = ReportFormat.Text)
    {
        MappingWorkspace mappings;
        try
        {
            mappings = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(workspace), options));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
        var findings = mappings.Diagnostics.Where(d => d.Severity == Severity.Error).ToList();
        var (unproved, trials) = (new List<Remark>(), new List<Trial>());
        foreach (var name in mappings.CasesAndMappings.Where(m => m.Contains(only, StringComparison.Ordinal)))
        {
            if (MappingCases.Of(name, mappings) is { } cases)
            {
                findings.AddRange(cases.Diagnostics);
                trials.AddRange(cases.Run().Select(r => new Trial(name, r.Name, r.Place, r.Wrong)));
            }
            else
            {
                unproved.Add(Unproved(name));
            }
        }
        var failed = trials.Count(t => t.Wrong is not null);
        new Report("test")
        {
            Remarks = [.. unproved, .. Diagnostic.Sort(findings).Select(Remark.Of)],
            Trials = trials,
            Summary = $"{trials.Count - failed} cases passed, {failed} failed",
            Facts = new Dictionary<string, object> { ["passed"] = trials.Count - failed, ["failed"] = failed },
        }.Write(format, output);
        return failed == 0 && findings.Count == 0 ? Commands.Fine : Commands.Findings;
    }

    private static Remark Unproved(string mapping)
    {
        var place = new Place(Mapping.Path(mapping), 0, 0);
        return new Remark("test/no-cases", ReportLevel.Warning, place, "nothing proves this mapping", $"{place}: warning: nothing proves this mapping; write {MappingCases.Path(mapping)}") { Cure = $"write {MappingCases.Path(mapping)}" };
    }
}
