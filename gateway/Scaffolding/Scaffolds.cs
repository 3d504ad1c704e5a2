using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Import;
using Gateway.Policies.Contract;

namespace Gateway.Scaffolding;

/// <summary>The files of each thing that <c>new</c> makes.</summary>
internal static class Scaffolds
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A small workspace with one of everything; the operator's token ends half a year from now.</summary>
    public static IReadOnlyList<ScaffoldFile> Workspace(DateTimeOffset now)
    {
        var route = Texts.Route("parcels.read", "GET /v1/parcels/{id}", "{ forward: carrier }", ["callers", "quota"],
            "authorize: { scopes: [parcels.read] }", "contract: { path: parcel-path@1, response: parcel@1 }", "transform: { response: carrier/parcel.from }");
        return
        [
            new ScaffoldFile("policies.yaml", Texts.Policies(now.AddMonths(6))),
            new ScaffoldFile("partners/example.yaml", Texts.Partner("example", "standard", "parcels.read")),
            new ScaffoldFile("routes/parcels.yaml", Texts.Api("parcels", "logistics", route)),
            new ScaffoldFile(CompiledContract.Path("parcel-path@1"), Texts.Contract("ParcelPath", "Which parcel: the parameters of the path.", "id")),
            .. Mapping(null, "carrier/parcel.from"),
            new ScaffoldFile("README.md", Texts.ReadMe),
        ];
    }

    /// <summary>An API with one route: it reads from a backend that is forwarded to, or calls an operation.</summary>
    /// <param name="operation">Its name within the adapter; null to forward.</param>
    public static IReadOnlyList<ScaffoldFile> Api(ScaffoldBasis basis, string name, string? owner, string? backend, string? operation, IReadOnlyList<string> policies)
    {
        if (basis.Document.Apis.ContainsKey(name)) throw new ScaffoldRefusedException($"there is an API '{name}' already");
        return With(basis, backend, operation, policies, called => called is null ? (name + ".read", $"GET /v1/{name}/{{id}}") : OperationRoute.FirstOf(name, called),
            route => new ScaffoldFile($"routes/{name}.yaml", Texts.Api(name, basis.Owner(owner), route)));
    }

    /// <summary>A route behind the last of its API: <c>parcels.list</c> of <c>parcels</c>.</summary>
    /// <param name="operation">Its name within the adapter; null to forward.</param>
    public static IReadOnlyList<ScaffoldFile> Route(ScaffoldBasis basis, string name, string match, string? backend, string? operation, IReadOnlyList<string> policies)
    {
        var api = name.Split('.')[0];
        if (!basis.Document.Apis.TryGetValue(api, out var written))
            throw new ScaffoldRefusedException($"there is no API '{api}'; a route is called API.VERB; {Nearest.Cure(api, basis.Document.Apis.Keys)}");
        if (written.Routes.ContainsKey(name)) throw new ScaffoldRefusedException($"there is a route '{name}' already");
        return With(basis, backend, operation, policies, _ => (name, match), route => basis.Append(written.Routes, route, "route"));
    }

    private static IReadOnlyList<ScaffoldFile> With(
        ScaffoldBasis basis, string? backend, string? operation, IReadOnlyList<string> policies, Func<OperationDescriptor?, (string Name, string Match)> named, Func<string, ScaffoldFile> written)
    {
        var kept = basis.Policies(policies);
        if (operation is null)
        {
            var (name, match) = named(null);
            return [written(Texts.Route(name, match, $"{{ forward: {basis.Backend(backend)} }}", kept))];
        }
        var (behind, called) = basis.Operation(backend, operation);
        var (of, matched) = named(called);
        var route = new OperationRoute(basis, of, matched, behind, called);
        return [written(route.Text(kept)), .. route.Files()];
    }

    /// <summary>A mapping with its cases and the contracts of both sides: <c>.from</c> leads to the canonical model, <c>.to</c> from it.</summary>
    /// <param name="there">The files of the workspace: contracts that are there are used, by their examples.</param>
    public static IReadOnlyList<ScaffoldFile> Mapping(WorkspaceFiles? there, string name)
    {
        if (name.Split('/') is not [var folder, var file] || !PlainNames.IsPlain(folder) || !PlainNames.IsPlain(file) || folder is "canonical" or "codes")
            throw new ScaffoldRefusedException($"'{YamlText.Line(name, 80)}' is not the name of a mapping; write FOLDER/NAME.from or FOLDER/NAME.to, the folder after the backend");
        var what = file.EndsWith(".to", StringComparison.Ordinal) || file.EndsWith(".from", StringComparison.Ordinal) ? file[..file.LastIndexOf('.')] : file;
        var (inside, canonical) = ($"{folder}/{what}@1", what + "@1");
        var (input, output) = file.EndsWith(".to", StringComparison.Ordinal) ? (canonical, inside) : (inside, canonical);
        var (given, made) = (ExampleOf(there, input), ExampleOf(there, output));
        var files = new List<ScaffoldFile>
        {
            new($"transforms/{name}.jsonata", (given ?? made) is null ? Texts.Mapping(input, output) : Texts.ConstantMapping(input, output, Encoding.UTF8.GetString(ReadableJson.Write(JsonNode.Parse(made ?? Texts.ExampleOutput)!)).TrimEnd())),
            new($"transforms/{name}.tests.yaml", Texts.MappingCases(input, output, given ?? Texts.ExampleInput, made ?? Texts.ExampleOutput)),
        };
        if (given is null) files.Add(new ScaffoldFile(PathOf(input), Texts.Contract(what, $"What {name} is given.", "number")));
        if (made is null) files.Add(new ScaffoldFile(PathOf(output), Texts.Contract(what, $"What {name} makes.", "id")));
        return files;
    }

    /// <summary>The first example of a contract that is there, on one line; null for one that is not.</summary>
    private static string? ExampleOf(WorkspaceFiles? there, string contract)
    {
        if (there?[PathOf(contract)] is not { } file) return null;
        using var schema = JsonDocument.Parse(file);
        return schema.RootElement.TryGetProperty("examples", out var examples) && examples is { ValueKind: JsonValueKind.Array } && examples.GetArrayLength() > 0
            ? JsonSerializer.Serialize(examples[0], OneLine)
            : throw new ScaffoldRefusedException($"the contract {contract} shows no document in examples, so there is nothing to try a mapping with; add one");
    }

    /// <summary>A partner with a consumer.</summary>
    public static IReadOnlyList<ScaffoldFile> Partner(ScaffoldBasis basis, string name)
    {
        if (basis.Document.Partners.ContainsKey(name)) throw new ScaffoldRefusedException($"there is a partner '{name}' already");
        return [new ScaffoldFile($"partners/{name}.yaml", Texts.Partner(name, basis.Document.Tiers.Keys.FirstOrDefault()))];
    }

    /// <summary>A consumer behind the last of its partner.</summary>
    public static IReadOnlyList<ScaffoldFile> Consumer(ScaffoldBasis basis, string name, string partner)
    {
        if (!basis.Document.Partners.TryGetValue(partner, out var written))
            throw new ScaffoldRefusedException($"there is no partner '{partner}'; {Nearest.Cure(partner, basis.Document.Partners.Keys)}");
        if (written.Consumers.ContainsKey(name)) throw new ScaffoldRefusedException($"there is a consumer '{name}' already");
        return [basis.Append(written.Consumers, Texts.Consumer(name), "consumer")];
    }

    private static string PathOf(string contract) => contract.Contains('/', StringComparison.Ordinal) ? $"transforms/{contract}.schema.json" : CompiledContract.Path(contract);
}
