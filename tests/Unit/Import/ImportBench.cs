using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Import;
using Gateway.JsonSchema;
using Gateway.Policies.Contract;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Import;

/// <summary>A small workspace that documents are imported into.</summary>
internal sealed class ImportBench : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, Schema> _contracts = [];

    public ImportBench(string policies = "policies: { callers: { authenticate: { apiKey: {} } } }\n") => _folder.Write("policies.yaml", policies);

    public string Root => _folder.Root;

    public ImportResult Result { get; private set; } = null!;

    public string Routes => File.ReadAllText(Path.Combine(Root, Result.RouteFile));

    public IEnumerable<string> Contracts => Directory.EnumerateFiles(Path.Combine(Root, "transforms/canonical")).Select(f => Path.GetFileName(f)[..^".schema.json".Length]).Order(StringComparer.Ordinal);

    public string Write(string path, string content) => _folder.Write(path, content);

    /// <summary>Imports a document, and demands that the workspace is valid afterwards.</summary>
    public async Task<ImportBench> ImportAsync(string document, Func<ImportOptions, ImportOptions>? with = null, string file = "openapi.yaml")
    {
        return await ImportFileAsync(Write("documents/" + file, document), with);
    }

    public async Task<ImportBench> ImportFileAsync(string file, Func<ImportOptions, ImportOptions>? with = null)
    {
        var options = new ImportOptions { File = file, Workspace = Root, Name = "t" };
        Result = OpenApiImport.Run(with?.Invoke(options) ?? options);
        var output = new StringWriter();
        var code = await ValidateCommand.RunAsync(Root, new LoadOptions { ResolveSecrets = false }, output);
        Assert.True(code == 0, output.ToString());
        return this;
    }

    /// <summary>Routes as the gateway reads them.</summary>
    public IReadOnlyDictionary<string, RouteDocument> Read()
    {
        var loaded = _folder.Load();
        Assert.Empty(loaded.Diagnostics);
        return loaded.Document!.Apis[Result.Api].Routes;
    }

    public WorkspaceDocument Document => _folder.Load().Document!;

    public static ContractOptions ContractOf(RouteDocument route) => route.Policies.Select(p => p.Options).OfType<ContractOptions>().SingleOrDefault() ?? new ContractOptions();

    public JsonObject Json(string contract) => (JsonObject)JsonNode.Parse(Bytes(CompiledContract.Path(contract))!.Value.Span)!;

    public Schema Schema(string contract)
    {
        if (_contracts.TryGetValue(contract, out var known)) return known;
        var compilation = CompiledContract.Compile(contract, Bytes(CompiledContract.Path(contract))!.Value, Bytes);
        Assert.Empty(compilation.Diagnostics);
        return _contracts[contract] = compilation.Schema!;
    }

    public bool Accepts(string contract, string json)
    {
        using var document = JsonDocument.Parse(json);
        return Schema(contract).IsValid(document.RootElement);
    }

    public IEnumerable<string> NotesOf(NoteKind kind) => Result.Notes.Where(n => n.Kind == kind).Select(n => $"{n.Place}: {n.Text}");

    public void Dispose() => _folder.Dispose();

    private ReadOnlyMemory<byte>? Bytes(string path)
    {
        var full = Path.Combine(Root, path);
        return File.Exists(full) ? File.ReadAllBytes(full) : null;
    }
}
