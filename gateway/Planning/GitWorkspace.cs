using Gateway.Configuration;
using LibGit2Sharp;

namespace Gateway.Planning;

/// <summary>A workspace as it was at a commit.</summary>
internal static class GitWorkspace
{
    /// <summary>The files of <paramref name="directory"/> at <paramref name="revision"/>: a branch, tag, commit or <c>HEAD~1</c>.</summary>
    /// <exception cref="IOException">The directory is in no repository, or there is no such revision, or no workspace in it.</exception>
    public static WorkspaceFiles Read(string directory, string revision)
    {
        try
        {
            return ReadCommit(Path.GetFullPath(directory), revision);
        }
        catch (LibGit2SharpException refused)
        {
            // A repository of another user's, a damaged one.
            throw new IOException(refused.Message, refused);
        }
    }

    private static WorkspaceFiles ReadCommit(string directory, string revision)
    {
        if (Repository.Discover(directory) is not { } found) throw new IOException($"{directory} is in no Git repository; name a directory with --against");
        using var repository = new Repository(found);
        if (repository.Lookup(revision)?.Peel<Commit>() is not { } commit) throw new IOException($"there is no directory and no revision '{revision}'");
        var prefix = Path.GetRelativePath(repository.Info.WorkingDirectory, directory).Replace('\\', '/');
        var tree = prefix == "." ? commit.Tree : commit[prefix]?.Target as Tree;
        return tree?[WorkspaceFiles.Entry] is null
            ? throw new IOException($"there is no {WorkspaceFiles.Entry} at {revision}")
            : WorkspaceFiles.Of(directory, Files(tree, ""));
    }

    private static IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> Files(Tree tree, string prefix)
    {
        foreach (var entry in tree)
        {
            var path = prefix + entry.Name;
            if (entry.Target is Tree inner)
            {
                if (prefix.Length > 0 || WorkspaceFiles.Rooms.Contains(entry.Name))
                {
                    foreach (var file in Files(inner, path + "/")) yield return file;
                }
            }
            else if (entry.Target is Blob blob && WorkspaceFiles.Belongs(path))
            {
                using var content = blob.GetContentStream();
                using var bytes = new MemoryStream();
                content.CopyTo(bytes);
                yield return (path, bytes.ToArray());
            }
        }
    }
}
