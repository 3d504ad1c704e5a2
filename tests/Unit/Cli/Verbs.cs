using System.Diagnostics;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Unit.Cli;

/// <summary>The program as a shell calls it, in a process of its own: what it says, and where, is all the process's.</summary>
internal static class Verbs
{
    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [GatewayProgram.Path, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
