using System.Text.Json;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>The declared documents of this repository.</summary>
internal static class Workspace
{
    private static readonly string Root = FindRoot();

    public static byte[] Read(string path) => File.ReadAllBytes(Path.Combine(Root, path));

    public static IEnumerable<string> Contracts => Directory.GetFiles(Path.Combine(Root, "transforms", "canonical"), "*.schema.json")
        .Select(path => Path.GetFileName(path).Replace(".schema.json", "", StringComparison.Ordinal));

    /// <summary>A contract by its name, <c>order@1</c>, compiled as strictly as the engine can.</summary>
    public static Schema Contract(string name)
    {
        var compiled = Schema.Compile(Read($"transforms/canonical/{name}.schema.json"), new SchemaOptions
        {
            BaseUri = new Uri($"file:///transforms/canonical/{name}.schema.json"),
            Resolver = uri => Read(uri.AbsolutePath.TrimStart('/')),
            Strict = true,
            AssertFormats = true,
        });
        Assert.Empty(compiled.Diagnostics);
        return compiled.Schema!;
    }

    public static JsonElement Document(string contract) => JsonSerializer.Deserialize<JsonElement>(Read($"transforms/canonical/{contract}.schema.json"));

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Gateway.sln")))
                return folder;
        throw new DirectoryNotFoundException("no Gateway.sln above the tests");
    }
}
