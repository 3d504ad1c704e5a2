using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Gateway.Benchmarks.Measuring;

/// <summary>What was measured on, and with.</summary>
internal static class Machine
{
    private static readonly (string Name, string File, string Argument)[] Tools =
    [
        ("dotnet", "dotnet", "--version"), ("nginx", "nginx", "-v"), ("haproxy", "haproxy", "-v"), ("caddy", "caddy", "version"),
        ("wrk", "wrk", "-v"), ("h2load", "h2load", "--version"), ("node", "node", "--version"),
    ];

    public static JsonObject Describe() => new()
    {
        ["processor"] = Processor(),
        ["cores"] = Environment.ProcessorCount,
        ["memory_bytes"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        ["system"] = RuntimeInformation.OSDescription,
    };

    public static JsonObject Versions()
    {
        var versions = new JsonObject { ["runtime"] = RuntimeInformation.FrameworkDescription };
        foreach (var (name, file, argument) in Tools) versions[name] = FirstLine(file, argument) ?? FirstLine("/usr/sbin/" + file, argument);
        return versions;
    }

    /// <summary>The commit that was measured, <c>+</c> behind it when files differ from it.</summary>
    public static string Commit() => $"{FirstLine("git", "rev-parse", "--short", "HEAD")}{(string.IsNullOrEmpty(FirstLine("git", "status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/results")) ? "" : "+")}";

    private static string Processor()
    {
        if (!File.Exists("/proc/cpuinfo")) return RuntimeInformation.ProcessArchitecture.ToString();
        return File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
    }

    private static string? FirstLine(string file, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var text = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return text.Split('\n')[0].Trim();
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
