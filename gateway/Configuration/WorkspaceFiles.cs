using System.Security.Cryptography;
using System.Text;

namespace Gateway.Configuration;

/// <summary>One stable state of a workspace's files: path from the root, with forward slashes, to content.</summary>
public sealed class WorkspaceFiles
{
    public const string Entry = "policies.yaml";

    /// <summary>Folders whose files belong to a workspace.</summary>
    public static readonly IReadOnlyList<string> Rooms = ["partners", "routes", "transforms", "events", "flows"];

    private const long MaxFileBytes = 8 << 20;
    private static readonly string[] Extensions = [".yaml", ".json", ".jsonata"];

    private readonly SortedDictionary<string, ReadOnlyMemory<byte>> _files = new(StringComparer.Ordinal);

    private WorkspaceFiles(string root) => Root = root;

    /// <summary>Absolute path of the directory. Never shown to callers.</summary>
    public string Root { get; }

    /// <summary>SHA-256 over all paths and contents, hex.</summary>
    public string Hash { get; private set; } = "";

    public IEnumerable<string> Paths => _files.Keys;

    /// <summary>A file's content; null when there is no such file.</summary>
    public ReadOnlyMemory<byte>? this[string path] => _files.TryGetValue(path, out var content) ? content : (ReadOnlyMemory<byte>?)null;

    /// <summary>
    /// Reads the directory until two readings in a row are the same, so that an editor's or a deployment's half-written state is
    /// never taken for a revision.
    /// </summary>
    /// <exception cref="IOException">The directory can't be read, or does not come to rest.</exception>
    public static WorkspaceFiles Read(string root)
    {
        root = Path.GetFullPath(root);
        if (!File.Exists(Path.Combine(root, Entry)))
            throw new FileNotFoundException($"there is no {Entry} in {root}; name the workspace's directory, or run from it");
        var last = ReadOnce(root);
        for (var attempt = 0; attempt < 50; attempt++)
        {
            var next = ReadOnce(root);
            if (next.Hash == last.Hash) return next;
            last = next;
        }
        throw new IOException("the workspace's files keep changing while they are read; try again when the deployment has finished");
    }

    /// <summary>Files that were read elsewhere, as of a directory.</summary>
    public static WorkspaceFiles Of(string root, IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> contents)
    {
        var files = new WorkspaceFiles(root);
        foreach (var (path, content) in contents) files._files[path] = content;
        files.Hash = files.ComputeHash();
        return files;
    }

    /// <summary>Whether a file of this path from the root is one of a workspace's.</summary>
    public static bool Belongs(string path) =>
        !IsHidden(path) && Extensions.Contains(Path.GetExtension(path))
        && (path.Contains('/', StringComparison.Ordinal) ? Rooms.Contains(path.Split('/')[0]) : path.StartsWith("policies", StringComparison.Ordinal) && path.EndsWith(".yaml", StringComparison.Ordinal));

    private static WorkspaceFiles ReadOnce(string root)
    {
        var files = new WorkspaceFiles(root);
        var paths = Directory.EnumerateFiles(root, "policies*.yaml")
            .Concat(Rooms.Select(room => Path.Combine(root, room)).Where(Directory.Exists)
                .SelectMany(room => Directory.EnumerateFiles(room, "*", SearchOption.AllDirectories)));
        foreach (var path in paths)
        {
            var name = Path.GetRelativePath(root, path).Replace('\\', '/');
            if (!Belongs(name)) continue;
            try
            {
                if (new FileInfo(path).Length > MaxFileBytes) throw new IOException($"{name} is larger than 8 MB");
                files._files[name] = File.ReadAllBytes(path);
            }
            catch (FileNotFoundException)
            {
                // Gone between listing and reading: the second reading decides.
            }
        }
        files.Hash = files.ComputeHash();
        return files;
    }

    /// <summary>Editors keep their swap files so, and Kubernetes the versions of a mounted ConfigMap (<c>..data/</c>).</summary>
    private static bool IsHidden(string path) => path.StartsWith('.') || path.Contains("/.", StringComparison.Ordinal);

    private string ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[8];
        foreach (var (path, content) in _files)
        {
            foreach (var part in (ReadOnlySpan<ReadOnlyMemory<byte>>)[Encoding.UTF8.GetBytes(path), content])
            {
                BitConverter.TryWriteBytes(length, (long)part.Length);
                hash.AppendData(length);
                hash.AppendData(part.Span);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
