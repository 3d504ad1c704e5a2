using System.Text;
using Gateway.Cases;
using Gateway.Cases.Flows;
using Gateway.Cases.Routes;
using Gateway.Cli;
using Gateway.Configuration;

namespace Gateway.Scaffolding;

/// <summary>A file to be written: a new one, or one that is there with something added to it.</summary>
/// <param name="Path">From the root of the workspace, with slashes.</param>
/// <param name="Adds">The file is there, and <paramref name="Content"/> is all of it with the addition.</param>
internal sealed record ScaffoldFile(string Path, string Content, bool Adds = false);

/// <summary>Why nothing was written.</summary>
internal sealed class ScaffoldRefusedException(string message) : Exception(message);

/// <summary>Puts new files into a workspace, if it is valid with them; nothing that is there is overwritten.</summary>
internal static class Scaffold
{
    /// <summary>All of the files, or none. A file of text that is none of the workspace's own, like its README, may be among them.</summary>
    /// <exception cref="ScaffoldRefusedException">A file is there already, or the workspace would not be valid.</exception>
    /// <exception cref="IOException">A file can't be written.</exception>
    public static async Task WriteAsync(string root, WorkspaceFiles? before, IReadOnlyList<ScaffoldFile> files)
    {
        if (files.FirstOrDefault(f => !f.Adds && File.Exists(Path.Combine(root, f.Path))) is { } there)
            throw new ScaffoldRefusedException($"{there.Path} is there already, and is not overwritten");
        await ProveAsync(root, before, files);
        foreach (var file in files)
        {
            var full = Path.Combine(root, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await File.WriteAllTextAsync(full, file.Content);
        }
    }

    private static async Task ProveAsync(string root, WorkspaceFiles? before, IReadOnlyList<ScaffoldFile> files)
    {
        var added = files.Where(f => WorkspaceFiles.Belongs(f.Path)).Select(f => (f.Path, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(f.Content))).ToList();
        var kept = (before?.Paths ?? []).Where(p => added.TrueForAll(a => a.Path != p)).Select(p => (p, before![p]!.Value));
        var loaded = WorkspaceLoader.Load(WorkspaceFiles.Of(root, kept.Concat(added)), new LoadOptions { ResolveSecrets = false });
        if (await ErrorsAsync(loaded) is [_, ..] errors)
            throw new ScaffoldRefusedException($"the workspace would not be valid, so nothing was written:\n{string.Join('\n', errors)}");
    }

    /// <summary>Every error of a workspace, its cases included, in the order of their places.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> ErrorsAsync(LoadedWorkspace loaded)
    {
        var (plan, found) = await ValidateCommand.CompileAsync(loaded);
        if (plan is not null) await plan.DisposeAsync();
        return [.. Diagnostic.Sort(found.Union(MappingWorkspace.Of(loaded).Findings).Union(RouteCases.Findings(loaded)).Union(FlowCases.Findings(loaded)).Where(d => d.Severity == Severity.Error))];
    }
}
