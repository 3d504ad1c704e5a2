using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gateway.Policies.Transform;

/// <summary>
/// Between the canonical shape and the backend's. What a mapping refuses by <c>$error</c> or <c>$assert</c>, or has no code for, is the caller's data (422);
/// any other error is ours: 500 before the target was called, 502 after it, never half a document.
/// </summary>
public sealed class TransformKind : PolicyKind<TransformOptions>
{
    private static readonly string[] MethodsWithBody = ["POST", "PUT", "PATCH"];
    private static readonly string[] Digests = ["Content-Digest", "Repr-Digest", "Digest"];

    public override string Name => "transform";

    public override string Summary => "Maps the canonical request to the backend's shape and the backend's answer back, by JSONata.";

    protected override bool NeedsBody(TransformOptions options) => false;

    protected override void Describe(TransformOptions options, PolicyScope scope, Surface surface)
    {
        if (options.Request is not null) surface.Failures.Add(Failure.MappingRefused);
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(TransformOptions options, Consumer? consumer)
    {
        if (options.Request is { } request) yield return (Phase.RequestMapping, $"{Mapping.Path(request)}; 422 where it refuses the data");
        if (options.Response is { } response) yield return (Phase.ResponseMapping, $"{Mapping.Path(response)}; 502 where it fails");
    }

    protected override IEnumerable<PolicyEffect> Compare(TransformOptions? before, TransformOptions? after, Compared world)
    {
        foreach (var (part, then, now) in ((string, string?, string?)[])[("request", before?.Request, after?.Request), ("answer", before?.Response, after?.Response)])
        {
            if (then != now)
                yield return new PolicyEffect(EffectClass.Attention, $"the {part} was {(then is null ? "not mapped" : $"mapped by {then}")} and is {(now is null ? "not mapped" : $"mapped by {now}")}");
        }
    }

    protected override IEnumerable<PolicyStep> Compile(TransformOptions options, PolicyScope scope)
    {
        if (scope.Target is PlanTarget.Forward && options.Request is not null && !MethodsWithBody.Contains(scope.Method))
            scope.Error("GW5050", scope.PlaceOf(options, nameof(options.Request)), $"a forwarded {scope.Method} has no body to map", "remove request:, or call an operation, which takes parameters");
        if (scope.Method == "HEAD" && options.Response is not null)
            scope.Error("GW5050", scope.PlaceOf(options, nameof(options.Response)), "the answer to a HEAD has no body to map", "remove response:");
        if (options.Request is null && options.Response is null)
            scope.Error("GW5051", scope.PlaceOf(options, ""), "the transform policy names no mapping", "add request: FOLDER/NAME or response: FOLDER/NAME");
        var request = options.Request is null ? null : Mapping.Find(options.Request, scope.PlaceOf(options, nameof(options.Request)), scope);
        var response = options.Response is null ? null : Mapping.Find(options.Response, scope.PlaceOf(options, nameof(options.Response)), scope);
        if (request is not null) yield return new PolicyStep(Phase.RequestMapping, (exchange, next) => MapRequest(exchange, next, request));
        if (response is not null) yield return new PolicyStep(Phase.ResponseMapping, (exchange, next) => MapResponse(exchange, next, response));
    }

    private static ValueTask MapRequest(Exchange exchange, ExchangeDelegate next, Mapping mapping)
    {
        if (exchange.Idempotency?.Finished is not null || (exchange.Forward is not null && exchange.Body is null)) return next(exchange);
        using var parameters = exchange.Body is null ? JsonDocument.Parse(Parameters.Of(exchange)) : null;
        var (output, error) = mapping.Run(exchange.Body?.Json ?? parameters!.RootElement, exchange);
        if (error is { IsRefusal: true })
        {
            return exchange.Refuse(new Refusal(Failure.MappingRefused, error.Message) { Reason = $"mapping {mapping.Name}: {error.Code}" });
        }
        if (output is null)
        {
            return exchange.Refuse(new Refusal(Failure.Internal, "The request could not be prepared for the backend. The gateway's operators know.")
            {
                Reason = Explain(mapping, error),
            });
        }
        exchange.Input = output.Value;
        return next(exchange);
    }

    private static ValueTask MapResponse(Exchange exchange, ExchangeDelegate next, Mapping mapping)
    {
        var answer = exchange.Answer!;
        // A backend's refusal is forwarded as it came; a success may have nothing to say.
        if (exchange.Forward is not null && (answer.Status is < 200 or >= 300 || answer.Body.IsEmpty)) return next(exchange);
        if (Parse(answer.Body) is not { } record) return RefuseAnswer(exchange, $"mapping {mapping.Name}: the answer is no JSON, but {(answer.ContentType.Length > 0 ? answer.ContentType : "nothing")}");
        using (record)
        {
            var (output, error) = mapping.Run(record.RootElement, exchange);
            if (output is null) return RefuseAnswer(exchange, Explain(mapping, error));
            exchange.Answer = answer with { Body = output.Value, ContentType = Answer.JsonType };
        }
        if (exchange.Forward is not null) DropTagsOf(exchange.Http.Response.Headers);
        return next(exchange);
    }

    private static ValueTask RefuseAnswer(Exchange exchange, string reason) =>
        exchange.Refuse(new Refusal(Failure.BackendUnusable, "The backend's answer could not be understood. The gateway's operators know.") { Reason = reason });

    private static JsonDocument? Parse(ReadOnlyMemory<byte> answer)
    {
        try
        {
            return JsonDocument.Parse(answer);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>They are of the bytes that the backend sent (RFC 9110 section 8.8.3, RFC 9530).</summary>
    private static void DropTagsOf(IHeaderDictionary headers)
    {
        headers.ETag = default;
        headers.ContentMD5 = default;
        headers.AcceptRanges = default;
        foreach (var name in Digests) headers.Remove(name);
    }

    private static string Explain(Mapping mapping, MappingError? error) => error is null
        ? $"mapping {mapping.Name} yields nothing"
        : $"{error.Place}: {error.Code} {error.Message}";
}
