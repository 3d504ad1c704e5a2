using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.OpenApi;

/// <summary>
/// The public description of a Plan as an OpenAPI 3.1 document: what its routes take and give, with contracts, problems, headers and ways in.
/// Drafts and what is retired are left out. Written by hand and not by an object model: contracts are JSON Schema, and any model of it would lose a keyword.
/// </summary>
internal sealed class OpenApiDocument
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ContractSchemas _schemas;
    private readonly ProblemAnswers _problems;
    private readonly JsonObject _credentials = [];
    private readonly JsonObject _headers = [];

    private OpenApiDocument(WorkspaceDocument document, WorkspaceFiles files)
    {
        _schemas = new ContractSchemas(files);
        _problems = new ProblemAnswers(new Pipeline.Problems(document.ProblemBase));
    }

    /// <summary>UTF-8 JSON, the same for the same workspace.</summary>
    public static ReadOnlyMemory<byte> Of(IReadOnlyList<PlanRoute> routes, string revision, WorkspaceDocument document, WorkspaceFiles files)
    {
        var shown = routes.Where(r => r.Life?.Lifecycle is not (Lifecycle.Draft or Lifecycle.Retired)).ToList();
        var description = new OpenApiDocument(document, files).Write(shown, revision, document);
        return JsonSerializer.SerializeToUtf8Bytes(description, Plain);
    }

    private JsonObject Write(IReadOnlyList<PlanRoute> routes, string revision, WorkspaceDocument document)
    {
        var apis = document.Apis;
        var paths = new JsonObject();
        foreach (var route in routes)
        {
            var path = PathOf(route) + VersionOf(route);
            if (paths[path] is not JsonObject item) paths[path] = item = [];
            item.TryAdd(route.Method.ToLowerInvariant(), Operation(route, apis[route.Api]));
        }
        var used = routes.Select(r => r.Api).ToHashSet();
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = Info(document.Description, revision),
            ["servers"] = new JsonArray([.. document.Description.Servers.DefaultIfEmpty("/").Select(s => new JsonObject { ["url"] = s })]),
            ["tags"] = new JsonArray([.. apis.Where(a => used.Contains(a.Key)).Select(a => Tag(a.Key, a.Value))]),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = Schemas(),
                ["headers"] = _headers,
                ["examples"] = _problems.Examples,
                ["securitySchemes"] = _credentials,
            },
        };
    }

    private static JsonObject Tag(string name, ApiDocument api) => new() { ["name"] = name, ["description"] = api.Description, ["x-owner"] = api.Owner };

    private static JsonObject Info(DescriptionDocument about, string revision)
    {
        var info = new JsonObject { ["title"] = about.Title, ["version"] = about.Version ?? revision };
        if (about.Summary.Length > 0) info["description"] = about.Summary;
        if (about.License is { } license) info["license"] = new JsonObject { ["name"] = license, ["identifier"] = license };
        return info;
    }

    private JsonObject Schemas()
    {
        var all = _schemas.Components();
        all[ProblemAnswers.SchemaName] = ProblemAnswers.Schema();
        return all;
    }

    private JsonObject Operation(PlanRoute route, ApiDocument api)
    {
        var declared = api.Routes[route.Name];
        var operation = new JsonObject
        {
            ["operationId"] = route.Name,
            ["summary"] = declared.Summary ?? (route.Target is PlanTarget.Call call ? call.Operation.Descriptor.Summary : $"{route.Method} {PathOf(route)}"),
            ["tags"] = new JsonArray(route.Api),
            ["security"] = Credentials(route.Surface),
        };
        if (route.Life is { Lifecycle: Lifecycle.Deprecated } or { Deprecated: not null }) operation["deprecated"] = true;
        var parameters = new JsonArray([.. Parameters(route)]);
        if (parameters.Count > 0) operation["parameters"] = parameters;
        if (route.AsksBody || (route.ReadsBody && route.Method is "POST" or "PUT" or "PATCH") || route.Surface.Request is not null) operation["requestBody"] = Body(route);
        operation["responses"] = Responses(route);
        return operation;
    }

    private JsonArray Credentials(Surface surface)
    {
        var ways = new JsonArray();
        foreach (var way in surface.Credentials)
        {
            var all = new JsonObject();
            foreach (var credential in way.Parts) all[Scheme(credential)] = new JsonArray([.. surface.Scopes]);
            ways.Add(all);
        }
        return ways;
    }

    /// <summary>Declares a Security Scheme Object (OpenAPI 3.1 section 4.8.27), and tells its name.</summary>
    private string Scheme(SurfaceCredential credential)
    {
        var (name, scheme) = credential switch
        {
            SurfaceCredential.ApiKey key => ($"key-{key.Header}", new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = key.Header }),
            SurfaceCredential.Token { IsDiscovered: false } token => ($"token-{token.Issuer}", new JsonObject { ["type"] = "http", ["scheme"] = "bearer" }),
            SurfaceCredential.Token token => ($"token-{token.Issuer}", new JsonObject
            {
                ["type"] = "openIdConnect",
                ["openIdConnectUrl"] = token.Address.AbsoluteUri.TrimEnd('/') + "/.well-known/openid-configuration",
            }),
            SurfaceCredential.Certificate certificate => ($"certificate-{certificate.Authority}", new JsonObject { ["type"] = "mutualTLS" }),
            SurfaceCredential.Signature signed => ($"signature-{signed.Header}", InHeader(signed.Header, signed.Demand)),
            SurfaceCredential.Webhook { Header: { } header } hook => ($"webhook-{hook.Scheme}", InHeader(header, hook.Demand)),
            // OpenAPI knows no credential in a path: an HTTP scheme of our own says that there is one.
            SurfaceCredential.Webhook hook => ($"webhook-{hook.Scheme}", new JsonObject { ["type"] = "http", ["scheme"] = "webhook", ["description"] = Sentence(hook.Demand) }),
            _ => throw new ArgumentOutOfRangeException(nameof(credential)),
        };
        _credentials.TryAdd(name, scheme);
        return name;
    }

    private static JsonObject InHeader(string header, string demand) => new() { ["type"] = "apiKey", ["in"] = "header", ["name"] = header, ["description"] = Sentence(demand) };

    private static string Sentence(string demand) => $"{char.ToUpperInvariant(demand[0])}{demand[1..]}.";

    private IEnumerable<JsonNode> Parameters(PlanRoute route)
    {
        var surface = route.Surface;
        var inPath = surface.Parameters.TryGetValue("path", out var contract) ? _schemas.Members(contract).ToDictionary(m => m.Name) : [];
        foreach (var parameter in RoutePatternFactory.Parse(route.Pattern).Parameters)
        {
            yield return inPath.TryGetValue(parameter.Name, out var member)
                ? Parameter("path", member.Name, required: true, member.Schema, member.Description)
                : Parameter("path", parameter.Name, required: true, new JsonObject { ["type"] = "string" }, "");
        }
        foreach (var (part, name) in surface.Parameters.Where(p => p.Key != "path"))
        {
            foreach (var member in _schemas.Members(name)) yield return Parameter(part, member.Name, member.Required, member.Schema, member.Description);
        }
        if (route.Version is { } version)
        {
            yield return Parameter("header", version.Header, required: !version.IsDefault, new JsonObject { ["type"] = "string", ["const"] = version.Value },
                "Chooses the version of the path." + (version.IsDefault ? " This one is served where it is missing." : ""));
        }
        foreach (var header in surface.RequestHeaders)
            yield return Parameter("header", header.Name, header.Required, new JsonObject { ["type"] = "string", ["examples"] = new JsonArray(header.Example) }, header.Description);
    }

    private static JsonObject Parameter(string part, string name, bool required, JsonObject schema, string description)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = part };
        if (description.Length > 0) parameter["description"] = description;
        if (required) parameter["required"] = true;
        parameter["schema"] = schema;
        return parameter;
    }

    private JsonObject Body(PlanRoute route)
    {
        var (surface, content) = (route.Surface, new JsonObject());
        foreach (var type in (string[])[Answer.JsonType, .. surface.MediaTypes, .. surface.Protection.TakesXml ? (string[])["application/xml"] : []]) content[type] = Media(surface.Request);
        return new JsonObject { ["required"] = route.AsksBody && !surface.BodyOptional, ["content"] = content };
    }

    private JsonObject Media(string? contract)
    {
        var media = new JsonObject { ["schema"] = contract is null ? new JsonObject() : _schemas.Reference(contract) };
        if (contract is not null && _schemas.Example(contract) is { } example) media["example"] = example;
        return media;
    }

    private JsonObject Responses(PlanRoute route)
    {
        var surface = route.Surface;
        var responses = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        var statuses = surface.Successes.Select(s => s.ToString(CultureInfo.InvariantCulture)).Concat(surface.Responses.Keys).Where(s => s != Surface.AnySuccess);
        foreach (var status in statuses.Distinct())
        {
            var response = new JsonObject { ["description"] = DescriptionOf(status), ["headers"] = Headers(surface, StatusOf(status), []) };
            if (status == "202" && route.Target is PlanTarget.Call { Creates: { } kind } && !surface.Responses.ContainsKey(status)) response["content"] = new JsonObject { [Answer.JsonType] = Receipt(kind) };
            else if (surface.ResponseOf(StatusOf(status)) is { } contract) response["content"] = new JsonObject(surface.OtherAnswerTypes.Prepend(surface.AnswerType).Select(type => KeyValuePair.Create<string, JsonNode?>(type, Media(contract))));
            responses[status] = response;
        }
        foreach (var (status, failures) in ProblemAnswers.ByStatus(route))
        {
            var key = status.ToString(CultureInfo.InvariantCulture);
            var problem = _problems.Response(failures);
            problem["headers"] = Headers(surface, status, ProblemAnswers.HeadersOf(failures));
            // What the backend answers with this status has a contract of its own, and so have the gateway's refusals.
            responses[key] = responses.TryGetValue(key, out var known) ? Both(known, problem) : problem;
        }
        return new JsonObject(responses.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)r.Value)));
    }

    /// <summary>What was accepted is told as it was sent, and no contract of the backend's answers holds for it: a contract of its own is declared for 202.</summary>
    private static JsonObject Receipt(string kind) => new()
    {
        ["schema"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "What was sent, with its id and its status.",
            ["required"] = new JsonArray("id", kind + "StatusCode"),
            ["properties"] = new JsonObject
            {
                ["id"] = new JsonObject { ["type"] = "string" },
                [kind + "StatusCode"] = new JsonObject { ["const"] = "received" },
            },
        },
    };

    private static JsonObject Both(JsonObject answer, JsonObject problem)
    {
        answer["description"] = $"{answer["description"]} Or: {problem["description"]}";
        foreach (var part in (string[])["headers", "content"])
        {
            if (answer[part] is not JsonObject into) answer[part] = into = [];
            foreach (var (name, value) in problem[part] as JsonObject ?? []) into.TryAdd(name, value?.DeepClone());
        }
        return answer;
    }

    private static int StatusOf(string status) => int.Parse(status, CultureInfo.InvariantCulture);

    private static string DescriptionOf(string status) => status switch
    {
        "200" => "Done, or known already.",
        "201" => "Created.",
        "202" => "Received: it is forwarded as soon as possible. Location says where it is followed.",
        _ => ReasonPhrases.GetReasonPhrase(StatusOf(status)) is { Length: > 0 } phrase ? phrase + "." : "Answered.",
    };

    private JsonObject Headers(Surface surface, int status, IEnumerable<SurfaceHeader> more)
    {
        var headers = new JsonObject();
        foreach (var header in surface.AnswerHeaders.Where(h => h.IsOn(status)).Concat(more).Append(ProblemAnswers.Correlation))
        {
            // Examples differ from route to route; one of them is enough.
            _headers.TryAdd(header.Name, new JsonObject
            {
                ["description"] = header.Description,
                ["schema"] = new JsonObject { ["type"] = "string", ["examples"] = new JsonArray(header.Example) },
            });
            headers[header.Name] = new JsonObject { ["$ref"] = "#/components/headers/" + header.Name };
        }
        return headers;
    }

    /// <summary>The path as OpenAPI writes it: parameters by name alone.</summary>
    private static string PathOf(PlanRoute route) =>
        "/" + string.Join('/', RoutePatternFactory.Parse(route.Pattern).PathSegments.Select(segment => string.Concat(segment.Parts.Select(TextOf))));

    /// <summary>A path can stand in the document once: versions that must be asked for have theirs in a fragment, which no request carries.</summary>
    private static string VersionOf(PlanRoute route) => route.Version is { IsDefault: false } version ? $"#{version.Header}={version.Value}" : "";

    private static string TextOf(RoutePatternPart part) => part switch
    {
        RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        _ => "",
    };
}
