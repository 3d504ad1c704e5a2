using System.CommandLine;
using Gateway.Cases;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary><c>test [WORKSPACE]</c>: runs the cases beside the mappings, offline.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var environment = Arguments.Environment();
        var only = new Option<string>("--only") { Description = "Only mappings whose name holds this text.", DefaultValueFactory = _ => "" };
        var command = new Command("test", "Runs the cases beside the mappings (transforms/**/NAME.tests.yaml), and checks both sides of each by their contracts.") { workspace, environment, only };
        command.SetAction(async (parsed, _) => await RunAsync(
            parsed.GetValue(workspace)!, parsed.GetValue(only)!, new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false }, Console.Out));
        return command;
    }

    public static async Task<int> RunAsync(string workspace, string only, LoadOptions options, TextWriter output)
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
        var (passed, failed) = (0, 0);
        var findings = mappings.Diagnostics.Where(d => d.Severity == Severity.Error).ToList();
        foreach (var name in mappings.CasesAndMappings.Where(m => m.Contains(only, StringComparison.Ordinal)))
        {
            if (MappingCases.Of(name, mappings) is not { } cases)
            {
                await output.WriteLineAsync($"{Policies.Transform.Mapping.Path(name)}: warning: nothing proves this mapping; write {MappingCases.Path(name)}");
                continue;
            }
            findings.AddRange(cases.Diagnostics);
            foreach (var result in cases.Run())
            {
                if (result.Wrong is null) passed++;
                else failed++;
                if (result.Wrong is not null) await output.WriteLineAsync($"{result.Place}: failed: {result.Name}: {result.Wrong}");
            }
        }
        foreach (var finding in Diagnostic.Sort(findings).Distinct()) await output.WriteLineAsync(finding.ToString());
        await output.WriteLineAsync($"{passed} cases passed, {failed} failed");
        return failed == 0 && findings.Count == 0 ? Commands.Fine : Commands.Findings;
    }
}
