using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Import;

namespace Gateway.Scaffolding;

/// <summary>What new things of a workspace look like: complete, valid, and short enough to be read before they are changed.</summary>
internal static class Texts
{
    public static string Api(string name, string owner, string route) => $$"""
        apis:
          {{name}}:
            owner: {{YamlText.Value(owner)}}
            contact: {{YamlText.Value(owner + "@example.com")}}
            description: What {{name}} are, for partners.
            dataClass: confidential
            flow: { criticality: medium, latencyTolerance: 10s, volume: 1000, recovery: retry }
            slo: { availability: 99.5, latency: 1s }
            lifecycle: published
            routes:
        {{Indented(route, 6)}}

        """;

    /// <param name="target">As in YAML: <c>{ forward: carrier }</c>.</param>
    /// <param name="more">Further policies, in place.</param>
    public static string Route(string name, string match, string target, IReadOnlyList<string> policies, params string[] more) => $$"""
        {{name}}:
          match: {{YamlText.Value(match)}}
          summary: What a call of {{name}} does, in one sentence.
          policies:
        {{string.Join('\n', policies.Concat(more).Select(p => "    - " + p))}}
          target: {{target}}

        """;

    /// <param name="scopes">What its consumer may do.</param>
    public static string Partner(string name, string? tier, params string[] scopes) => $$"""
        partners:
          {{name}}:
            name: {{name}}
        {{(tier is null ? "" : $"    tier: {tier}\n")}}    consumers:
        {{Indented(Consumer(name + "-shop", scopes), 6)}}

        """;

    /// <param name="scopes">What it may do; without any, only what routes let every consumer do.</param>
    public static string Consumer(string name, params string[] scopes) => $$"""
        {{name}}:
          keys: [{ secret: secret://env/{{VariableOf(name)}}_KEY }]
        {{(scopes.Length == 0 ? "" : $"  scopes: [{string.Join(", ", scopes)}]\n")}}
        """;

    /// <summary>A mapping from a document with an id to one with an id.</summary>
    public static string Mapping(string input, string output) => $$"""
        /*
          {{input}}  ->  {{output}}. What is not said here does not go over.
        */
        {
          "id": number
        }

        """;

    /// <summary>A mapping between contracts that are there already: it makes the output's example, whatever it is given.</summary>
    public static string ConstantMapping(string input, string output, string made) => $$"""
        /*
          {{input}}  ->  {{output}}. Every value is the example's: put in its place what the input says.
        */
        {{made}}

        """;

    /// <summary>A mapping to the words of an operation, which says them all; what the call can't do without is the number of the input.</summary>
    /// <param name="words">Members and their meaning.</param>
    public static string InputMapping(string input, string operation, IReadOnlyDictionary<string, string> words, IReadOnlyList<string> given) => $$"""
        /*
          {{input}}  ->  what {{operation}} takes. Say each in the words of the input.

        {{string.Join('\n', words.Select(w => $"  {w.Key.PadRight(words.Keys.Max(k => k.Length))}  {YamlText.Line(w.Value, 120)}"))}}
        */
        {
        {{string.Join(",\n", given.Select(member => $"  \"{member}\": number"))}}
        }

        """;

    /// <summary>A mapping of what an operation answers.</summary>
    public static string AnswerMapping(string operation, string output, string id) => $$"""
        /*
          What {{operation}} answers  ->  {{output}}. What is not said here does not go over.
        */
        {
          "id": {{id}}
        }

        """;

    public const string ExampleInput = """{ "number": "A-1" }""";

    public const string ExampleOutput = """{ "id": "A-1" }""";

    /// <param name="given">The input of the only case, as JSON on one line.</param>
    /// <param name="beside">What the mapping reads beside its input, as in YAML; null for nothing.</param>
    public static string MappingCases(string input, string output, string given, string made, string? beside = null) => $$"""
        contracts: { input: {{input}}, output: {{output}} }
        cases:
          - name: the example of one side is that of the other
        {{(beside is null ? "" : $"    given: {beside}\n")}}    input: {{given}}
            output: {{made}}

        """;

    /// <summary>A contract of an object with one member.</summary>
    public static string Contract(string title, string description, string member) => $$"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "{{title}}",
          "description": "{{description}}",
          "type": "object",
          "additionalProperties": false,
          "required": ["{{member}}"],
          "properties": {
            "{{member}}": { "description": "What it is known by.", "type": "string", "minLength": 1, "maxLength": 64, "examples": ["A-1"] }
          },
          "examples": [{ "{{member}}": "A-1" }]
        }

        """;

    /// <summary>A contract of an object that may say nothing.</summary>
    public static string NoteContract(string title, string description) => Json(new JsonObject
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = title,
        ["description"] = description,
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject { ["note"] = new JsonObject { ["description"] = "What is to be said of it.", ["type"] = "string", ["maxLength"] = 400, ["examples"] = new JsonArray("As agreed by telephone.") } },
    });

    /// <summary>A contract of a backend's record, of which nobody knows the members yet.</summary>
    public static string OpenContract(string title, string description) => Json(new JsonObject
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = title,
        ["description"] = description,
        ["type"] = "object",
        ["additionalProperties"] = true,
    });

    public static string Json(JsonNode node) => Encoding.UTF8.GetString(ReadableJson.Write(node));

    /// <param name="end">The day on which the operator's token ends.</param>
    public static string Policies(DateTimeOffset end) => $$"""
        # The workspace's entry document. Partners stand in partners/, routes in routes/, contracts and mappings in transforms/.

        # What partners read at /openapi.json.
        description:
          title: Example API
          summary: Where parcels are.

        tiers:
          standard: { description: As agreed in the general terms. }

        scopes:
          parcels.read: Look where parcels are.

        # Who works on the admin port. OPERATOR_TOKEN is 256 bits at least: openssl rand -base64 32
        operators:
          on-call: { roles: [operator], tokens: [{ secret: secret://env/OPERATOR_TOKEN, expires: {{end.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}} }] }

        policies:
          callers:
            authenticate: { apiKey: {} }
          quota:
            rateLimit: { limit: 600, window: 1m, by: consumer }

        backends:
          carrier:
            adapter: http
            url: ${CARRIER_URL:-http://127.0.0.1:8090}
            credential: { key: secret://env/CARRIER_KEY }
            timeout: 10s

        """;

    public const string ReadMe = """
        # A workspace of the gateway

        | where | what |
        |---|---|
        | `policies.yaml` | named policies, scopes, tiers, operators, backends |
        | `partners/` | one file a partner: consumers and their keys |
        | `routes/` | one file an API |
        | `transforms/canonical/` | contracts: what callers send and get |
        | `transforms/carrier/` | mappings from and to the carrier's words, each with its cases, and contracts of the carrier's documents |

        `gateway` is the program that made this: one file, which `dotnet publish gateway -c Release -o out` makes in the gateway's repository as
        `out/gateway`; put it on the `PATH`. Prove the workspace with it, without any server, network or secret:

            gateway validate .        every name, policy, contract and mapping
            gateway lint .            whether it is governed as it should be
            gateway test .            the cases beside the mappings
            gateway catalogue .       what there is, and who may call it
            gateway explain GET /v1/parcels/A-1 --consumer example-shop

        Run it, with a carrier at `CARRIER_URL`:

            export OPERATOR_TOKEN=$(openssl rand -base64 32)
            EXAMPLE_SHOP_KEY=a-key CARRIER_KEY=the-carriers-key gateway serve .
            curl -H 'X-Api-Key: a-key' http://127.0.0.1:8080/v1/parcels/A-1
            curl -H "Authorization: Bearer $OPERATOR_TOKEN" http://127.0.0.1:8081/plan

        Add to it: `gateway new api NAME`, `new route API.VERB METHOD PATH`, both with `--backend NAME --operation NAME` where an operation is to be
        called, `new mapping FOLDER/NAME`, `new partner NAME`, `new consumer NAME --partner PARTNER`. What they write is valid, and made to be changed.

        """;

    /// <summary>What variables of the environment begin with: <c>MY_SHOP</c> for <c>my-shop</c>.</summary>
    private static string VariableOf(string name) =>
        (char.IsAsciiDigit(name[0]) ? "C_" : "") + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));

    private static string Indented(string text, int by) => string.Join('\n', text.TrimEnd('\n').Split('\n').Select(line => new string(' ', by) + line));
}
