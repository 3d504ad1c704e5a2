using System.CommandLine;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Explaining;

namespace Gateway.Cli;

/// <summary><c>explain METHOD PATH [WORKSPACE]</c>: what a request meets on its way, and where that was declared.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var method = new Argument<string>("method") { Description = "GET, POST …" };
        var path = new Argument<string>("path") { Description = "As a caller would send it: /v1/orders/ord_1." };
        var workspace = Arguments.Workspace();
        var environment = Arguments.Environment();
        var consumer = new Option<string?>("--consumer") { Description = "Who calls: limits and credentials are told for it." };
        var version = new Option<string?>("--api-version") { Description = "What the request's header says, where it chooses the version." };
        var format = Arguments.Format();
        var command = new Command("explain", "Tells the road of one request: its phases, and where each was declared.") { method, path, workspace, environment, consumer, version, format };
        command.Subcommands.Add(ExplainOperatorCommand.Create());
        command.SetAction(async (parsed, _) => await RunAsync(
            parsed.GetValue(workspace)!,
            new ExplainOptions(parsed.GetValue(method)!, parsed.GetValue(path)!, parsed.GetValue(consumer), parsed.GetValue(version)),
            new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false },
            Console.Out,
            parsed.GetValue(format)));
        return command;
    }

    /// <summary>Which request.</summary>
    internal sealed record ExplainOptions(string Method, string Path, string? Consumer = null, string? Version = null);

    public static async Task<int> RunAsync(string workspace, ExplainOptions options, LoadOptions load, TextWriter output, ReportFormat format = ReportFormat.Text)
    {
        try
        {
            var loaded = WorkspaceLoader.Load(WorkspaceFiles.Read(workspace), load);
            var (plan, diagnostics) = await ValidateCommand.CompileAsync(loaded);
            if (plan is null) return InvalidWorkspace.Tell("explain", workspace, diagnostics, output, format);
            await using (plan) return Tell(plan, loaded, workspace, options, output, format);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
    }

    private static int Tell(Plan plan, LoadedWorkspace loaded, string workspace, ExplainOptions options, TextWriter output, ReportFormat format)
    {
        var path = options.Path.Split('?')[0];
        var method = options.Method.ToUpperInvariant();
        if (!path.StartsWith('/')) return Commands.Fail($"'{path}' is no path of a request; it begins with /");
        Consumer? consumer = null;
        if (options.Consumer is { } name && !plan.Consumers.TryGetValue(name, out consumer)) return Commands.Fail($"there is no consumer '{name}'; {Nearest.Cure(name, plan.Consumers.Keys)}");
        if (Explanation.Find(plan, method, path, options.Version) is not { } route)
        {
            if (Explanation.Versions(plan, method, path) is [var one, ..] versions)
            {
                output.WriteLine($"{method} {path}: 400, {one.Header} must name one of {string.Join(", ", versions.Select(v => v.Value))}; say --api-version");
                return Commands.Findings;
            }
            var others = Explanation.Methods(plan, path).ToList();
            output.WriteLine(others.Count == 0 ? $"{method} {path}: 404, no route takes this path" : $"{method} {path}: 405, this path is served with {string.Join(", ", others)}");
            return Commands.Findings;
        }
        var steps = Explanation.Of(plan, route, consumer, backend => loaded.Places.Of(loaded.Document!.Backends, backend));
        var who = consumer is null ? "" : $" for {consumer.Name} of {consumer.Partner.Name}{(consumer.Partner.Tier is { } tier ? $", tier {tier}" : "")}";
        var wide = steps.Max(s => s.Policy.Length);
        new Report("explain")
        {
            Remarks =
            [
                new Remark("explain/route", ReportLevel.Note, route.Place, $"route {route.Name} of the API {route.Api}", $"{method} {path}{who}: route {route.Name} of the API {route.Api}, {route.Place}"),
                .. steps.Select(s => new Remark($"explain/{s.Phase}", ReportLevel.Note, s.Place, s.Text, $"  {s.Phase,-16}  {s.Policy.PadRight(wide)}  {s.Text}  [{s.Place}]")),
            ],
            Summary = $"revision {plan.Revision}",
            Facts = new Dictionary<string, object> { ["route"] = route.Name, ["api"] = route.Api, ["revision"] = plan.Revision },
        }.Write(format, workspace, output);
        return Commands.Fine;
    }
}
