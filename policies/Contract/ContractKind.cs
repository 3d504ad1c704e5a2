using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Policies.Contract;

/// <summary>
/// Is the request what the contracts say, and is the answer. A broken parameter is a 400, a broken body a 422, and both list up to 20
/// errors; a broken answer is our fault and the backend's, so 502, while outcome and event are kept. In the mode report all pass.
/// </summary>
public sealed partial class ContractKind : PolicyKind<ContractOptions>
{
    private static readonly string[] MethodsWithBody = ["POST", "PUT", "PATCH"];

    public override string Name => "contract";

    public override string Summary => "Checks parameters, body and answers against their JSON Schemas, and names every error by its pointer.";

    protected override bool NeedsBody(ContractOptions options) => options.Request is not null;

    protected override void Describe(ContractOptions options, PolicyScope scope, Surface surface)
    {
        surface.Request = options.Request;
        surface.Reports = options.Mode == ContractMode.Report;
        surface.BodyOptional = options.BodyOptional;
        surface.MediaTypes = [.. options.MediaTypes.Select(t => t.ToLowerInvariant())];
        foreach (var (part, name) in ParametersOf(options)) surface.Parameters[part] = name;
        foreach (var (status, name) in ResponsesOf(options)) surface.Responses[status] = name;
        if (options.Mode == ContractMode.Report) return;
        if (options.Request is not null) surface.Failures.Add(Failure.ContractBroken);
        if (surface.Parameters.Count > 0) surface.Failures.Add(Failure.MalformedRequest);
        if (surface.Responses.Count > 0) surface.Failures.Add(Failure.BackendUnusable);
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(ContractOptions options, Consumer? consumer)
    {
        var reports = options.Mode == ContractMode.Report ? "; what breaks it is only reported" : "";
        foreach (var (part, name) in ParametersOf(options)) yield return (Phase.Parameters, $"{part}: {CompiledContract.Path(name)}{(reports.Length > 0 ? reports : ", else 400")}");
        if (options.Request is { } request) yield return (Phase.RequestContract, $"body: {CompiledContract.Path(request)}{(reports.Length > 0 ? reports : ", else 422")}");
        foreach (var (status, name) in ResponsesOf(options))
            yield return (Phase.ResponseContract, $"{(status == Surface.AnySuccess ? "success" : status)}: {CompiledContract.Path(name)}{(reports.Length > 0 ? reports : ", else 502")}");
    }

    protected override IEnumerable<PolicyStep> Compile(ContractOptions options, PolicyScope scope)
    {
        var parameters = ParametersOf(options).Select(p => ParameterContract.Find(p.Name, p.Part, PlaceOf(options, p.Part, scope), scope)).OfType<ParameterContract>().ToArray();
        var request = options.Request is null ? null : CompiledContract.Find(options.Request, scope.PlaceOf(options, nameof(options.Request)), scope);
        var responses = Responses(options, scope);
        if (options.Request is null && !ParametersOf(options).Any() && !ResponsesOf(options).Any())
            scope.Error("GW5030", scope.PlaceOf(options, ""), "the contract policy names no contract", "add request: NAME@VERSION, query:, path:, headers: or response:");
        CheckBody(options, scope);
        var enforces = options.Mode == ContractMode.Enforce;
        if (parameters.Length > 0) yield return new PolicyStep(Phase.Parameters, new ParameterCheck(parameters, enforces).Run);
        if (request is not null) yield return new PolicyStep(Phase.RequestContract, new RequestCheck(request, enforces).Run);
        if (responses.Count > 0) yield return new PolicyStep(Phase.ResponseContract, new ResponseCheck(responses, enforces).Run);
    }

    private static IEnumerable<(string Part, string Name)> ParametersOf(ContractOptions options)
    {
        if (options.Path is { } path) yield return (ParameterContract.Path, path);
        if (options.Query is { } query) yield return (ParameterContract.Query, query);
        if (options.Headers is { } headers) yield return (ParameterContract.Header, headers);
    }

    private static IEnumerable<KeyValuePair<string, string>> ResponsesOf(ContractOptions options) =>
        options.Response is { } any ? options.Responses.Append(new(Surface.AnySuccess, any)) : options.Responses;

    private static Place PlaceOf(ContractOptions options, string part, PolicyScope scope) => scope.PlaceOf(options, part switch
    {
        ParameterContract.Path => nameof(options.Path),
        ParameterContract.Query => nameof(options.Query),
        _ => nameof(options.Headers),
    });

    private static Dictionary<int, CompiledContract> Responses(ContractOptions options, PolicyScope scope)
    {
        var found = new Dictionary<int, CompiledContract>();
        foreach (var (status, name) in options.Responses)
        {
            var place = scope.PlaceOf(options.Responses, status);
            if (status.Length != 3 || !int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code is < 200 or > 599)
                scope.Error("GW5037", place, $"'{status}' is not the status of an answer", "write one between 200 and 599, in quotes");
            else if (code is 204 or 205 or 304)
                scope.Error("GW5032", place, $"an answer {code} has no body to check", "remove it");
            else if (scope.Target is PlanTarget.Call { Accepting: var accepting } && code is not (200 or 201) && (code != 202 || accepting is null))
                scope.Error("GW5038", place, $"an operation's answer is 200 or 201, never {code}: what it refuses becomes a problem of the gateway", "remove it");
            else if (scope.Target is PlanTarget.Forward && PlanTarget.Forward.StaysInside(code))
                scope.Error("GW5038", place, $"an answer {code} of a backend stays inside: it becomes a problem of the gateway", "remove it");
            else if (CompiledContract.Find(name, place, scope) is { } contract)
                found[code] = contract;
        }
        if (options.Response is { } any && CompiledContract.Find(any, scope.PlaceOf(options, nameof(options.Response)), scope) is { } rest)
            found[ResponseCheck.AnySuccess] = rest;
        return found;
    }

    private static void CheckBody(ContractOptions options, PolicyScope scope)
    {
        if (options.Request is not null && !MethodsWithBody.Contains(scope.Method))
            scope.Error("GW5032", scope.PlaceOf(options, nameof(options.Request)), $"a {scope.Method} has no body to check", "remove request:, or say query: for its parameters");
        if (scope.Method == "HEAD" && ResponsesOf(options).Any())
            scope.Error("GW5032", scope.PlaceOf(options, ""), "the answer to a HEAD has no body to check", "remove response: and responses:");
        if (options.MediaTypes.Count > 0 && options.Request is null)
            scope.Error("GW5033", scope.PlaceOf(options, nameof(options.MediaTypes)), "media types are those of the body, and it has no contract", "add request: NAME@VERSION, or remove mediaTypes:");
        if (options.BodyOptional && (options.Request is null || scope.Target is PlanTarget.Call))
            scope.Error("GW5031", scope.PlaceOf(options, nameof(options.BodyOptional)),
                options.Request is null ? "there is no contract of a body that could be left out" : "an operation needs its body", "remove bodyOptional:");
        foreach (var type in options.MediaTypes.Where(t => !MediaType().IsMatch(t)))
            scope.Error("GW5033", scope.PlaceOf(options, nameof(options.MediaTypes)), $"'{type}' is not a media type", "write it like text/json, without parameters");
    }

    /// <summary>RFC 9110 section 8.3.1: type and subtype are tokens; ranges (*) are none.</summary>
    [GeneratedRegex("^[A-Za-z0-9!#$%&'+.^_`|~-]+/[A-Za-z0-9!#$%&'+.^_`|~-]+$")]
    private static partial Regex MediaType();
}
