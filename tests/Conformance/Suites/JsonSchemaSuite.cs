using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Conformance.Suites;

/// <summary>The official JSON Schema test suite, with its optional parts: each draft must pass whole.</summary>
[Trait("group", "suites")]
public sealed class JsonSchemaSuite
{
    /// <summary>Cases that are left out, each with the reason.</summary>
    private static readonly Dictionary<string, string> Excused = [];

    [Theory]
    [InlineData("draft2020-12", SchemaDraft.Draft202012)]
    [InlineData("draft7", SchemaDraft.Draft7)]
    public void Passes(string folder, SchemaDraft draft)
    {
        JsonSchemaSuiteRun run = new(Folder(), folder, draft);
        run.Run(Excused);
        // A line of its own: the runner may just have written a part of one.
        Console.WriteLine($"{Environment.NewLine}json-schema {folder}: {run.Passed} passed, {run.Failures.Count} failed, {run.Skipped} skipped");
        Assert.True(run.Failures.Count == 0, string.Join(Environment.NewLine, run.Failures));
    }

    private static string Folder()
    {
        string? suites = Environment.GetEnvironmentVariable("SUITES");
        if (suites is null)
        {
            DirectoryInfo? root = new(AppContext.BaseDirectory);
            while (root is not null && !File.Exists(Path.Combine(root.FullName, "Gateway.sln")))
                root = root.Parent;
            suites = Path.Combine(root?.Parent?.FullName ?? "", "shared", "suites");
        }
        string folder = Path.Combine(suites, "json-schema");
        if (!Directory.Exists(folder))
            Assert.Skip("The JSON Schema test suite is not here: set SUITES to the folder that holds json-schema.");
        return folder;
    }
}
