using System.Text;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Configuration.Yaml;

namespace Gateway.Cases.Routes;

/// <summary>The cases of one file beside the routes.</summary>
internal sealed class RouteCases
{
    private const string Folder = "routes/";

    /// <summary>In real time: a case takes milliseconds, and no wait of the gateway's.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Places _places = new();
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly RouteCasesDocument? _document;
    private readonly LoadedWorkspace _workspace;

    private RouteCases(string path, LoadedWorkspace workspace)
    {
        (Path, _workspace) = (path, workspace);
        var binder = new Binder(_places, _diagnostics);
        binder.Custom[typeof(JsonElement)] = node => YamlJson.Of(node);
        var root = YamlReader.Read(path, Encoding.UTF8.GetString(workspace.Files[path]!.Value.Span), _diagnostics);
        // A file without content says nothing, not even its cases.
        if (root is not null || _diagnostics.Count == 0) _document = binder.Bind<RouteCasesDocument>(root ?? new Node.Map([], new Place(path, 1, 1)));
        if (_document is null) return;
        // What could not be read may be what a case would have asked or expected.
        if (_diagnostics.Count == 0) _diagnostics.AddRange(new CaseShape(_document, _places).Findings(path));
        // Of a broken workspace nobody knows yet which names it declares.
        if (!workspace.HasErrors) _diagnostics.AddRange(new CaseNames(_document, workspace.Document!, _places).Unknown());
    }

    /// <summary>Every file of cases beside the routes of a workspace.</summary>
    public static IReadOnlyList<RouteCases> Of(LoadedWorkspace workspace) =>
    [
        .. workspace.Files.Paths
            .Where(p => p.StartsWith(Folder, StringComparison.Ordinal) && p.EndsWith(MappingCases.Extension, StringComparison.Ordinal))
            .Select(p => new RouteCases(p, workspace)),
    ];

    /// <summary>What is wrong with any file of cases.</summary>
    public static IEnumerable<Diagnostic> Findings(LoadedWorkspace workspace) => Of(workspace).SelectMany(f => f.Diagnostics);

    public string Path { get; }

    /// <summary>What the cases are about, as reports name it: <c>routes/orders</c>.</summary>
    public string Suite => Path[..^MappingCases.Extension.Length];

    /// <summary>Why the cases can't be run.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => [.. Diagnostic.Sort(_diagnostics)];

    /// <summary>Runs every case, some beside each other; the results in the order of the cases. None where there are diagnostics.</summary>
    /// <param name="real">The time outside of the cases.</param>
    /// <exception cref="OperationCanceledException">Cancelled; what ran is left behind.</exception>
    public async Task<IReadOnlyList<CaseResult>> RunAsync(TimeProvider real, CancellationToken cancellation)
    {
        if (_diagnostics.Count > 0) return [];
        var results = new CaseResult[_document!.Cases.Count];
        await Parallel.ForAsync(0, results.Length, cancellation, async (i, token) =>
        {
            var one = _document.Cases[i];
            results[i] = new CaseResult(one.Name, _places.Of(one), await RunAsync(one, real, token));
        });
        return results;
    }

    private async Task<string?> RunAsync(RouteCaseDocument one, TimeProvider real, CancellationToken cancellation)
    {
        var run = Task.Run(() => CaseRun.RunAsync(one, _document!, _workspace), cancellation);
        try
        {
            return await run.WaitAsync(Longest, real, cancellation);
        }
        catch (TimeoutException)
        {
            return $"it did not end within {Longest.TotalSeconds:0} s: the gateway waits for something that never comes, which is an error of the gateway's; please report this case";
        }
    }
}
