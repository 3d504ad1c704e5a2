using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Tests.Conformance.Suites;

/// <summary>One case of the JSONata suite: an expression, its input and what must come of it.</summary>
internal sealed record JsonataSuiteCase(string Name, string Expression, JsonElement? Input, JsonElement Definition);

/// <summary>Reads the cases: <c>groups/&lt;group&gt;/*.json</c>, each one case or an array of them, with inputs in <c>datasets</c>.</summary>
internal static class JsonataSuiteCases
{
    public static string? Folder()
    {
        var suites = Environment.GetEnvironmentVariable("SUITES");
        if (suites is null)
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (root is not null && !File.Exists(Path.Combine(root.FullName, "Gateway.sln")))
            {
                root = root.Parent;
            }
            suites = root?.Parent is { } parent ? Path.Combine(parent.FullName, "shared", "suites") : "";
        }
        var folder = Path.Combine(suites, "jsonata");
        return Directory.Exists(folder) ? folder : null;
    }

    public static IEnumerable<JsonataSuiteCase> Read(string folder)
    {
        var datasets = Directory.GetFiles(Path.Combine(folder, "datasets"), "*.json")
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), ReadJson);
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "groups"), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var json = ReadJson(file);
            var cases = json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().ToArray() : [json];
            var name = $"{Path.GetFileName(Path.GetDirectoryName(file))}/{Path.GetFileNameWithoutExtension(file)}";
            for (var i = 0; i < cases.Length; i++)
            {
                yield return Case(cases.Length == 1 ? name : $"{name}#{i}", Path.GetDirectoryName(file)!, cases[i], datasets);
            }
        }
    }

    private static JsonataSuiteCase Case(string name, string folder, JsonElement definition, Dictionary<string, JsonElement> datasets)
    {
        var expression = definition.TryGetProperty("expr-file", out var file)
            ? File.ReadAllText(Path.Combine(folder, file.GetString()!))
            : Text(definition.GetProperty("expr"));
        JsonElement? input = null;
        if (definition.TryGetProperty("data", out var data))
        {
            input = data;
        }
        else if (definition.TryGetProperty("dataset", out var dataset) && dataset.GetString() is { } known)
        {
            input = datasets[known];
        }
        return new JsonataSuiteCase(name, expression, input, definition);
    }

    /// <summary>Some expressions hold half a surrogate pair, which <see cref="JsonElement.GetString"/> refuses to read.</summary>
    private static string Text(JsonElement json) => Regex.Replace(
        json.GetRawText()[1..^1],
        @"\\(?:u([0-9a-fA-F]{4})|(.))",
        match => match.Groups[1].Success
            ? ((char)Convert.ToUInt16(match.Groups[1].Value, 16)).ToString()
            : match.Value[1] switch { 'n' => "\n", 't' => "\t", 'r' => "\r", 'b' => "\b", 'f' => "\f", var c => c.ToString() },
        RegexOptions.Singleline);

    private static JsonElement ReadJson(string file) => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;
}
