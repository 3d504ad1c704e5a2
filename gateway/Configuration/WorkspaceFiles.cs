using System.Security.Cryptography;
using System.Text;

namespace Gateway.Configuration;

/// <summary>One stable state of a workspace's files: path from the root, with forward slashes, to content.</summary>
public sealed class WorkspaceFiles
{
    public const string Entry = "policies.yaml";

    /// <summary>Folders whose files belong to a workspace.</summary>
    public static readonly IReadOnlyList<string> Rooms = ["partners", "routes", "transforms", "events", "flows", "certificates"];

    private const long MaxFileBytes = 8 << 20;
    private static readonly string[] Extensions = [".yaml", ".json", ".jsonata", ".pem"];

    private readonly SortedDictionary<string, ReadOnlyMemory<byte>> _files = new(StringComparer.Ordinal);

    private readonly List<(string Path, string Why, string Cure)> _unread = [];

    private WorkspaceFiles(string root) => Root = root;

    /// <summary>Absolute path of the directory. Never shown to callers.</summary>
    public string Root { get; }

    /// <summary>SHA-256 over all paths and contents, hex.</summary>
    public string Hash { get; private set; } = "";

    public IEnumerable<string> Paths => _files.Keys;

    /// <summary>What stands among the files as if it were one of them, and is not read: why, and the cure.</summary>
    public IReadOnlyList<(string Path, string Why, string Cure)> Unread => _unread;

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
        var paths = Directory.EnumerateFiles(root, "policies*.y*ml")
            .Concat(Rooms.Select(room => Path.Combine(root, room)).Where(Directory.Exists).SelectMany(room => files.Below(room, [root])));
        foreach (var path in paths)
        {
            var name = files.NameOf(path);
            if (!Belongs(name))
            {
                if (!IsHidden(name) && path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase)) files._unread.Add((name, "this file is not read", "rename it to .yaml"));
                continue;
            }
            try
            {
                if (new FileInfo(path).Length > MaxFileBytes) throw new IOException($"{name} is larger than 8 MB");
                files._files[name] = File.ReadAllBytes(path);
            }
            catch (FileNotFoundException) when (new FileInfo(path).LinkTarget is not null)
            {
                files._unread.Add((name, "this link leads to no file", "correct where it leads, or remove it"));
            }
            catch (FileNotFoundException)
            {
                // Gone between listing and reading: the second reading decides.
            }
        }
        files.Hash = files.ComputeHash();
        return files;
    }

    /// <summary>All files below a directory. A link to a directory is followed unless it leads to where we are already, or above.</summary>
    /// <param name="above">The directories that were gone through, as they are when links are resolved.</param>
    private IEnumerable<string> Below(string directory, IReadOnlyList<string> above)
    {
        var target = new DirectoryInfo(directory).ResolveLinkTarget(returnFinalTarget: true)?.FullName.TrimEnd('/') ?? directory;
        if (target != directory && above.Any(a => a == target || a.StartsWith(target + "/", StringComparison.Ordinal))) return [];
        if (Belongs(NameOf(directory))) _unread.Add((NameOf(directory), "this is a folder", "make it a file, or name the folder without .yaml, .json or .jsonata"));
        return Directory.EnumerateFiles(directory).Concat(Directory.EnumerateDirectories(directory).Where(d => !IsHidden(NameOf(d))).SelectMany(d => Below(d, [.. above, directory, target])));
    }

    private string NameOf(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

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
