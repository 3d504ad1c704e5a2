using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Cases.Flows;
using Gateway.Cases.Routes;
using Gateway.Configuration;

namespace Gateway.Schemas;

/// <summary>
/// A JSON Schema of one kind of YAML document, for editors; the loader remains the judge. Draft-07, since the language servers of editors
/// read nothing newer.
/// </summary>
/// <param name="Name">Of its file: <c>workspace</c> stands in <c>schemas/workspace.schema.json</c>.</param>
/// <param name="Record">What such a document is bound into.</param>
/// <param name="Description">Which documents these are.</param>
/// <param name="IsFor">Tells such a document by its path from the workspace's root.</param>
internal sealed record DocumentSchema(string Name, Type Record, string Description, Func<string, bool> IsFor)
{
    public const string Folder = "schemas";

    /// <summary>What editors look for in the first line of a YAML document.</summary>
    public const string LineStart = "# yaml-language-server: $schema=";

    /// <summary>Every kind of document; the first that a path is for is the document's. To add one: a line here.</summary>
    public static readonly IReadOnlyList<DocumentSchema> All =
    [
        new("mapping-cases", typeof(MappingCasesDocument), "Cases of a mapping: transforms/FOLDER/NAME.tests.yaml.", p => p.StartsWith("transforms/", StringComparison.Ordinal) && IsCases(p)),
        new("route-cases", typeof(RouteCasesDocument), "Cases of routes: routes/NAME.tests.yaml.", p => p.StartsWith("routes/", StringComparison.Ordinal) && IsCases(p)),
        new("flow-cases", typeof(FlowCasesDocument), "Cases of flows: flows/NAME.tests.yaml.", p => p.StartsWith("flows/", StringComparison.Ordinal) && IsCases(p)),
        new("overlay", typeof(WorkspaceDocument), "An overlay of the workspace for one environment: policies.NAME.yaml.", p => !p.Contains('/') && p != WorkspaceFiles.Entry) { IsOverlay = true },
        new("workspace", typeof(WorkspaceDocument), "The workspace: policies.yaml and the files that it includes.", p => !IsCases(p)),
    ];

    /// <summary>An overlay says only what is different, so nothing must be there, but in the items of lists, which it replaces as a whole.</summary>
    public bool IsOverlay { get; init; }

    public string Path => $"{Folder}/{Name}.schema.json";

    /// <summary>The schema of a YAML document by its path from the workspace's root; null where it has none.</summary>
    public static DocumentSchema? Of(string path) => All.FirstOrDefault(s => s.IsFor(path));

    /// <summary>The first line that binds a document to its schema, which is told from where the document stands.</summary>
    public string LineFor(string path) => LineStart + string.Concat(Enumerable.Repeat("../", path.Count(c => c == '/'))) + Path;

    public JsonObject Write() => new SchemaWriter(IsOverlay).Write(Record, Description);

    private static bool IsCases(string path) => path.EndsWith(MappingCases.Extension, StringComparison.Ordinal);
}
