using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Import;
using Xunit;

namespace Gateway.Tests.Unit.Import;

/// <summary>
/// Descriptions of real systems, written by other people's tools. They are not in the repository: <c>./test</c> fetches them, or SPECIFICATIONS names the
/// folder that has them.
/// </summary>
public sealed class LargeSpecificationTests(LargeSpecificationTests.Imports imports) : IClassFixture<LargeSpecificationTests.Imports>
{
    private static readonly string[] Methods = ["get", "head", "post", "put", "patch", "delete"];

    /// <summary>Examples of requests that break the schema beside them in the document itself, with what is wrong.</summary>
    private static readonly Dictionary<string, string[]> WrongRequests = new()
    {
        ["api.github.com.json"] =
        [
            // The text says that null deletes a file; the schema allows objects only.
            "patch /gists/{gist_id} request application/json deleteFile: #/files/hello.py must be an object",
            // Written before 'priority' became a required member.
            "post /orgs/{org}/issue-fields request application/json default: #/options/0 member 'priority' is required",
            // Their options have other members than those of the schema.
            "post /orgs/{org}/projectsV2/{project_number}/fields request application/json single_select_field: #/name is not a known member",
            "post /users/{username}/projectsV2/{project_number}/fields request application/json single_select_field: #/single_select_options/0/name must be a string",
            // A list, where the body is an object.
            "patch /repos/{owner}/{repo}/security-advisories/{ghsa_id} request application/json update_vvrs: # must be an object",
            // Numbers in quotes.
            "put /user/codespaces/secrets/{secret_name}/repositories request application/json default: #/selected_repository_ids/0 must be an integer",
            // A key cut down for the page.
            "post /user/keys request application/json default: #/key must match the pattern ^ssh-(rsa|dss|ed25519) |^ecdsa-sha2-nistp(256|384|521) ",
            "post /user/ssh_signing_keys request application/json default: #/key must match the pattern "
                + "^ssh-(rsa|dss|ed25519) |^ecdsa-sha2-nistp(256|384|521) |^(sk-ssh-ed25519|sk-ecdsa-sha2-nistp256)@openssh.com ",
        ],
        ["blockfrost.yaml"] = [],
        ["directus.json"] = [],
        ["galaxy.json"] = [],
    };

    /// <summary>
    /// How many examples of answers break theirs. An independent validator (python-jsonschema over the document as it is) finds the same ones, but for
    /// one that breaks a format, and one of an answer that has no contract, as it may be no JSON.
    /// </summary>
    private static readonly Dictionary<string, int> WrongAnswers = new() { ["api.github.com.json"] = 181 };

    public static TheoryData<string> Files => [.. WrongRequests.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_whole_specification_becomes_a_valid_workspace(string file)
    {
        var bench = await imports.OfAsync(file);
        var operations = OperationsOf(Root(file)).ToList();

        Assert.Equal(operations.Count(o => Methods.Contains(o.Method)), bench.Read().Count);
        Assert.Equal(operations.Count, bench.Result.Operations);
        Assert.DoesNotContain(bench.Result.Notes, n => n.Kind == NoteKind.LeftOut && n.Place.Contains(' '));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_examples_of_the_document_meet_the_contracts_made_of_it(string file)
    {
        var bench = await imports.OfAsync(file);
        var routes = bench.Read().Values.ToDictionary(r => r.Match, ImportBench.ContractOf);
        var broken = new List<string>();
        foreach (var (method, path, operation, root) in OperationsOf(Root(file)).Where(o => Methods.Contains(o.Method)))
        {
            var contract = routes[$"{method.ToUpperInvariant()} {path}"];
            if (contract.Request is { } request) Check(request, $"{method} {path} request", Follow(root, operation["requestBody"]));
            foreach (var (status, name) in contract.Responses) Check(name, $"{method} {path} {status}", Follow(root, operation["responses"]![status]));

            void Check(string name, string place, JsonNode? holder)
            {
                foreach (var (example, value) in ExamplesOf(root, holder))
                {
                    using var document = JsonDocument.Parse(value.ToJsonString());
                    var errors = bench.Schema(name).Validate(document.RootElement, 1);
                    if (errors.Count > 0) broken.Add($"{place} {example}: {errors[0].InstancePointer} {errors[0].Message}");
                }
            }
        }
        Assert.Equal(WrongRequests[file].Order(StringComparer.Ordinal), broken.Where(b => b.Contains(" request ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(WrongAnswers.GetValueOrDefault(file), broken.Count(b => !b.Contains(" request ", StringComparison.Ordinal)));
    }

    /// <summary>A contract that lets anything pass would be none.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public async Task Each_contract_of_a_request_refuses_something(string file)
    {
        var bench = await imports.OfAsync(file);
        var contracts = bench.Read().Values.Select(ImportBench.ContractOf).SelectMany(c => new[] { c.Path, c.Query, c.Headers, c.Request }).OfType<string>().Distinct();

        Assert.All(contracts, name =>
        {
            var members = (bench.Json(name)["properties"] as JsonObject ?? []).Select(m => new JsonObject { [m.Key] = new JsonArray(new JsonArray()) }.ToJsonString());
            Assert.Contains(members.Concat(["null", "1", "\"\"", "[[[]]]", "{}"]), probe => !bench.Accepts(name, probe));
        });
    }

    /// <summary>Each document is imported once for all tests.</summary>
    public sealed class Imports : IDisposable
    {
        private readonly Dictionary<string, ImportBench> _benches = [];

        internal async Task<ImportBench> OfAsync(string file)
        {
            if (_benches.TryGetValue(file, out var known)) return known;
            var path = Find(file);
            return _benches[file] = await new ImportBench().ImportFileAsync(path);
        }

        public void Dispose()
        {
            foreach (var bench in _benches.Values) bench.Dispose();
        }
    }

    private static string Find(string file)
    {
        var folder = Environment.GetEnvironmentVariable("SPECIFICATIONS") is { Length: > 0 } named ? named : Path.Combine(Repository.Root, "artifacts", "specifications");
        var path = Path.Combine(folder, file);
        Assert.SkipUnless(File.Exists(path), $"{file} is not here; ./test fetches it into artifacts/specifications, or SPECIFICATIONS names its folder");
        return path;
    }

    private static JsonNode Root(string file) => SpecificationReader.Read(Find(file))!;

    private static IEnumerable<(string Method, string Path, JsonNode Operation, JsonNode Root)> OperationsOf(JsonNode root) =>
        from path in root["paths"]!.AsObject()
        from member in path.Value!.AsObject()
        where member.Key is "get" or "head" or "post" or "put" or "patch" or "delete" or "options" or "trace"
        select (member.Key, path.Key, member.Value!, root);

    private static IEnumerable<(string Name, JsonNode Value)> ExamplesOf(JsonNode root, JsonNode? holder)
    {
        foreach (var (type, media) in holder?["content"] as JsonObject ?? [])
        {
            if (!type.Contains("json", StringComparison.Ordinal)) continue;
            if (media!["example"] is { } single) yield return ($"{type}", single);
            foreach (var (name, example) in media["examples"] as JsonObject ?? [])
            {
                if (Follow(root, example)?["value"] is { } value) yield return ($"{type} {name}", value);
            }
        }
    }

    private static JsonNode? Follow(JsonNode root, JsonNode? node)
    {
        while (node?["$ref"]?.ToString() is { } reference && reference.StartsWith("#/", StringComparison.Ordinal))
            node = reference[2..].Split('/').Aggregate((JsonNode?)root, (at, step) => at?[step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)]);
        return node;
    }
}
