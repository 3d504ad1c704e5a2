using System.Text;
using System.Text.Json;
using Gateway.Configuration.Yaml;
using Gateway.Policies.Contract;
using Gateway.Policies.Transform;

namespace Gateway.Cases;

/// <summary>How a case ended; it passed where nothing is <paramref name="Wrong"/>.</summary>
/// <param name="Place">Of the case in its file.</param>
internal sealed record CaseResult(string Name, Place Place, string? Wrong);

/// <summary>Runs the cases of one mapping, and looks at both sides of each with their contracts.</summary>
internal sealed class MappingCases
{
    /// <summary>How the file of a mapping's cases ends.</summary>
    public const string Extension = ".tests.yaml";

    private readonly MappingWorkspace _workspace;
    private readonly Places _places = new();
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly Mapping? _mapping;
    private readonly MappingCasesDocument? _document;

    private MappingCases(string name, ReadOnlyMemory<byte> file, MappingWorkspace workspace)
    {
        _workspace = workspace;
        var path = Path(name);
        _mapping = workspace.Find(name);
        if (_mapping is null) Error("GW4003", new Place(path, 1, 1), $"there is no mapping '{name}' that these cases are for", $"create {Mapping.Path(name)}, or rename the file");
        else _diagnostics.AddRange(_mapping.Diagnostics);
        _document = Read(path, file);
        if (_document is null) return;
        Prove(_document.Contracts.Input, nameof(SidesDocument.Input));
        Prove(_document.Contracts.Output, nameof(SidesDocument.Output));
        // An entry that says nothing is told already, and is no case.
        if (_document.Cases.Count == 0 && !_diagnostics.Any(d => d.Place.File == path)) _diagnostics.Add(CaseFinding.OfNoCases(path));
        foreach (var one in _document.Cases) Check(one);
        _diagnostics.AddRange(CaseFinding.Twice(_document.Cases, one => one.Name, one => _places.Of(one, nameof(one.Name))));
    }

    /// <summary>Where the cases of a mapping stand.</summary>
    public static string Path(string mapping) => Mapping.Folder + mapping + Extension;

    /// <summary>The cases of a mapping; null where it has none.</summary>
    public static MappingCases? Of(string mapping, MappingWorkspace workspace) =>
        workspace.File(Path(mapping)) is { } file ? new MappingCases(mapping, file, workspace) : null;

    /// <summary>Why the cases can't be run.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => [.. Diagnostic.Sort(_diagnostics)];

    /// <summary>The file as it was read, where it could be.</summary>
    public MappingCasesDocument? Document => _document;

    /// <summary>Every case in its order; none where there are diagnostics.</summary>
    public IEnumerable<CaseResult> Run() =>
        _diagnostics.Count > 0 ? [] : _document!.Cases.Select(c => new CaseResult(c.Name, _places.Of(c), Wrong(c)));

    private string? Wrong(MappingCaseDocument one)
    {
        if (Broken(_document!.Contracts.Input, one.Input) is { } broken) return $"the input breaks {_document.Contracts.Input}: {broken}";
        var (output, error) = _mapping!.Run(one.Input, Facts(one.Given));
        if (one.Error is { } expected) return RefusedWith(expected, output, error);
        if (error is not null) return $"{error.Place}: {error.Message} ({error.Code})";
        if (output is not { } bytes) return "the mapping yields nothing";
        using var mapped = JsonDocument.Parse(bytes);
        if (JsonDifference.Find(one.Output!.Value, mapped.RootElement) is { } difference) return difference;
        return Broken(_document.Contracts.Output, mapped.RootElement) is { } wrong ? $"the output breaks {_document.Contracts.Output}: {wrong}" : null;
    }

    private void Check(MappingCaseDocument one)
    {
        if ((one.Output is null) == (one.Error is null)) _diagnostics.Add(CaseFinding.Of(_places.Of(one), "a case expects either output: or error:", "write what comes out, or a part of the message with which the mapping refuses"));
        if (one.Error is "") _diagnostics.Add(CaseFinding.Of(_places.Of(one, nameof(one.Error)), "error: says nothing, so any refusal would do", "write a part of the message"));
        // Of a broken workspace nobody knows yet which consumers it declares.
        if (one.Given.Consumer is { } name && _workspace.IsRead && !_workspace.Consumers.ContainsKey(name))
            Error("GW4010", _places.Of(one.Given, nameof(one.Given.Consumer)), $"there is no consumer '{name}'", Nearest.Cure(name, _workspace.Consumers.Keys));
    }

    private static string? RefusedWith(string expected, ReadOnlyMemory<byte>? output, MappingError? error)
    {
        if (error is null) return $"an error is expected, not {(output is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : "nothing")}";
        if (!error.IsRefusal) return $"the mapping fails instead of refusing: {error.Place}: {error.Message} ({error.Code})";
        return error.Message.Contains(expected, StringComparison.Ordinal) ? null : $"the error says '{error.Message}' ({error.Code}, {error.Place})";
    }

    /// <summary>What the mapping may read beside the input of a case.</summary>
    public MappingFacts Facts(GivenDocument given) => new(given.Now, given.Route)
    {
        Consumer = given.Consumer is null ? null : _workspace.Consumers[given.Consumer],
        Parameters = JsonSerializer.SerializeToElement(given.Params),
        Accepted = given.Accepted,
        Id = given.Id,
    };

    private string? Broken(string contract, JsonElement document) =>
        _workspace.Closed(contract).Validate(document, 1) is [var first, ..] ? $"{first.InstancePointer}: {first.Message}" : null;

    private void Prove(string contract, string side)
    {
        if (_workspace.Contract(contract) is { } compilation) _diagnostics.AddRange(MappingWorkspace.Broken(compilation));
        else Error("GW3001", _places.Of(_document!.Contracts, side), $"there is no contract '{contract}'", $"create {CompiledContract.Path(contract)}; {Nearest.Cure(contract, _workspace.Contracts)}");
    }

    private MappingCasesDocument? Read(string path, ReadOnlyMemory<byte> file)
    {
        var binder = new Binder(_places, _diagnostics);
        binder.Custom[typeof(JsonElement)] = node => YamlJson.Of(node);
        var root = YamlReader.Read(path, file.Span, _diagnostics);
        if (root is null && _diagnostics.Count > 0) return null;
        // A file without content says nothing, not even its cases.
        return binder.Bind<MappingCasesDocument>(root ?? new Node.Map([], new Place(path, 1, 1)));
    }

    private void Error(string code, Place place, string message, string cure) => _diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
