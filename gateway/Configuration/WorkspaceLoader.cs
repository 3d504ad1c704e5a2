using System.IO.Enumeration;
using Gateway.Configuration.Yaml;
using Gateway.Policies;

namespace Gateway.Configuration;

/// <summary>How a workspace is read: the overlay's name, the variables, and whether secrets must be there.</summary>
public sealed record LoadOptions
{
    /// <summary>Name of the overlay <c>policies.NAME.yaml</c>; empty for none.</summary>
    public string Environment { get; init; } = "";

    /// <summary>Looked up before the process's environment.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>False for validate: it proves a workspace where no secret is at hand.</summary>
    public bool ResolveSecrets { get; init; } = true;

    /// <summary>By which secrets in files are looked at again.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>From files to one document with all that was found; never throws for what stands in a file.</summary>
public sealed class WorkspaceLoader
{
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly Places _places = new();
    private readonly WorkspaceFiles _files;
    private readonly LoadOptions _options;
    private readonly References _references;
    private readonly Binder _binder;

    private WorkspaceLoader(WorkspaceFiles files, LoadOptions options)
    {
        _files = files;
        _options = options;
        _references = new References(Variable, options.Environment, options.ResolveSecrets, options.Clock, _diagnostics);
        _binder = new Binder(_places, _diagnostics);
        _binder.Custom[typeof(Secret)] = _references.Secret;
        _binder.Custom[typeof(Material)] = new Materials(Variable, files, options, _diagnostics).Of;
        _binder.Custom[typeof(PolicyDocument)] = BindPolicy;
        _binder.Custom[typeof(BackendOptions)] = BindBackend;
        _binder.Custom[typeof(CodePairs)] = BindPairs;
    }

    public static LoadedWorkspace Load(WorkspaceFiles files, LoadOptions options) => new WorkspaceLoader(files, options).Load();

    private LoadedWorkspace Load()
    {
        TellUnread();
        var root = Read(WorkspaceFiles.Entry);
        if (root is not null)
        {
            var parts = Included(root).Distinct().ToList();
            TellLeftOut(parts);
            root = Fragments.Add(root, parts.Select(ReadPart), _diagnostics);
            if (_options.Environment.Length > 0) root = LayOver(root);
        }
        else
        {
            // What it includes is not known; mistakes of those that it would by itself need not wait for it.
            foreach (var path in Parts.Where(p => WorkspaceDocument.DefaultInclude.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, p, ignoreCase: false)))) ReadPart(path);
        }
        var document = root is null ? null : _binder.Bind<WorkspaceDocument>(_references.Expand(root));
        return new LoadedWorkspace(_files, document, _places, [.. Diagnostic.Sort(_diagnostics)], _options.Environment);
    }

    /// <summary>Mostly a slip of the name: what is meant to be read would just be missing.</summary>
    private void TellUnread()
    {
        foreach (var (path, why, cure) in _files.Unread)
            _diagnostics.Add(new Diagnostic("GW1016", Severity.Warning, new Place(path, 0, 0), why, cure));
    }

    private Node.Map LayOver(Node.Map root)
    {
        if (!Binder.IsPlain(_options.Environment))
        {
            Error("GW1008", new Place(WorkspaceFiles.Entry, 0, 0), $"'{_options.Environment}' is not the name of an environment", "use letters, digits, '.', '_' and '-', at most 64, a letter or digit first");
            return root;
        }
        var file = $"policies.{_options.Environment}.yaml";
        if (_files[file] is null)
        {
            Error("GW1008", new Place(file, 0, 0), $"there is no overlay for the environment '{_options.Environment}'", $"create {file}, or name another environment");
            return root;
        }
        return (Node.Map)Fragments.Overlay(root, ReadPart(file));
    }

    /// <summary>Files that may hold sections: documents in folders, but no cases.</summary>
    private IEnumerable<string> Parts => _files.Paths.Where(p => p.Contains('/') && p.EndsWith(".yaml", StringComparison.Ordinal) && !p.EndsWith(".tests.yaml", StringComparison.Ordinal));

    /// <summary>Whoever writes a document beside others expects it to be read as they are. A pattern that matches nothing is the reason itself.</summary>
    private void TellLeftOut(IReadOnlyCollection<string> included)
    {
        if (_diagnostics.Any(d => d.Code == "GW1009")) return;
        foreach (var path in Parts.Except(included))
            _diagnostics.Add(new Diagnostic("GW1017", Severity.Warning, new Place(path, 0, 0), "this document is read by nothing", "add it to include:, or remove it"));
    }

    private IEnumerable<string> Included(Node.Map root)
    {
        var patterns = root["include"] is Node.List list
            ? list.Items.OfType<Node.Scalar>().Select(s => (s.Text, s.Place)).ToList()
            : [.. WorkspaceDocument.DefaultInclude.Select(p => (p, Place.None))];
        foreach (var (pattern, place) in patterns)
        {
            var found = Parts.Where(p => FileSystemName.MatchesSimpleExpression(pattern, p, ignoreCase: false)).ToList();
            if (found.Count == 0 && place != Place.None)
                Error("GW1009", place, IsInRoom(pattern) ? $"no file matches '{pattern}'" : $"'{pattern}' is outside of the folders that are read", "included files stand in partners/, routes/, transforms/, events/ or flows/");
            foreach (var path in found) yield return path;
        }
    }

    private static bool IsInRoom(string pattern) => WorkspaceFiles.Rooms.Any(room => FileSystemName.MatchesSimpleExpression(pattern.Split('/')[0], room, ignoreCase: false));

    /// <summary>An included file or an overlay: sections, but not what the workspace consists of.</summary>
    private Node.Map ReadPart(string file)
    {
        if (Read(file) is not { } part) return new Node.Map([], new Place(file, 1, 1));
        if (part.Members.FirstOrDefault(m => m.Name == "include") is not { } include) return part;
        Error("GW1010", include.Place, "include: has no meaning here", $"move it to {WorkspaceFiles.Entry}");
        return part with { Members = [.. part.Members.Where(m => m != include)] };
    }

    /// <summary>A file's sections; one without content defines nothing, as an empty file does. Null where the file can't be read.</summary>
    private Node.Map? Read(string file)
    {
        var before = _diagnostics.Count;
        var root = YamlReader.Read(file, _files[file]!.Value.Span, _diagnostics);
        if (root is null) return _diagnostics.Count == before ? new Node.Map([], new Place(file, 1, 1)) : null;
        if (root is Node.Map map) return map with { Members = [.. map.Members.Where(m => m.Value is not Node.Scalar { IsNull: true })] };
        Error("GW1011", root.Place, $"a mapping of sections is expected, not {root.Kind}", "begin with a section: apis:, partners:, policies: …");
        return null;
    }

    private PolicyDocument? BindPolicy(Node node)
    {
        if (node is Node.Scalar { IsNull: false } name) return new PolicyDocument(name.Text, null, null, name.Place);
        if (node is Node.Map { Members: [var first, var second, ..] })
        {
            // An overlay may have added it.
            Error("GW5001", second.Place, $"'{second.Name}' would be a second kind of one policy, beside '{first.Name}'", "make each a policy of its own");
            return null;
        }
        if (node is not Node.Map { Members: [var use] })
        {
            Error("GW5001", node.Place, "a policy is a name, or one kind with its options", $"kinds: {string.Join(", ", PolicyKinds.All.Select(k => k.Name))}");
            return null;
        }
        if (PolicyKinds.All.FirstOrDefault(k => k.Name == use.Name) is not { } kind)
        {
            Error("GW5002", use.Place, $"there is no policy kind '{use.Name}'", Nearest.Cure(use.Name, PolicyKinds.All.Select(k => k.Name)));
            return null;
        }
        return _binder.Bind(use.Value, kind.OptionsType) is { } options ? new PolicyDocument(null, kind, options, use.Place) : null;
    }

    private object? BindBackend(Node node)
    {
        if (node is not Node.Map map || map["adapter"] is not Node.Scalar name)
        {
            Error("GW6001", node.Place, "a backend names its adapter", $"add adapter: {Adapters.Adapters.All[0].Name}");
            return null;
        }
        if (Adapters.Adapters.All.FirstOrDefault(a => a.Name == name.Text) is { } adapter) return _binder.Bind(node, adapter.OptionsType);
        Error("GW6002", name.Place, $"there is no adapter '{name.Text}'", Nearest.Cure(name.Text, Adapters.Adapters.All.Select(a => a.Name)));
        return null;
    }

    private CodePairs? BindPairs(Node node)
    {
        if (node is not Node.Map map)
        {
            Error("GW1011", node.Place, $"a mapping of codes is expected, not {node.Kind}", "write value: code, one a line");
            return null;
        }
        foreach (var member in map.Members.Where(m => m.Value is not Node.Scalar { IsNull: false }))
            Error("GW1011", member.Value.Place, $"a code is expected for '{member.Name}'", "write value: code");
        return new CodePairs([.. map.Members.Where(m => m.Value is Node.Scalar).Select(m => new CodePair(m.Name, ((Node.Scalar)m.Value).Text, m.Place))]);
    }

    private string? Variable(string name) =>
        _options.Variables.TryGetValue(name, out var value) ? value : Environment.GetEnvironmentVariable(name);

    private void Error(string code, Place place, string message, string cure) =>
        _diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
