using System.IO.Enumeration;
using System.Text;
using Gateway.Configuration;
using Gateway.Policies.Contract;

namespace Gateway.Import;

/// <summary>What came of an import.</summary>
/// <param name="Operations">Operations in the document.</param>
/// <param name="Routes">Routes that were written; the others have a note.</param>
public sealed record ImportResult(string Api, string RouteFile, int Operations, int Routes, int Contracts, IReadOnlyList<Note> Notes);

/// <summary>Makes routes and contracts of a workspace from an OpenAPI document. Opens no connection.</summary>
public sealed class OpenApiImport
{
    private const int LongestName = 24;
    private const int LongestDescription = 200;
    private const int ListedFiles = 10;

    private readonly ImportOptions _options;
    private readonly Specification _specification;
    private readonly LoadedWorkspace _workspace;
    private readonly WorkspaceDocument _document;
    private readonly Notes _notes = new();
    private readonly string _api;
    private readonly string _file;

    private OpenApiImport(ImportOptions options)
    {
        _options = options;
        _workspace = Load(options.Workspace);
        _document = _workspace.Document ?? throw new ImportRefusedException($"the workspace can't be read: {_workspace.Diagnostics.FirstOrDefault()}");
        _specification = Specification.Read(options.File);
        _api = options.Name ?? NameOf(_specification, options.File);
        if (!PlainNames.IsPlain(_api) || _api.Length > LongestName)
            throw new ImportRefusedException($"'{YamlText.Line(_api, 80)}' is not a plain name of at most {LongestName} characters; choose one with --name: letters, digits, '.', '_' and '-', a letter or digit first");
        if (options.Backend is { } backend && !PlainNames.IsPlain(backend)) throw new ImportRefusedException($"'{YamlText.Line(backend, 80)}' is not a plain name for a backend");
        if (options.Prefix.Length > 0 && (options.Prefix[0] != '/' || options.Prefix[^1] == '/' || RoutePath.Parse(options.Prefix).Pattern is not { Parameters.Count: 0 }))
            throw new ImportRefusedException($"'{YamlText.Line(options.Prefix, 80)}' is not a prefix of paths; write it like /v1");
        _file = $"routes/{_api}.yaml";
    }

    /// <summary>Reads, converts, compiles, writes.</summary>
    /// <exception cref="ImportRefusedException">Nothing was written; the message says why.</exception>
    /// <exception cref="IOException">A file can't be written.</exception>
    public static ImportResult Run(ImportOptions options) => new OpenApiImport(options).Run();

    private ImportResult Run()
    {
        CheckApi();
        foreach (var (place, message) in SpecificationReader.Judge(_specification.Root.Node!)) _notes.Add(NoteKind.Document, place, message);
        if (!_specification.IsVersion30 && !_specification.Version.StartsWith("3.1", StringComparison.Ordinal))
            _notes.Add(NoteKind.Document, "openapi", $"version {_specification.Version} is read as 3.1; what is new in it is not looked at");
        var contracts = new Contracts(_specification, _api, _notes);
        var operations = new Operations(_specification, contracts, _notes, _options, _api, TakenNames());
        var routes = operations.Read();
        contracts.Complete();
        new Enforcement(contracts, _notes).Apply(routes.SelectMany(r => r.Contracts));

        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { [_file] = Encoding.UTF8.GetBytes(RouteText(routes)) };
        foreach (var name in contracts.Schemas.Keys) files[CompiledContract.Path(name)] = contracts.Write(name).ToArray();
        Write(files);
        return new ImportResult(_api, _file, operations.Count, routes.Count, contracts.Schemas.Count, _notes.All);
    }

    private static LoadedWorkspace Load(string workspace)
    {
        try
        {
            return WorkspaceLoader.Load(WorkspaceFiles.Read(workspace), new LoadOptions { ResolveSecrets = false });
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new ImportRefusedException(cause.Message);
        }
    }

    /// <summary>An API of this name in another file would make both of them wrong.</summary>
    private void CheckApi()
    {
        if (_document.Apis.ContainsKey(_api) && _workspace.Places.Of(_document.Apis, _api).File is var other && other != _file)
            throw new ImportRefusedException($"the workspace has an API '{_api}' in {other} already; choose another with --name");
        if (!_document.Include.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, _file, ignoreCase: false)))
            _notes.Add(NoteKind.Workspace, WorkspaceFiles.Entry, $"include: does not cover {_file}; add it there");
    }

    private IEnumerable<string> TakenNames() => _document.Apis.Where(a => a.Key != _api).SelectMany(a => a.Value.Routes.Keys);

    private string RouteText(IReadOnlyList<RouteDraft> routes)
    {
        var target = _options.Backend ?? _api;
        // A backend that an earlier import wrote into the same file is written again with it.
        var isKnown = _document.Backends.ContainsKey(target) && _workspace.Places.Of(_document.Backends, target).File != _file;
        var backend = isKnown ? null : BackendDraft.Of(_specification, target, _notes);
        var info = _specification.Root["info"];
        var description = (info.Text("summary") ?? info.Text("description") ?? info.Text("title") ?? "").Split("\n\n")[0];
        var title = $"{info.Text("title")} {info.Text("version")} (OpenAPI {_specification.Version}), from {Path.GetFileName(_options.File)}";
        return RouteFile.Write(title, _api, _options.Owner, YamlText.Line(description, LongestDescription), backend, target, Policies(), _options.Report, routes);
    }

    private IReadOnlyList<string> Policies()
    {
        if (_options.Policies is { } chosen) return chosen;
        var authenticating = _document.Policies.Where(p => p.Value.Kind?.Name == "authenticate").Select(p => p.Key).ToList();
        if (authenticating.Count == 1) return authenticating;
        _notes.Add(NoteKind.Workspace, _file, authenticating.Count == 0
            ? "nobody is asked who calls: the workspace has no named policy that authenticates; declare one and import with --policies"
            : $"nobody is asked who calls: several policies authenticate ({string.Join(", ", authenticating)}); import with --policies");
        return [];
    }

    private void Write(IReadOnlyDictionary<string, byte[]> files)
    {
        var root = Path.GetFullPath(_options.Workspace);
        var there = files.Keys.Where(f => File.Exists(Path.Combine(root, f))).ToList();
        if (there.Count > 0 && !_options.Force)
        {
            var more = there.Count > ListedFiles ? $"\n  and {there.Count - ListedFiles} more" : "";
            throw new ImportRefusedException($"these files are there already; --force overwrites them:\n  {string.Join("\n  ", there.Take(ListedFiles))}{more}");
        }
        // Contracts first: a gateway that follows the workspace must not see a route before what it names.
        foreach (var (path, content) in files.OrderBy(f => f.Key == _file))
        {
            var full = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllBytes(full, content);
        }
        var left = _workspace.Files.Paths.Count(p => p.StartsWith($"{CompiledContract.Folder}{_api}.", StringComparison.Ordinal) && !files.ContainsKey(p));
        if (left > 0) _notes.Add(NoteKind.Workspace, CompiledContract.Folder, $"{left} contracts {_api}.* are from before and used by none of these routes; delete them");
    }

    /// <summary>After the document's title, cut between words; else after its file.</summary>
    private static string NameOf(Specification specification, string file)
    {
        var title = specification.Root["info"].Text("title") ?? "";
        var words = (PlainNames.Of(title) is { Length: > 0 } plain ? plain : PlainNames.Of(Path.GetFileNameWithoutExtension(file))).ToLowerInvariant();
        if (words.Length <= LongestName) return words.Length > 0 ? words : "api";
        var cut = words.LastIndexOf('-', LongestName);
        return words[..(cut > 0 ? cut : LongestName)];
    }
}
