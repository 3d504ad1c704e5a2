using System.CommandLine;
using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.Usage;

namespace Gateway.Cli;

/// <summary><c>codeowners [WORKSPACE]</c>: prints who looks after which file, as a file CODEOWNERS says it.</summary>
internal static partial class CodeOwnersCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var environment = Arguments.Environment();
        var root = new Option<string>("--root") { Description = "Where the workspace stands in its repository.", DefaultValueFactory = _ => "/" };
        var others = new Option<string?>("--default") { Description = "Handle for all that nobody owns: @company/platform." };
        var command = new Command("codeowners", "Prints CODEOWNERS lines for partners/, routes/ and transforms/ from the declared owners.") { workspace, environment, root, others };
        command.SetAction(async (parsed, _) => await RunAsync(
            parsed.GetValue(workspace)!,
            parsed.GetValue(root)!,
            parsed.GetValue(others),
            new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false },
            Console.Out));
        return command;
    }

    public static async Task<int> RunAsync(string workspace, string root, string? others, LoadOptions options, TextWriter output)
    {
        if (others is not null && !Handle().IsMatch(others)) return Commands.Fail($"'{others}' is no handle; write --default @user, --default @company/team or an e-mail address");
        LoadedWorkspace loaded;
        try
        {
            loaded = WorkspaceLoader.Load(WorkspaceFiles.Read(workspace), options);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
        if (loaded.Document is { Owners.Count: 0 }) return Commands.Fail("the workspace declares no owners; add owners: { NAME: { name: …, handle: \"@company/team\" } }");
        var (plan, diagnostics) = await ValidateCommand.CompileAsync(loaded);
        if (plan is null) return InvalidWorkspace.Tell("codeowners", workspace, diagnostics, output);
        await using (plan)
        {
            foreach (var line in CodeOwners.Of(loaded, plan).Lines($"/{root.Trim('/')}/".Replace("//", "/", StringComparison.Ordinal), others)) await output.WriteLineAsync(line);
        }
        return Commands.Fine;
    }

    /// <summary>What CODEOWNERS takes for an owner.</summary>
    [GeneratedRegex(@"^(@[A-Za-z0-9][\w.-]*(/[\w.-]+)*|[^@\s]+@[^@\s]+\.[^@\s]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Handle();
}
