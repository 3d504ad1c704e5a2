using System.Text;
using System.Text.Json;
using Gateway.Jsonata;

namespace Gateway.Policies.Transform;

/// <summary>A mapping as it runs: a compiled JSONata document that sees the exchange's facts, read-only.</summary>
public sealed class Mapping
{
    /// <summary>Where mappings stand in a workspace.</summary>
    public const string Folder = "transforms/";

    /// <summary>How the file of a mapping ends.</summary>
    public const string Extension = ".jsonata";

    /// <summary>Enough for the longest documents that the canonical contracts allow; a loop without end is found within a second.</summary>
    private const int MaxSteps = 5_000_000;

    /// <summary>What a mapping may read beside its input: who calls, for whom, where, with what, and what was accepted.</summary>
    private static readonly string[] Variables = ["consumer", "partner", "route", "params", "accepted", "id"];

    private readonly MappingSource? _source;
    private readonly JsonataExpression? _expression;

    private Mapping(string name, MappingSource source, JsonataCompilation compilation)
    {
        Name = name;
        _source = source;
        _expression = compilation.Expression;
        Diagnostics =
        [
            .. compilation.Diagnostics.Select(d => new Diagnostic("GW4002", Severity.Error, source.Locate(d.Line, d.Column), $"{d.Message} ({d.Code})", d.Cure)),
        ];
    }

    /// <summary>JSONata takes an empty text for one that yields nothing.</summary>
    private Mapping(string name)
    {
        Name = name;
        Diagnostics = [new Diagnostic("GW4002", Severity.Error, new Place(Path(name), 1, 1), "the mapping is empty", "write what it yields, or remove the file")];
    }

    public string Name { get; }

    /// <summary>What is wrong with it; then it can't be run.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>The mapping of a name, compiled once a workspace; null when something was reported.</summary>
    public static Mapping? Find(string name, Place place, PolicyScope scope)
    {
        var path = Path(name);
        if (MappingSource.IsFunctions(path) || scope.File(path) is not { } file)
        {
            scope.Error("GW4001", place, $"there is no mapping '{name}'", $"create {path}; {Nearest.Cure(name, Names(scope.Files(Folder)))}");
            return null;
        }
        var mapping = scope.Compiled(Key(name), () => Compile(name, file, new MappingFiles(scope.File, scope.Files), scope.Codes, scope.Coverage));
        foreach (var found in mapping.Diagnostics) scope.Report(found);
        return mapping.Diagnostics.Count == 0 ? mapping : null;
    }

    /// <summary>Under which a workspace keeps the compiled mapping of a name.</summary>
    public static string Key(string name) => "mapping/" + name;

    /// <summary>Whether it is told of a mapping that it looks up a code in a table that is not there.</summary>
    public static bool IsOfCodes(Diagnostic found) => found.Code == "GW4002" && found.Message.EndsWith("(S0603)", StringComparison.Ordinal);

    /// <summary>Where in a workspace the mapping of a name stands.</summary>
    public static string Path(string name) => Folder + name + Extension;

    /// <summary>Whether a file holds functions that the mapping of a name may use.</summary>
    public static bool ReadsFunctionsOf(string name, string path) =>
        MappingSource.IsFunctions(path) && path[..path.LastIndexOf('/')] == Path(name)[..Path(name).LastIndexOf('/')];

    /// <summary>Whether two states of a file of mappings or functions differ in blanks and comments at most.</summary>
    public static bool SaysTheSame(string path, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        // Functions are bindings, and an expression only within parentheses.
        var (open, close) = MappingSource.IsFunctions(path) ? ("(", "\n)") : ("", "");
        return JsonataExpression.SaysTheSame(open + Encoding.UTF8.GetString(before.Span) + close, open + Encoding.UTF8.GetString(after.Span) + close);
    }

    /// <summary>The names of the mappings among the files of a workspace.</summary>
    public static IEnumerable<string> Names(IEnumerable<string> paths) => paths
        .Where(p => p.StartsWith(Folder, StringComparison.Ordinal) && p.EndsWith(Extension, StringComparison.Ordinal) && !MappingSource.IsFunctions(p))
        .Select(p => p[Folder.Length..^Extension.Length]);

    /// <summary>The mapping that a file holds.</summary>
    /// <param name="files">Where the functions of the mapping's folder are found.</param>
    /// <param name="codes">Everybody's code tables by name.</param>
    /// <param name="coverage">Notes which of its lines are reached; null notes nothing.</param>
    public static Mapping Compile(string name, ReadOnlyMemory<byte> document, MappingFiles files, IReadOnlyDictionary<string, CodeTable> codes, Coverage? coverage = null)
    {
        if (document.Span.Trim(" \t\r\n"u8).IsEmpty) return new Mapping(name);
        var source = MappingSource.Read(Path(name), document, files);
        return new Mapping(name, source, JsonataExpression.Compile(source.Text, new JsonataOptions
        {
            Variables = Variables,
            MaxSteps = MaxSteps,
            Functions = new Dictionary<string, JsonataFunction> { [LookupCode.Name] = LookupCode.In(codes), ["toLocal"] = LocalTime.ToLocal, ["toUtc"] = LocalTime.ToUtc },
            Watch = coverage is null ? null : (line, column) => coverage.Of(CoveredKind.MappingLine, name, source.Locate(line, column) with { Column = 1 }),
        }));
    }

    /// <summary>The mapped document; or the error; neither when the mapping yields nothing.</summary>
    public (ReadOnlyMemory<byte>? Output, MappingError? Error) Run(JsonElement input, Exchange exchange)
    {
        using var parameters = JsonDocument.Parse(Parameters.Of(exchange));
        // What an object was made of, unless this request makes or replaces it.
        var takesOver = exchange is { Body: not null, Route.Target: not PlanTarget.Call { Creates: null, Replaces: false } };
        using var accepted = exchange.Object is { } known && !takesOver ? JsonDocument.Parse(known.Canonical) : null;
        return Run(input, new MappingFacts(exchange.StartedAt, exchange.Route.Name)
        {
            Consumer = exchange.Consumer,
            Parameters = parameters.RootElement,
            Accepted = accepted?.RootElement ?? exchange.Body?.Json,
            Id = exchange.Object?.Id ?? exchange.Intent?.ObjectId,
        });
    }

    /// <inheritdoc cref="Run(JsonElement, Exchange)"/>
    public (ReadOnlyMemory<byte>? Output, MappingError? Error) Run(JsonElement input, MappingFacts facts)
    {
        var bindings = new JsonataBindings(facts.Now) { Host = facts.Partner ?? facts.Consumer?.Partner };
        bindings.Set("route", facts.Route);
        if (facts.Parameters is { } parameters) bindings.Set("params", parameters);
        if (facts.Consumer is { } consumer) bindings.Set("consumer", consumer.Name);
        if (bindings.Host is Partner partner) bindings.Set("partner", Facts.Of(partner));
        if (facts.Accepted is { } accepted) bindings.Set("accepted", accepted);
        if (facts.Id is { } id) bindings.Set("id", id);
        var output = MappingOutput.Take();
        var outcome = _expression!.Evaluate(input, bindings, output.Writer);
        // Typed, or a missing array would be taken for an empty document.
        var mapped = outcome.HasValue ? (ReadOnlyMemory<byte>?)output.ToBytes() : null;
        output.GiveBack();
        return (mapped, outcome.Error is { } error ? new MappingError(error.Code, _source!.Locate(error.Line, error.Column), error.Message) : null);
    }
}

/// <summary>What a mapping may read beside its input.</summary>
/// <param name="Now">What <c>$now()</c> answers.</param>
/// <param name="Route"><c>$route</c>.</param>
public readonly record struct MappingFacts(DateTimeOffset Now, string Route)
{
    /// <summary><c>$consumer</c>, and its partner's facts as <c>$partner</c>.</summary>
    public Consumer? Consumer { get; init; }

    /// <summary>Who it is for, where no consumer is known.</summary>
    public Partner? Partner { get; init; }

    /// <summary><c>$params</c>: one object of strings.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary><c>$accepted</c>: the canonical request that the answer belongs to.</summary>
    public JsonElement? Accepted { get; init; }

    /// <summary><c>$id</c>: the gateway's id of the object.</summary>
    public string? Id { get; init; }
}

/// <summary>Why a mapping failed.</summary>
/// <param name="Code">JSONata's code, or one of <see cref="LookupCode"/>'s.</param>
/// <param name="Place">In the mapping, or in the functions of its folder.</param>
public sealed record MappingError(string Code, Place Place, string Message)
{
    /// <summary>Whether the data are at fault: <c>$error</c>, <c>$assert</c>, or a code that no table has. Any other error is the mapping's.</summary>
    public bool IsRefusal => Code is "D3137" or "D3141" or LookupCode.Unmapped;
}
