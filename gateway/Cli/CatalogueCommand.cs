using System.CommandLine;
using Gateway.Cataloguing;
using Gateway.Cli.Reports;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary><c>catalogue [WORKSPACE]</c>: the inventory of all APIs, who may call them, and what stands behind them.</summary>
internal static class CatalogueCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var environment = Arguments.Environment();
        var format = new Option<CatalogueFormat>("--format") { CustomParser = Arguments.Word<CatalogueFormat>, Description = "markdown or json.", DefaultValueFactory = _ => CatalogueFormat.Markdown };
        var command = new Command("catalogue", "Makes the inventory of a workspace: APIs, owners, life, access, limits, contracts, operations, events.") { workspace, environment, format };
        command.SetAction(async (parsed, _) => await RunAsync(
            parsed.GetValue(workspace)!, new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false }, Console.Out, parsed.GetValue(format)));
        return command;
    }

    internal enum CatalogueFormat
    {
        Markdown,
        Json,
    }

    public static async Task<int> RunAsync(string workspace, LoadOptions options, TextWriter output, CatalogueFormat format)
    {
        try
        {
            var loaded = WorkspaceLoader.Load(WorkspaceFiles.Read(workspace), options);
            var (plan, diagnostics) = await ValidateCommand.CompileAsync(loaded);
            // There is no page to be made: people read the lines that editors make clickable.
            if (plan is null) return InvalidWorkspace.Tell("catalogue", workspace, diagnostics, output, format == CatalogueFormat.Json ? ReportFormat.Json : ReportFormat.Text);
            await using (plan)
            {
                var catalogue = new CatalogueReader(loaded.Document!, loaded.Places, plan).Read();
                if (format == CatalogueFormat.Json) JsonCatalogue.Write(catalogue, output);
                else MarkdownCatalogue.Write(catalogue, output);
            }
            return Commands.Fine;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
    }
}
