using System.ComponentModel;
using System.Diagnostics;

namespace Gateway.Benchmarks.Running;

/// <summary>A program that runs, prints and ends.</summary>
internal static class Tool
{
    /// <summary>What it printed, errors behind the rest. It is killed when it is no longer wanted.</summary>
    /// <exception cref="MissingToolException">It is not installed.</exception>
    public static async Task<string> RunAsync(string file, IEnumerable<string> arguments, CancellationToken stop)
    {
        using var process = Start(file, arguments);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(stop);
            var output = await process.StandardOutput.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            return output + await errors;
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static Process Start(string file, IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            throw new MissingToolException($"{file} is not installed");
        }
    }
}
