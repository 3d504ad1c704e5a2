using System.Globalization;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Configuration.Flows;
using Gateway.Configuration.Yaml;

namespace Gateway.Cases.Flows;

/// <summary>The cases of one file beside the flows.</summary>
internal sealed class FlowCases
{
    private const string Folder = "flows/";

    private readonly Places _places = new();
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly FlowCasesDocument? _document;

    private FlowCases(string path, LoadedWorkspace workspace)
    {
        Path = path;
        var binder = new Binder(_places, _diagnostics);
        binder.Custom[typeof(JsonElement)] = node => YamlJson.Of(node);
        var root = YamlReader.Read(path, workspace.Files[path]!.Value.Span, _diagnostics);
        // A file without content says nothing, not even its cases.
        if (root is not null || _diagnostics.Count == 0) _document = binder.Bind<FlowCasesDocument>(root ?? new Node.Map([], new Place(path, 1, 1)));
        if (_document is null) return;
        // What could not be read may be what a case would have played.
        if (_diagnostics.Count == 0) Check(_document);
        if (!workspace.HasErrors) CheckNames(_document, workspace.Document!);
    }

    /// <summary>Every file of cases beside the flows of a workspace.</summary>
    public static IReadOnlyList<FlowCases> Of(LoadedWorkspace workspace) =>
    [
        .. workspace.Files.Paths
            .Where(p => p.StartsWith(Folder, StringComparison.Ordinal) && p.EndsWith(MappingCases.Extension, StringComparison.Ordinal))
            .Select(p => new FlowCases(p, workspace)),
    ];

    /// <summary>What is wrong with any file of cases.</summary>
    public static IEnumerable<Diagnostic> Findings(LoadedWorkspace workspace) => Of(workspace).SelectMany(f => f.Diagnostics);

    public string Path { get; }

    /// <summary>What the cases are about, as reports name it: <c>flows/order-to-ship</c>.</summary>
    public string Suite => Path[..^MappingCases.Extension.Length];

    /// <summary>Why the cases can't be run.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => [.. Diagnostic.Sort(_diagnostics)];

    /// <summary>Flows that a case plays.</summary>
    public IEnumerable<string> Flows => _document?.Cases.Select(c => c.Flow) ?? [];

    /// <summary>Plays every case; none where there are diagnostics.</summary>
    public IReadOnlyList<CaseResult> Run(Plan plan) => _diagnostics.Count > 0 ? [] : [.. _document!.Cases.Select(c => Run(c, plan))];

    private CaseResult Run(FlowCaseDocument one, Plan plan)
    {
        var place = _places.Of(one);
        if (FlowPlay.Run(one, plan, PartnerOf(one, plan), _document!.At) is not var (act, wrong)) return new CaseResult(one.Name, place, null);
        return act < 0 ? new CaseResult(one.Name, place, wrong) : new CaseResult(one.Name, _places.Of(one.Play, act.ToString(CultureInfo.InvariantCulture)), $"act {act + 1}: {wrong}");
    }

    private static Partner PartnerOf(FlowCaseDocument one, Plan plan) => one.Partner is { } name ? plan.Partner(name)! : Partner.House;

    private void Check(FlowCasesDocument document)
    {
        if (document.Cases.Count == 0) _diagnostics.Add(CaseFinding.OfNoCases(Path));
        foreach (var one in document.Cases)
        {
            if (one.Play.Count == 0) _diagnostics.Add(CaseFinding.Of(_places.Of(one), "nothing happens in this case", "write the event that begins the instance, and what must come of it"));
            foreach (var act in one.Play)
            {
                object?[] what = [act.Event, act.Call, act.Told, act.Alert, act.Figure, act.Passes, act.Agrees, act.Refuses, act.Cancels];
                if (what.Count(w => w is not null) != 1)
                    _diagnostics.Add(CaseFinding.Of(_places.Of(act), "an act is one of event, call, told, alert, figure, passes, agrees, refuses and cancels", "write one of them; several are several acts"));
            }
        }
        _diagnostics.AddRange(CaseFinding.Twice(document.Cases, one => one.Name, one => _places.Of(one, nameof(one.Name))));
    }

    private void CheckNames(FlowCasesDocument document, WorkspaceDocument workspace)
    {
        var partners = workspace.Partners.Where(p => p.Value.Consumers.Count > 0).Select(p => p.Key).ToList();
        foreach (var one in document.Cases)
        {
            if (!workspace.Flows.TryGetValue(one.Flow, out var flow)) Unknown(_places.Of(one, nameof(one.Flow)), "flow", one.Flow, workspace.Flows.Keys);
            if (one.Partner is { } partner && !partners.Contains(partner)) Unknown(_places.Of(one, nameof(one.Partner)), "partner with consumers", partner, partners);
            if (flow is not null) CheckWhose(one, flow.On.For);
        }
    }

    private void CheckWhose(FlowCaseDocument one, FlowFor whose)
    {
        if (whose == FlowFor.House && one.Partner is not null)
            _diagnostics.Add(CaseFinding.Of(_places.Of(one, nameof(one.Partner)), $"'{one.Flow}' is for the house, so its instances are no partner's", "remove partner:"));
        else if (whose == FlowFor.Partner && one.Partner is null)
            _diagnostics.Add(CaseFinding.Of(_places.Of(one), "nothing says whose the instance is", "add partner:"));
    }

    private void Unknown(Place place, string what, string name, IEnumerable<string> known) =>
        _diagnostics.Add(new Diagnostic("GW4014", Severity.Error, place, $"there is no {what} '{name}'", Nearest.Cure(name, known)));
}
