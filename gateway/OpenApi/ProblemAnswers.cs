using System.Text.Json.Nodes;
using Gateway.Pipeline;

namespace Gateway.OpenApi;

/// <summary>Refusals as OpenAPI describes them: one schema for all problems (RFC 9457), and an example of each.</summary>
internal sealed class ProblemAnswers(Problems problems)
{
    public const string SchemaName = "problem";

    public static readonly SurfaceHeader Correlation = new(
        "X-Correlation-Id", "Ties the answer to our logs and audit; quote it when you ask us. Yours, if you sent one.", "bbbc08f16f8f452d7d7ab2f4ee22c9eb");

    private static readonly SurfaceHeader RetryAfter = new("Retry-After", "Seconds to wait before the request is sent again.", "5");

    /// <summary>Failures that may be told with Retry-After.</summary>
    private static readonly Failure[] Waits =
    [
        Failure.TooManyRequests, Failure.StillRunning, Failure.OutcomeUnknown, Failure.BackendUnavailable, Failure.BackendUnusable,
        Failure.StoreUnavailable, Failure.IssuerUnavailable, Failure.DeadlineExceeded,
    ];

    /// <summary>One example a failure, by the name of its page; those that were asked for.</summary>
    public JsonObject Examples { get; } = [];

    public static JsonObject Schema() => new()
    {
        ["title"] = "Problem",
        ["description"] = "Why a request was refused (RFC 9457).",
        ["type"] = "object",
        ["required"] = new JsonArray("type", "title", "status", "detail"),
        ["properties"] = new JsonObject
        {
            ["type"] = new JsonObject { ["type"] = "string", ["format"] = "uri-reference", ["description"] = "Leads to a page that says what to do." },
            ["title"] = Text("What kind of problem it is."),
            ["status"] = new JsonObject { ["type"] = "integer", ["minimum"] = 400, ["maximum"] = 599 },
            ["detail"] = Text("What is wrong with this request, and what to do next."),
            ["existing"] = Text("Our id of the object that stands in the way."),
            ["violated-policies"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" }, ["description"] = "Names of the limits that were exceeded." },
            ["errors"] = new JsonObject
            {
                ["type"] = "array",
                ["maxItems"] = 20,
                ["items"] = new JsonObject
                {
                    ["type"] = "object",
                    ["required"] = new JsonArray("pointer", "keyword", "detail"),
                    ["properties"] = new JsonObject
                    {
                        ["in"] = new JsonObject { ["enum"] = new JsonArray("path", "query", "header"), ["description"] = "Which part of the request; the body where it is left out." },
                        ["pointer"] = Text("Where: a JSON Pointer as a URI fragment (RFC 6901 section 6)."),
                        ["keyword"] = Text("The keyword of JSON Schema that is broken."),
                        ["detail"] = Text("What was expected."),
                        ["contract"] = Text("Name and version of the broken contract."),
                    },
                },
            },
        },
    };

    /// <summary>How a route's calls may be refused, by status: what its policies and target tell, and what may happen to any call.</summary>
    public static IEnumerable<(int Status, IReadOnlyList<Failure> Failures)> ByStatus(PlanRoute route)
    {
        var failures = new SortedSet<Failure>(route.Surface.Failures) { Failure.Internal, Failure.TooManyRequests, Failure.MalformedRequest, Failure.UriTooLong, Failure.HeadersTooLarge };
        if (route.Method is "POST" or "PUT" or "PATCH") failures.UnionWith([Failure.BodyTooLarge, Failure.RequestTooSlow, Failure.UnsupportedMediaType]);
        if (route.ReadsBody) failures.Add(Failure.MalformedBody);
        return failures.GroupBy(Problems.StatusOf).OrderBy(g => g.Key).Select(g => (g.Key, (IReadOnlyList<Failure>)[.. g]));
    }

    public static IEnumerable<SurfaceHeader> HeadersOf(IEnumerable<Failure> failures) => failures.Any(Waits.Contains) ? [RetryAfter] : [];

    public JsonObject Response(IReadOnlyList<Failure> failures)
    {
        var examples = new JsonObject();
        foreach (var failure in failures)
        {
            var page = Problems.PageOf(failure);
            Examples.TryAdd(page, new JsonObject { ["summary"] = Problems.TitleOf(failure), ["value"] = JsonNode.Parse(problems.Of(Example(failure)).Body.Span) });
            examples[page] = new JsonObject { ["$ref"] = "#/components/examples/" + page };
        }
        return new JsonObject
        {
            ["description"] = string.Join("; ", failures.Select(Problems.TitleOf)) + ".",
            ["content"] = new JsonObject
            {
                [Problems.ContentType] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/" + SchemaName }, ["examples"] = examples },
            },
        };
    }

    private static Refusal Example(Failure failure)
    {
        var refusal = new Refusal(failure, Problems.TitleOf(failure) + ".");
        return failure switch
        {
            Failure.ContractBroken => refusal with
            {
                Detail = "The body does not meet the contract order@1.",
                Findings = [new Finding("#/orderLines/0/quantity", "exclusiveMinimum", "must be greater than 0") { Contract = "order@1" }],
            },
            Failure.ReferenceConflict => refusal with { Existing = "ord_j1pda46bw52qb8xmhdc1d9bad6" },
            Failure.TooManyRequests => refusal with { ViolatedPolicies = ["partner-quota"] },
            _ => refusal,
        };
    }

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };
}
