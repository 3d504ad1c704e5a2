using Gateway.Configuration;
using Gateway.JsonSchema;
using Gateway.Policies.Contract;
using Gateway.Policies.Transform;

namespace Gateway.Cases;

/// <summary>What mappings need of a workspace, without the rest of it: their files, code tables, contracts and the consumers.</summary>
internal sealed class MappingWorkspace
{
    private readonly LoadedWorkspace _loaded;
    private readonly WorkspaceFiles _files;
    private readonly IReadOnlyDictionary<string, CodeTable> _codes;
    private readonly Dictionary<string, Consumer> _consumers = [];
    private readonly Dictionary<string, SchemaCompilation> _closed = [];

    private MappingWorkspace(LoadedWorkspace loaded)
    {
        (_loaded, _files) = (loaded, loaded.Files);
        var diagnostics = loaded.Diagnostics.ToList();
        var document = loaded.Document ?? new WorkspaceDocument();
        var codes = new CodeReader(document, loaded.Places, diagnostics);
        foreach (var consumer in new PartnerReader(document, loaded, codes, diagnostics).Consumers) _consumers.TryAdd(consumer.Name, consumer);
        _codes = codes.Tables;
        Diagnostics = [.. Diagnostic.Sort(diagnostics)];
        IsRead = loaded.IsRead;
    }

    /// <inheritdoc cref="LoadedWorkspace.IsRead"/>
    public bool IsRead { get; }

    /// <summary>What is wrong with the workspace's documents, as far as they were looked at.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    public IReadOnlyDictionary<string, Consumer> Consumers => _consumers;

    /// <summary>Names of all code tables.</summary>
    public IEnumerable<string> CodeTables => _codes.Keys;

    /// <summary>Names of all mappings.</summary>
    public IEnumerable<string> Mappings => Mapping.Names(_files.Paths);

    /// <summary>Names of all mappings, and of those that cases were written for but that are not there.</summary>
    public IEnumerable<string> CasesAndMappings => Mappings
        .Union(_files.Paths.Where(p => p.StartsWith(Mapping.Folder, StringComparison.Ordinal) && p.EndsWith(MappingCases.Extension, StringComparison.Ordinal))
            .Select(p => p[Mapping.Folder.Length..^MappingCases.Extension.Length]))
        .Order(StringComparer.Ordinal);

    /// <summary>
    /// What is wrong with any contract, any mapping, or any file of cases. Where a document could not be read, it may be the one that declares the
    /// code tables that are missed: of them nothing is told then.
    /// </summary>
    public IEnumerable<Diagnostic> Findings => Contracts.SelectMany(c => Broken(Contract(c)!))
        .Concat(CasesAndMappings.SelectMany(m => MappingCases.Of(m, this)?.Diagnostics ?? Find(m)!.Diagnostics).Where(d => IsRead || !Mapping.IsOfCodes(d)));

    /// <summary>Names of all contracts.</summary>
    public IEnumerable<string> Contracts => _files.Paths
        .Where(p => p.StartsWith(Mapping.Folder, StringComparison.Ordinal) && p.EndsWith(CompiledContract.Extension, StringComparison.Ordinal))
        .Select(CompiledContract.NameOf);

    public static MappingWorkspace Of(LoadedWorkspace loaded) => new(loaded);

    /// <summary>What is wrong with a contract.</summary>
    public static IEnumerable<Diagnostic> Broken(SchemaCompilation contract) => contract.Diagnostics.Select(d =>
        new Diagnostic("GW3002", Severity.Error, new Place(CompiledContract.FileOf(d), d.Line, d.Column), d.Message, d.Cure));

    public ReadOnlyMemory<byte>? File(string path) => _files[path];

    private IEnumerable<string> Below(string prefix) => _files.Paths.Where(p => p.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The mapping of a name, with diagnostics if it can't be run; null when there is none.</summary>
    public Mapping? Find(string name) => _files[Mapping.Path(name)] is { } document
        ? _loaded.Compiled(Mapping.Key(name), () => Mapping.Compile(name, document, new MappingFiles(File, Below), _codes, _loaded.Coverage))
        : null;

    /// <summary>The contract of a name, with diagnostics if it can't be used; null when there is none.</summary>
    public SchemaCompilation? Contract(string name) => _files[CompiledContract.Path(name)] is { } content
        ? _loaded.Compiled(CompiledContract.Key(name), () => new CompiledContract(name, CompiledContract.Compile(name, content, File))).Compilation
        : null;

    /// <summary>The contract of a name that can be used, closed: a document has no members but those that it names.</summary>
    public Schema Closed(string name)
    {
        if (!_closed.TryGetValue(name, out var known)) _closed[name] = known = ClosedContract.Compile(name, _files[CompiledContract.Path(name)]!.Value, File);
        return known.Schema!;
    }
}
