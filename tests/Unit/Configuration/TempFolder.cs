using Gateway.Configuration;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>A folder with files, gone when disposed.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-test-");

    public string Root => _folder.FullName;

    public string Write(string path, string content)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
        return full;
    }

    /// <summary>Loads the folder as a workspace.</summary>
    public LoadedWorkspace Load(string environment = "", bool resolveSecrets = false, params (string Name, string Value)[] variables) =>
        WorkspaceLoader.Load(WorkspaceFiles.Read(Root), new LoadOptions
        {
            Environment = environment,
            ResolveSecrets = resolveSecrets,
            Variables = variables.ToDictionary(v => v.Name, v => v.Value),
        });

    public void Dispose() => _folder.Delete(recursive: true);
}
