using System.Text;

namespace Gateway.Tests.Records;

/// <summary>A checked-in file that is made from the canonical contracts.</summary>
/// <param name="Name">Its path from the root of the repository, with slashes.</param>
internal sealed record GeneratedFile(string Name, string Text)
{
    private static readonly (string Folder, string Pattern)[] Places =
        [(RecordFiles.Folder, "*.g.cs"), (ExampleFiles.Folder, "*.json"), (Path.GetDirectoryName(ModelPage.Name)!, Path.GetFileName(ModelPage.Name))];

    /// <summary>All of them, as they have to be.</summary>
    public static IReadOnlyList<GeneratedFile> Make(ContractBundle bundle) => [.. RecordFiles.Of(bundle), .. ExampleFiles.Of(bundle), ModelPage.Of(bundle)];

    /// <summary>All of them, as they are, byte by byte.</summary>
    public static IEnumerable<GeneratedFile> Read(string root) =>
        from place in Places
        let folder = Path.Combine(root, place.Folder)
        where Directory.Exists(folder)
        from file in Directory.EnumerateFiles(folder, place.Pattern)
        select new GeneratedFile($"{place.Folder}/{Path.GetFileName(file)}", Encoding.UTF8.GetString(File.ReadAllBytes(file)));
}
