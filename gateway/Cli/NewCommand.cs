using System.CommandLine;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Scaffolding;

namespace Gateway.Cli;

/// <summary><c>new KIND … [WORKSPACE]</c>: files to begin with, that are valid and pass their cases, and what lint says of them; nothing that is there is overwritten.</summary>
internal static class NewCommand
{
    private static readonly Argument<string> Workspace = Arguments.Workspace();
    private static readonly Option<string?> Backend = new("--backend") { Description = "Backend that requests are forwarded to, or whose operation is called. Default: the only one there is." };
    private static readonly Option<string?> Operation = new("--operation") { Description = "Operation of the backend that is called, with a scope, contracts and mappings to begin with: order.create. Default: requests are forwarded." };
    private static readonly Option<string[]> Policies = new("--policies")
    {
        Description = "Named policies of the route. Default: the only one that authenticates, and the only one that limits.",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create() => new("new", "Makes a workspace, or something in one, to begin with.")
    {
        NewWorkspace(), NewApi(), NewRoute(), NewMapping(), NewPartner(), NewConsumer(),
    };

    private static Command NewWorkspace()
    {
        var directory = new Argument<string>("directory") { Description = "Where it will stand." };
        var command = new Command("workspace", "A small workspace with one of everything, and a README.") { directory };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(directory)!, _ => Scaffolds.Workspace(TimeProvider.System.GetUtcNow()), Console.Out, isNew: true));
        return command;
    }

    private static Command NewApi()
    {
        var name = Name("parcels");
        var owner = new Option<string?>("--owner") { Description = "Who answers for it; the workspace's only owner, where it declares one." };
        var command = new Command("api", "An API in a file of its own, with a route that reads, or calls an operation.") { name, Workspace, owner, Backend, Operation, Policies };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(Workspace)!, basis =>
            Scaffolds.Api(basis!, ScaffoldBasis.Plain(parsed.GetValue(name)!), parsed.GetValue(owner), parsed.GetValue(Backend), parsed.GetValue(Operation), parsed.GetValue(Policies) ?? []), Console.Out));
        return command;
    }

    private static Command NewRoute()
    {
        var name = Name("API.VERB: parcels.list");
        var method = new Argument<string>("method") { Description = "GET, POST …" };
        var path = new Argument<string>("path") { Description = "/v1/parcels/{id}" };
        var command = new Command("route", "A route behind the last one of its API.") { name, method, path, Workspace, Backend, Operation, Policies };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(Workspace)!, basis =>
            Scaffolds.Route(basis!, ScaffoldBasis.Plain(parsed.GetValue(name)!), $"{parsed.GetValue(method)} {parsed.GetValue(path)}", parsed.GetValue(Backend), parsed.GetValue(Operation), parsed.GetValue(Policies) ?? []), Console.Out));
        return command;
    }

    private static Command NewMapping()
    {
        var name = Name("FOLDER/NAME.from or FOLDER/NAME.to: carrier/parcel.from");
        var command = new Command("mapping", "A mapping with its cases and the contracts of both its sides.") { name, Workspace };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(Workspace)!, basis => Scaffolds.Mapping(basis!.Files, parsed.GetValue(name)!), Console.Out));
        return command;
    }

    private static Command NewPartner()
    {
        var name = Name("acme");
        var command = new Command("partner", "A partner in a file of its own, with a consumer.") { name, Workspace };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(Workspace)!, basis => Scaffolds.Partner(basis!, ScaffoldBasis.Plain(parsed.GetValue(name)!)), Console.Out));
        return command;
    }

    private static Command NewConsumer()
    {
        var name = Name("acme-shop");
        var partner = new Option<string>("--partner") { Description = "Whose it is.", Required = true };
        var command = new Command("consumer", "A consumer behind the last one of its partner.") { name, Workspace, partner };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(Workspace)!, basis =>
            Scaffolds.Consumer(basis!, ScaffoldBasis.Plain(parsed.GetValue(name)!), parsed.GetValue(partner)!), Console.Out));
        return command;
    }

    private static Argument<string> Name(string example) => new("name") { Description = example };

    /// <param name="make">What is to be written; the basis is null for a workspace that is not there yet.</param>
    public static async Task<int> RunAsync(string root, Func<ScaffoldBasis?, IReadOnlyList<ScaffoldFile>> make, TextWriter output, bool isNew = false)
    {
        try
        {
            var basis = isNew ? null : await ScaffoldBasis.ReadAsync(root);
            var (options, now) = (new LoadOptions { ResolveSecrets = false }, TimeProvider.System.GetUtcNow());
            var known = basis is null ? [] : await LintCommand.FindingsAsync(basis.Files, options, now);
            var files = make(basis);
            await Scaffold.WriteAsync(root, basis?.Files, files);
            foreach (var file in files) await output.WriteLineAsync($"{(file.Adds ? "added to" : "new     ")} {file.Path}");
            var code = await ValidateCommand.RunAsync(root, options, output);
            foreach (var finding in (await LintCommand.FindingsAsync(WorkspaceFiles.Read(root), options, now)).ExceptBy(known.Select(k => (k.Rule, k.Message)), f => (f.Rule, f.Message)))
                await output.WriteLineAsync(finding.Text);
            return code;
        }
        catch (WorkspaceRefusedException refused)
        {
            return InvalidWorkspace.Tell("new", root, refused.Diagnostics, output);
        }
        catch (Exception cause) when (cause is ScaffoldRefusedException or IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
    }
}
