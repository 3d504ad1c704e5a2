using System.CommandLine;
using Gateway.Cases;
using Gateway.Cases.Flows;
using Gateway.Cases.Routes;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Policies.Transform;

namespace Gateway.Cli;

/// <summary><c>test [WORKSPACE]</c>: runs the cases beside mappings, routes and flows, offline.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var environment = Arguments.Environment();
        var format = Arguments.Format();
        var only = new Option<string>("--only") { Description = "Only mappings, routes/FILE and flows/FILE whose name holds this text.", DefaultValueFactory = _ => "" };
        var coverage = new Option<bool>("--coverage") { Description = "Also tell which routes, policies and lines of mappings no case reaches." };
        var least = new Option<int>("--min-coverage") { CustomParser = Arguments.Number(0, 100), Description = "Fail when cases reach less than so many per cent of the routes, of their policies, or of the lines of mappings." };
        var command = new Command("test", "Runs the cases beside the mappings (transforms/**/NAME.tests.yaml), beside the routes (routes/NAME.tests.yaml) and beside the flows (flows/NAME.tests.yaml).") { workspace, environment, only, coverage, least, format };
        command.SetAction(async (parsed, stop) => await RunAsync(
            parsed.GetValue(workspace)!,
            new TestOptions(parsed.GetValue(only)!) { Coverage = parsed.GetValue(coverage), MinCoverage = parsed.GetValue(least) },
            new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false },
            Console.Out,
            parsed.GetValue(format),
            stop));
        return command;
    }

    /// <summary>Which cases, and what to tell of them.</summary>
    /// <param name="Only">A part of the names of those to run.</param>
    internal sealed record TestOptions(string Only = "")
    {
        public bool Coverage { get; init; }

        /// <summary>Per cent.</summary>
        public int MinCoverage { get; init; }

        public bool Watches => Coverage || MinCoverage > 0;
    }

    public static async Task<int> RunAsync(string workspace, TestOptions options, LoadOptions load, TextWriter output, ReportFormat format = ReportFormat.Text, CancellationToken stop = default)
    {
        LoadedWorkspace loaded;
        try
        {
            loaded = WorkspaceLoader.Load(WorkspaceFiles.Read(workspace), load) with { Coverage = options.Watches ? new Coverage() : null };
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
        var (mappings, files, flows) = (MappingWorkspace.Of(loaded), RouteCases.Of(loaded), FlowCases.Of(loaded));
        IReadOnlyList<string> names = [.. mappings.CasesAndMappings, .. files.Select(f => f.Suite), .. flows.Select(f => f.Suite)];
        if (options.Only.Length > 0 && !names.Any(n => IsMeant(n, options))) return Commands.Fail($"no mapping, and no routes/FILE or flows/FILE with cases, has a name that holds '{options.Only}'; {Nearest.Cure(options.Only, names)}");
        var run = new Tried();
        Mappings(mappings, options, run);
        try
        {
            await PlanAsync(loaded, [.. files.Where(f => IsMeant(f.Suite, options))], [.. flows.Where(f => IsMeant(f.Suite, options))], options, run, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Commands.Fail("stopped before all cases had run");
        }
        var parts = loaded.Coverage is { } coverage ? CoverageReport.Counted(coverage) : null;
        var tooLittle = parts is not null && CoverageReport.Percent(parts) < options.MinCoverage;
        ReportOf(run, parts, tooLittle ? options.MinCoverage : null).Write(format, workspace, output);
        return run.Failed == 0 && run.Findings.Count == 0 && !tooLittle ? Commands.Fine : Commands.Findings;
    }

    private static bool IsMeant(string name, TestOptions options) => name.Contains(options.Only, StringComparison.Ordinal);

    /// <param name="missed">The per cent that are demanded, where they are not reached.</param>
    private static Report ReportOf(Tried run, IReadOnlyList<CoveredPart>? parts, int? missed)
    {
        var demand = missed is null ? "" : $"; {missed} % are demanded";
        var passed = run.Trials.Count - run.Failed;
        var findings = Diagnostic.Sort(run.Findings).Distinct().ToList();
        var facts = new Dictionary<string, object> { ["passed"] = passed, ["failed"] = run.Failed };
        if (parts is not null) facts["coverage"] = CoverageReport.Facts(parts);
        return new Report("test")
        {
            Remarks = [.. run.Unproved, .. findings.Select(Remark.Of), .. parts is null ? [] : CoverageReport.Missing(parts).Select(r => r with { Fails = missed is not null })],
            Trials = run.Trials,
            Summary = $"{(parts is null ? "" : CoverageReport.Summary(parts) + demand + "\n")}{Count.Of(passed, "case")} passed, {run.Failed} failed{(findings.Count > 0 ? $"; not valid: {Count.Of(findings.Count, "error")}" : "")}",
            Facts = facts,
        };
    }

    private static void Mappings(MappingWorkspace mappings, TestOptions options, Tried run)
    {
        run.Findings.AddRange(mappings.Diagnostics.Where(d => d.Severity == Severity.Error));
        // Their code tables and consumers may be what could not be read.
        if (!mappings.IsRead) return;
        foreach (var name in mappings.CasesAndMappings.Where(m => IsMeant(m, options)))
        {
            if (MappingCases.Of(name, mappings) is { } cases) run.Add(name, cases.Diagnostics, cases.Run());
            else run.Unproved.Add(Unproved(name));
        }
    }

    private static async Task PlanAsync(LoadedWorkspace loaded, IReadOnlyList<RouteCases> routes, IReadOnlyList<FlowCases> flows, TestOptions options, Tried run, CancellationToken stop)
    {
        // Routes that nobody tries are counted all the same.
        if (routes.Count + flows.Count == 0 && !options.Watches) return;
        var (plan, diagnostics) = await ValidateCommand.CompileAsync(loaded);
        if (plan is null)
        {
            run.Findings.AddRange(diagnostics.Where(d => d.Severity == Severity.Error));
            return;
        }
        await using (plan)
        {
            foreach (var file in flows) run.Add(file.Suite, file.Diagnostics, file.Run(plan));
        }
        foreach (var file in routes) run.Add(file.Suite, file.Diagnostics, await file.RunAsync(TimeProvider.System, stop));
    }

    private static Remark Unproved(string mapping)
    {
        var place = new Place(Mapping.Path(mapping), 0, 0);
        return new Remark("test/no-cases", ReportLevel.Warning, place, "nothing proves this mapping", $"{place}: warning: nothing proves this mapping; write {MappingCases.Path(mapping)}") { Cure = $"write {MappingCases.Path(mapping)}" };
    }

    private sealed class Tried
    {
        public List<Diagnostic> Findings { get; } = [];

        public List<Remark> Unproved { get; } = [];

        public List<Trial> Trials { get; } = [];

        public int Failed => Trials.Count(t => t.Wrong is not null);

        public void Add(string suite, IEnumerable<Diagnostic> diagnostics, IEnumerable<CaseResult> results)
        {
            Findings.AddRange(diagnostics);
            Trials.AddRange(results.Select(r => new Trial(suite, r.Name, r.Place, r.Wrong)));
        }
    }
}
