using System.Globalization;

namespace Gateway.Benchmarks.Running;

/// <summary>What the kernel tells about a process and its children (proc(5)).</summary>
internal static class ProcessFiles
{
    /// <summary>USER_HZ: ticks a second in which the kernel reports CPU time, the same on every Linux of this kind.</summary>
    private const int TicksPerSecond = 100;

    private const int UserTime = 11;
    private const int SystemTime = 12;

    /// <summary>The process and all below it, parents first.</summary>
    public static IEnumerable<int> Tree(int id)
    {
        yield return id;
        foreach (var child in TasksOf(id).SelectMany(ChildrenOf))
        {
            foreach (var below in Tree(child)) yield return below;
        }
    }

    public static TimeSpan Cpu(int id) => TimeSpan.FromSeconds((double)Tree(id).Sum(TicksOf) / TicksPerSecond);

    public static long Resident(int id) => Tree(id).Sum(ResidentOf);

    private static string[] TasksOf(int id)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{id}/task");
        }
        catch (IOException)
        {
            // It ended in between.
            return [];
        }
    }

    private static int[] ChildrenOf(string task)
    {
        var children = Read(Path.Combine(task, "children"));
        return [.. children.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(c => int.Parse(c, CultureInfo.InvariantCulture))];
    }

    private static long TicksOf(int id)
    {
        // The second field is a name in brackets that may hold anything; what follows the last bracket is regular.
        var fields = Read($"/proc/{id}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length <= SystemTime ? 0 : long.Parse(fields[UserTime], CultureInfo.InvariantCulture) + long.Parse(fields[SystemTime], CultureInfo.InvariantCulture);
    }

    private static long ResidentOf(int id)
    {
        var line = Read($"/proc/{id}/status").Split('\n').FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2].Replace("VmRSS:", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
