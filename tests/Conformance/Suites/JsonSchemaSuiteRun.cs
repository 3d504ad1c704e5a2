using System.Text;
using System.Text.Json;
using Gateway.JsonSchema;

namespace Gateway.Tests.Conformance.Suites;

/// <summary>Runs the official JSON Schema test suite of one draft from its folder.</summary>
internal sealed class JsonSchemaSuiteRun(string suiteFolder, string draftFolder, SchemaDraft draft)
{
    private const string RemoteRoot = "http://localhost:1234/";

    public int Passed { get; private set; }

    public int Skipped { get; private set; }

    public List<string> Failures { get; } = [];

    /// <summary>
    /// Runs everything except the cases named in <paramref name="excused"/> (<c>file: group: test</c>, with the reason).
    /// </summary>
    public void Run(IReadOnlyDictionary<string, string> excused)
    {
        string folder = Path.Combine(suiteFolder, "tests", draftFolder);
        foreach (string file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(folder, file).Replace('\\', '/');
            using JsonDocument groups = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (JsonElement group in groups.RootElement.EnumerateArray())
                RunGroup(name, group, excused);
        }
    }

    private void RunGroup(string file, JsonElement group, IReadOnlyDictionary<string, string> excused)
    {
        string title = $"{file}: {group.GetProperty("description").GetString()}";
        SchemaCompilation compilation = Schema.Compile(Encoding.UTF8.GetBytes(group.GetProperty("schema").GetRawText()), new SchemaOptions
        {
            DefaultDraft = draft,
            Resolver = Resolve,
            AssertFormats = file.StartsWith("optional/", StringComparison.Ordinal),
            AssertContent = file == "optional/content.json",
        });
        foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
        {
            string name = $"{title}: {test.GetProperty("description").GetString()}";
            if (excused.ContainsKey(name))
                Skipped++;
            else if (compilation.Schema is not { } schema)
                Failures.Add($"{name}: {string.Join("; ", compilation.Diagnostics)}");
            else
                RunTest(name, schema, test.GetProperty("data"), test.GetProperty("valid").GetBoolean());
        }
    }

    private void RunTest(string name, Schema schema, JsonElement data, bool expected)
    {
        bool flag = schema.IsValid(data);
        IReadOnlyList<SchemaError> errors = schema.Validate(data);
        if (flag != expected)
            Failures.Add($"{name}: expected {expected}, was {flag}");
        else if (errors.Count == 0 != expected)
            Failures.Add($"{name}: flag mode says {flag}, list mode has {errors.Count} errors");
        else
            Passed++;
    }

    private ReadOnlyMemory<byte>? Resolve(Uri uri)
    {
        if (!uri.OriginalString.StartsWith(RemoteRoot, StringComparison.Ordinal))
            return null;
        string path = Path.Combine(suiteFolder, "remotes", uri.OriginalString[RemoteRoot.Length..]);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }
}
