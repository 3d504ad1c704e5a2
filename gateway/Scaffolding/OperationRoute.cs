using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Policies.Contract;

namespace Gateway.Scaffolding;

/// <summary>
/// A route that calls an operation, and what it needs beside itself: a scope, contracts of what callers send and get, and mappings to and from the operation's
/// own words, each with a case. What callers say is one number at first, and what they get one id: that is for people to change.
/// </summary>
internal sealed class OperationRoute
{
    private const string Example = "A-1";

    private readonly ScaffoldBasis _basis;
    private readonly string _name;
    private readonly string _match;
    private readonly string _backend;
    private readonly OperationDescriptor _operation;
    private readonly IReadOnlyList<string> _parameters;
    private readonly string? _object;

    /// <param name="match">POST /v1/bookings</param>
    /// <exception cref="ScaffoldRefusedException">The path does not say what the call is about.</exception>
    public OperationRoute(ScaffoldBasis basis, string name, string match, string backend, OperationDescriptor operation)
    {
        (_basis, _name, _match, _backend, _operation) = (basis, name, match, backend, operation);
        _parameters = RoutePath.Parse(match.Split(' ', 2)[^1]).Pattern?.Parameters.Select(p => p.Name).ToList() ?? [];
        _object = ObjectOf();
    }

    /// <summary>Name and match of an API's first route: <c>bookings.create</c>, <c>POST /v1/bookings</c>.</summary>
    public static (string Name, string Match) FirstOf(string api, OperationDescriptor operation)
    {
        var verb = operation.Name[(operation.Name.LastIndexOf('.') + 1)..];
        var one = operation.About is { Or.Count: 0 } ? "/{id}" : "";
        if (operation.Effect == Effect.Reads) return ($"{api}.read", $"GET /v1/{api}{(one.Length == 0 && operation.Needs is [[var need, ..], ..] ? $"/{{{need}}}" : one)}");
        return ($"{api}.{verb}", $"POST /v1/{api}{one}{(one.Length == 0 ? "" : "/" + verb)}");
    }

    /// <param name="policies">Named policies, before its own.</param>
    public string Text(IReadOnlyList<string> policies) => Texts.Route(_name, _match, Target, policies,
        [
            $"authorize: {{ scopes: [{Scope}] }}",
            $"contract: {{ {(HasBody ? $"request: {Contract("request")}, " : Unmet.Count > 0 ? $"query: {Contract("query")}, " : "")}response: {Contract("answer")} }}",
            .. _operation.Effect == Effect.Changes ? ["idempotency: {}"] : (string[])[],
            $"transform: {{ {(MapsRequest ? $"request: {Mapping("to")}, " : "")}response: {Mapping("from")} }}",
        ]);

    /// <summary>All but the file that the route itself stands in.</summary>
    public IEnumerable<ScaffoldFile> Files()
    {
        if (!_basis.Document.Scopes.ContainsKey(Scope)) yield return _basis.Append(_basis.Document.Scopes, $"{Scope}: What {_name} lets its callers do.", "scope");
        if (HasBody) yield return File(Contract("request"), MapsRequest ? Texts.Contract(Title("request"), $"What callers of {_name} send.", "number") : Texts.NoteContract(Title("request"), $"What callers of {_name} may say."));
        else if (Unmet.Count > 0) yield return File(Contract("query"), Schema(Title("query"), $"What is asked of {_name}.", Unmet, Unmet, texts: true));
        if (MapsRequest)
        {
            yield return File(Inside("input"), Schema(Title("input"), $"What {_backend}/{_operation.Name} takes.", _operation.Input.Keys, Given, texts: false));
            yield return new ScaffoldFile($"transforms/{Mapping("to")}.jsonata", Texts.InputMapping(Contract("request"), $"{_backend}/{_operation.Name}", _operation.Input, Given));
            yield return new ScaffoldFile($"transforms/{Mapping("to")}.tests.yaml", Texts.MappingCases(Contract("request"), Inside("input"), Texts.ExampleInput, $"{{ {string.Join(", ", Given.Select(m => $"\"{m}\": \"{Example}\""))} }}"));
        }
        yield return File(Contract("answer"), Texts.Contract(Title("answer"), $"What callers of {_name} get.", "id"));
        yield return File(Inside("record"), Texts.OpenContract(Title("record"), $"What {_backend}/{_operation.Name} answers, in the backend's own words."));
        yield return new ScaffoldFile($"transforms/{Mapping("from")}.jsonata", Texts.AnswerMapping($"{_backend}/{_operation.Name}", Contract("answer"), Id.Expression));
        yield return new ScaffoldFile($"transforms/{Mapping("from")}.tests.yaml", Texts.MappingCases(Inside("record"), Contract("answer"), Id.Record, Texts.ExampleOutput, Id.Given));
    }

    private bool HasBody => _match.Split(' ')[0] is not ("GET" or "HEAD" or "DELETE");

    private bool MapsRequest => HasBody && _operation.Input.Count > 0;

    private string Scope => $"{_name.Split('.')[0]}.{(_operation.Effect == Effect.Reads ? "read" : "write")}";

    private string Target => $"{{ call: {_backend}/{_operation.Name}{(_object is not null ? $", object: \"{_object}\"" : _operation.Makes is { } kind ? $", creates: {kind}" : "")} }}";

    /// <summary>Members of the input without which the call could do nothing, of each choice the first.</summary>
    private List<string> Given => [.. Needs.Select(need => need[0]).Distinct().DefaultIfEmpty(_operation.Input.Keys.FirstOrDefault() ?? "")];

    private List<string> Unmet => [.. Needs.Where(need => !need.Any(_parameters.Contains)).Select(need => need[0])];

    private IEnumerable<IReadOnlyList<string>> Needs => _operation.About is { Or: { Count: > 0 } ways } && _object is null ? _operation.Needs.Append(ways) : _operation.Needs;

    /// <summary>By what callers know it: our id, or else what they have asked by.</summary>
    private (string Expression, string Record, string? Given) Id => _object is not null || _operation.Makes is not null ? ("$id", "{}", $"{{ id: {Example} }}")
        : _parameters.Concat(HasBody ? [] : Unmet).LastOrDefault() is { } parameter ? ($"$params.{parameter}", "{}", $"{{ params: {{ {parameter}: {Example} }} }}")
        : ("$string(id)", $"{{ \"id\": \"{Example}\" }}", null);

    private string? ObjectOf()
    {
        if (_operation.About is not { } subject || (subject.Or.Count > 0 && (_parameters.Count == 0 || subject.Or.Any(_parameters.Contains)))) return null;
        if (_parameters.Count == 0) throw new ScaffoldRefusedException($"{_backend}/{_operation.Name} is about one {subject.Text}, and the path names none; write {_match.Split(' ')[^1].TrimEnd('/')}/{{id}}");
        return $"{_basis.KindOf(_backend, subject) ?? subject.Kinds[0]}/{{{_parameters[^1]}}}";
    }

    private string Title(string what) => string.Concat($"{_name}.{what}".Split('.', '-', '_').Where(part => part.Length > 0).Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    private string Plain => _name.Replace('.', '-');

    private string Contract(string what) => $"{Plain}-{what}@1";

    private string Inside(string what) => $"{_backend}/{Contract(what)}";

    private string Mapping(string way) => $"{_backend}/{Plain}.{way}";

    private static ScaffoldFile File(string contract, string content) => new(CompiledContract.Path(contract), content);

    /// <param name="texts">Its members are texts, as parameters are; else what they are is for people to say.</param>
    private string Schema(string title, string description, IEnumerable<string> members, IReadOnlyList<string> required, bool texts)
    {
        var properties = new JsonObject();
        foreach (var member in members)
        {
            var one = new JsonObject { ["description"] = _operation.Input.GetValueOrDefault(member, "What it is known by.") };
            if (texts) (one["type"], one["minLength"], one["maxLength"]) = ("string", 1, 64);
            properties[member] = one;
        }
        return Texts.Json(new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = title,
            ["description"] = description,
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = new JsonArray([.. required.Select(r => (JsonNode?)r)]),
            ["properties"] = properties,
        });
    }
}
