using Gateway.Configuration;

namespace Gateway.Tests.Golden;

/// <summary>A case of <c>cases/</c>, laid over <c>base/</c> in a folder of its own until it is disposed.</summary>
internal sealed class GoldenCase : IDisposable
{
    private const string ExpectedName = "expected.txt";
    private const string OptionsName = "options.txt";

    private static readonly string Here = Path.Combine(Repository.Root, "tests", "Golden");

    private readonly DirectoryInfo _workspace = Directory.CreateTempSubdirectory("gateway-golden-");
    private readonly string _folder;

    private GoldenCase(string name)
    {
        _folder = Path.Combine(Here, "cases", name);
        LayOver(Path.Combine(Here, "base"));
        LayOver(_folder);
    }

    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Path.Combine(Here, "cases")).Select(c => Path.GetFileName(c)).Order(StringComparer.Ordinal);

    /// <summary>What is expected of each case.</summary>
    public static IEnumerable<string> AllExpected => Names.Select(n => Path.Combine(Here, "cases", n, ExpectedName)).Where(File.Exists).Select(File.ReadAllText);

    public string Workspace => _workspace.FullName;

    public string ExpectedFile => Path.Combine(_folder, ExpectedName);

    public string Expected => File.ReadAllText(ExpectedFile);

    public LoadOptions Options
    {
        get
        {
            var file = Path.Combine(_folder, OptionsName);
            var options = (File.Exists(file) ? File.ReadAllLines(file) : []).Select(l => l.Split('=')).ToDictionary(l => l[0], l => l[1]);
            return new LoadOptions
            {
                Environment = options.GetValueOrDefault("environment", ""),
                ResolveSecrets = options.GetValueOrDefault("secrets") == "resolve",
            };
        }
    }

    public static GoldenCase LayOut(string name) => new(name);

    public void Dispose() => _workspace.Delete(recursive: true);

    private void LayOver(string from)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(from, file);
            if (path is ExpectedName or OptionsName) continue;
            var to = Path.Combine(Workspace, path);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to, overwrite: true);
        }
    }
}
