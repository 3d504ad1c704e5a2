using System.CommandLine;
using Gateway.Configuration;
using Gateway.Import;

namespace Gateway.Cli;

/// <summary><c>import openapi FILE [WORKSPACE]</c>: routes and contracts in front of a backend that has an OpenAPI document.</summary>
internal static class ImportCommand
{
    public static Command Create() => new("import", "Makes routes and contracts from the description of a backend.") { OpenApi() };

    private static Command OpenApi()
    {
        var file = new Argument<string>("file") { Description = "OpenAPI 3.0 or 3.1, JSON or YAML." };
        var workspace = Arguments.Workspace();
        var name = new Option<string?>("--name") { Description = "Name of the API and of what is written for it. Default: the document's title." };
        var backend = new Option<string?>("--backend") { Description = "Backend that requests go to; one that the workspace has not is written. Default: the API's name." };
        var owner = new Option<string>("--owner") { Description = "Who answers for the API.", DefaultValueFactory = _ => "platform" };
        var prefix = new Option<string>("--prefix") { Description = "Put before the paths that callers use, like /v1.", DefaultValueFactory = _ => "" };
        var policies = new Option<string[]>("--policies")
        {
            Description = "Named policies for every route. Default: the one that authenticates, if there is exactly one.",
            AllowMultipleArgumentsPerToken = true,
        };
        var report = new Option<bool>("--report") { Description = "Contracts report what breaks them, and refuse nothing." };
        var force = new Option<bool>("--force") { Description = "Overwrite files that are there." };
        var command = new Command("openapi", "Makes routes and contracts from an OpenAPI document, and validates the workspace.")
        {
            file, workspace, name, backend, owner, prefix, policies, report, force,
        };
        command.SetAction((parsed, _) => RunAsync(
            new ImportOptions
            {
                File = parsed.GetValue(file)!,
                Workspace = parsed.GetValue(workspace)!,
                Name = parsed.GetValue(name),
                Backend = parsed.GetValue(backend),
                Owner = parsed.GetValue(owner)!,
                Prefix = parsed.GetValue(prefix)!,
                Policies = parsed.GetResult(policies)?.Implicit == false
                    ? [.. parsed.GetValue(policies)!.SelectMany(p => p.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))]
                    : null,
                Report = parsed.GetValue(report),
                Force = parsed.GetValue(force),
            },
            Console.Out));
        return command;
    }

    public static async Task<int> RunAsync(ImportOptions options, TextWriter output)
    {
        ImportResult result;
        try
        {
            result = OpenApiImport.Run(options);
        }
        catch (Exception cause) when (cause is ImportRefusedException or IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
        await output.WriteLineAsync($"{result.RouteFile}: {Count.Of(result.Routes, "route")} of {Count.Of(result.Operations, "operation")}");
        await output.WriteLineAsync($"transforms/canonical/{result.Api}.*: {Count.Of(result.Contracts, "contract")}");
        Notes.Print(result.Notes, output);
        return await ValidateCommand.RunAsync(options.Workspace, new LoadOptions { ResolveSecrets = false }, output);
    }
}
