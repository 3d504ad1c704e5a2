using System.Globalization;
using System.Text;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Import;

namespace Gateway.Scaffolding;

/// <summary>A workspace that something is added to, and what new things of it can stand on.</summary>
internal sealed class ScaffoldBasis
{
    private readonly LoadedWorkspace _loaded;

    private ScaffoldBasis(LoadedWorkspace loaded) => _loaded = loaded;

    public WorkspaceFiles Files => _loaded.Files;

    public WorkspaceDocument Document => _loaded.Document!;

    /// <exception cref="WorkspaceRefusedException">The workspace has errors already.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static async Task<ScaffoldBasis> ReadAsync(string root)
    {
        var loaded = WorkspaceLoader.Load(WorkspaceFiles.Read(root), new LoadOptions { ResolveSecrets = false });
        var errors = await Scaffold.ErrorsAsync(loaded);
        return errors.Count > 0 ? throw new WorkspaceRefusedException(errors) : new ScaffoldBasis(loaded);
    }

    /// <summary>A name that can stand in headers, addresses and files.</summary>
    public static string Plain(string name) => PlainNames.IsPlain(name)
        ? name
        : throw new ScaffoldRefusedException($"'{YamlText.Line(name, 80)}' is not a plain name; use letters, digits, '.', '_' and '-', at most 64, a letter or digit first");

    /// <summary>Who answers for something new: the owner that was named, or the only one that is declared; anybody where none are.</summary>
    public string Owner(string? named)
    {
        var all = Document.Owners.Keys.ToList();
        if (all.Count == 0) return named ?? "platform";
        return named is not null
            ? all.Contains(named) ? named : throw new ScaffoldRefusedException($"there is no owner '{named}'; {Nearest.Cure(named, all)}")
            : all is [var only] ? only : throw new ScaffoldRefusedException($"name the owner with --owner; known: {string.Join(", ", all)}");
    }

    /// <summary>The backend that requests are forwarded to: the one that was named, or the only one there is.</summary>
    public string Backend(string? named)
    {
        var all = Document.Backends.Where(b => OperationsOf(b.Value).Count == 0).Select(b => b.Key).ToList();
        return named is not null
            ? all.Contains(named) ? named : throw new ScaffoldRefusedException($"there is no backend '{named}' that requests are forwarded to; {Nearest.Cure(named, all)}")
            : all is [var only] ? only : throw new ScaffoldRefusedException($"name the backend with --backend; {(all.Count == 0 ? "the workspace has none that requests are forwarded to" : "known: " + string.Join(", ", all))}");
    }

    /// <summary>An operation, and the backend that has it: the one that was named, or the only one that does.</summary>
    /// <param name="operation">Its name within the adapter: <c>order.create</c>.</param>
    public (string Backend, OperationDescriptor Operation) Operation(string? backend, string operation)
    {
        if (backend is not null && !Document.Backends.ContainsKey(backend)) throw new ScaffoldRefusedException($"there is no backend '{backend}'; {Nearest.Cure(backend, Document.Backends.Keys)}");
        var all = Document.Backends.Where(b => backend is null || b.Key == backend).SelectMany(b => OperationsOf(b.Value), (b, o) => (Backend: b.Key, Operation: o)).ToList();
        var fit = all.Where(o => o.Operation.Name == operation).ToList();
        return fit switch
        {
            [var only] => only,
            [] => throw new ScaffoldRefusedException($"there is no operation '{operation}'{(backend is null ? " of any backend" : $" of {backend}")}; {Nearest.Cure(operation, all.Select(o => o.Operation.Name).Distinct())}"),
            _ => throw new ScaffoldRefusedException($"several backends have {operation}; name one with --backend: {string.Join(", ", fit.Select(o => o.Backend))}"),
        };
    }

    /// <summary>What objects are called that a backend's operations make, where a route does; null where none makes any that a call is about.</summary>
    public string? KindOf(string backend, Subject subject) => Document.Apis.Values.SelectMany(a => a.Routes.Values).Select(r => r.Target)
        .FirstOrDefault(t => t.Creates is not null && (t.Call ?? t.Accept)?.Split('/', 2) is [var of, var name] && of == backend
            && OperationsOf(Document.Backends[backend]).FirstOrDefault(o => o.Name == name)?.Makes is { } made && subject.Kinds.Contains(made))?.Creates;

    /// <summary>The policies of a new route: those that were named, or the only named one that authenticates and the only one that limits.</summary>
    public IReadOnlyList<string> Policies(IReadOnlyList<string> named)
    {
        if (named.FirstOrDefault(n => !Document.Policies.ContainsKey(n)) is { } unknown)
            throw new ScaffoldRefusedException($"policy '{unknown}' is not defined; {Nearest.Cure(unknown, Document.Policies.Keys)}");
        if (named.Count > 0) return named;
        var (callers, limits) = (OfKind("authenticate"), OfKind("rateLimit"));
        return callers.Count == 1
            ? [.. callers, .. limits.Count == 1 ? limits : []]
            : throw new ScaffoldRefusedException($"name the route's policies with --policies; {(callers.Count == 0 ? "no named policy of the workspace authenticates" : "several authenticate: " + string.Join(", ", callers))}");
    }

    /// <summary>The file with an entry behind the last of a mapping.</summary>
    /// <param name="mapping">A mapping of the document, as it was bound.</param>
    /// <param name="what">What the entry is, for a refusal.</param>
    public ScaffoldFile Append<T>(IReadOnlyDictionary<string, T> mapping, string entry, string what)
    {
        var last = mapping.Keys.Select(name => (Name: name, Place: _loaded.Places.Of(mapping, name))).OrderBy(e => e.Place.Line).LastOrDefault();
        if (last.Name is null) throw new ScaffoldRefusedException($"there is no {what} yet that another could be put behind; write the first by hand");
        var text = Encoding.UTF8.GetString(Files[last.Place.File]!.Value.Span).TrimStart('\uFEFF');
        var added = YamlAppend.Behind(text, last.Place.Line, last.Name, entry)
            ?? throw new ScaffoldRefusedException(string.Create(CultureInfo.InvariantCulture, $"{last.Place}: '{last.Name}' does not stand on a line of its own, so nothing can be put behind it; write each {what} on lines of its own"));
        return new ScaffoldFile(last.Place.File, added, Adds: true);
    }

    private static IReadOnlyList<OperationDescriptor> OperationsOf(BackendOptions backend) => Adapters.Adapters.All.First(a => a.Name == backend.Adapter).Operations;

    private List<string> OfKind(string kind) => [.. Document.Policies.Where(p => p.Value.Kind?.Name == kind).Select(p => p.Key)];
}
