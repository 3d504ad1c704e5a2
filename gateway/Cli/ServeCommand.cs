using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using Gateway.Configuration;
using Gateway.Hosting;

namespace Gateway.Cli;

/// <summary><c>serve [WORKSPACE]</c>: runs the gateway until it is stopped.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var urls = Arguments.Urls();
        var adminUrls = Arguments.AdminUrls();
        var environment = Arguments.Environment();
        var data = Arguments.Data();
        var keys = Arguments.Keys();
        var reload = new Option<ReloadMode?>("--reload") { CustomParser = argument => Arguments.Word<ReloadMode>(argument), Description = "on: follow the files, and SIGHUP. signal: SIGHUP alone. off: neither, for images. Default: governance.reload of the workspace, which is on." };
        var role = new Option<NodeRole>("--role") { CustomParser = Arguments.Word<NodeRole>, Description = "all: requests and the work beside them. edge: requests alone. worker: the work beside them alone, without a public port. Halves want a PostgreSQL." };
        var cluster = new Option<IPEndPoint>("--cluster-address")
        {
            CustomParser = EndPoint,
            Description = "IP:PORT where the other nodes of state.cluster reach this one, in a network that nobody else reaches.",
            DefaultValueFactory = _ => new GatewayOptions { Workspace = "", DataDirectory = "", KeyDirectory = "" }.ClusterAddress,
        };
        var command = new Command("serve", "Runs the gateway on a workspace.") { workspace, urls, adminUrls, environment, data, keys, reload, role, cluster };
        command.SetAction((parsed, cancellation) => RunAsync(
            new GatewayOptions
            {
                Workspace = parsed.GetValue(workspace)!,
                DataDirectory = parsed.GetValue(data)!,
                KeyDirectory = parsed.GetValue(keys)!,
                Urls = parsed.GetValue(urls)!,
                AdminUrls = parsed.GetValue(adminUrls)!,
                Reload = parsed.GetValue(reload),
                Role = parsed.GetValue(role),
                ClusterAddress = parsed.GetValue(cluster)!,
                Load = new LoadOptions { Environment = parsed.GetValue(environment)! },
            },
            cancellation));
        return command;
    }

    private static IPEndPoint EndPoint(ArgumentResult argument)
    {
        // 0.0.0.0 is an address to listen on, and none where somebody is reached.
        if (IPEndPoint.TryParse(argument.Tokens[0].Value, out var address) && address.Port > 0 && !address.Address.Equals(IPAddress.Any) && !address.Address.Equals(IPAddress.IPv6Any)) return address;
        argument.AddError($"--cluster-address is the address of this machine and a port, 10.0.0.5:11111, not '{argument.Tokens[0].Value}'");
        return new IPEndPoint(IPAddress.None, 0);
    }

    private static async Task<int> RunAsync(GatewayOptions options, CancellationToken cancellation)
    {
        if (options.Load.Environment == "demo") return Commands.Fail("the overlay 'demo' has fixed keys and is for the verb demo only; name another environment");
        var (host, code) = await StartAsync(options, cancellation);
        if (host is null) return code;
        await using (host)
        {
            if (options.Role != NodeRole.Worker) Console.WriteLine($"gateway {host.Url}");
            Console.WriteLine($"admin   {host.AdminUrl}");
            await host.WaitForShutdownAsync(cancellation);
        }
        return Commands.Fine;
    }

    /// <summary>Starts a gateway, or says why it can't be started and with which exit code.</summary>
    public static async Task<(GatewayHost? Host, int Code)> StartAsync(GatewayOptions options, CancellationToken cancellation)
    {
        try
        {
            return (await GatewayHost.StartAsync(options, cancellation), Commands.Fine);
        }
        catch (WorkspaceRefusedException refused)
        {
            foreach (var diagnostic in refused.Diagnostics) Console.Error.WriteLine(diagnostic);
            return (null, Commands.Findings);
        }
        catch (Exception cause) when (cause is StartRefusedException or StoreUnavailableException or IOException or UnauthorizedAccessException or FormatException
            or SocketException or InvalidOperationException)
        {
            var taken = cause is IOException && cause.InnerException is not null && cause.Message.Contains("address already in use", StringComparison.Ordinal);
            return (null, Commands.Fail(cause.Message + (taken ? " Choose another with --urls or --admin-urls; port 0 takes a free one." : "")));
        }
    }
}
