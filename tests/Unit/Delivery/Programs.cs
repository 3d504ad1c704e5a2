using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>Programs of others, where they are installed.</summary>
internal static class Programs
{
    /// <summary>Runs a script from standard input, and gives what it says; the test is skipped where the program is not there.</summary>
    public static async Task<string> RunAsync(string program, string script, params string[] arguments)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Process? started = null;
        try
        {
            started = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed");
        }
        using var process = started!;
        await process.StandardInput.WriteAsync(script);
        process.StandardInput.Close();
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        await process.WaitForExitAsync(cancellation);
        Assert.True(process.ExitCode == 0, $"{program}: {await complained}");
        return (await said).Trim();
    }
}
