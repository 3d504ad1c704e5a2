using System.Text.Json;
using Gateway.Jsonata;

namespace Gateway.Policies.Transform;

/// <summary>
/// Between the canonical shape and the backend's. What a mapping refuses by <c>$error</c> or <c>$assert</c> is the caller's data (422);
/// any other error is ours: 500 before the target was called, 502 after it, never half a document.
/// </summary>
public sealed class TransformKind : PolicyKind<TransformOptions>
{
    /// <summary>JSONata's codes of $error and $assert.</summary>
    private static readonly string[] Refusals = ["D3137", "D3141"];

    public override string Name => "transform";

    public override string Summary => "Maps the canonical request to the backend's shape and the backend's answer back, by JSONata.";

    protected override bool NeedsBody(TransformOptions options) => false;

    protected override void Describe(TransformOptions options, PolicyScope scope, Surface surface)
    {
        if (options.Request is not null) surface.Failures.Add(Failure.MappingRefused);
    }

    protected override IEnumerable<PolicyStep> Compile(TransformOptions options, PolicyScope scope)
    {
        if (scope.Target is PlanTarget.Forward)
        {
            scope.Error("GW5050", scope.PlaceOf(options, ""), "a forwarded request streams and is not mapped", "remove transform:, or call an operation instead");
            yield break;
        }
        if (options.Request is null && options.Response is null)
            scope.Error("GW5051", scope.PlaceOf(options, ""), "the transform policy names no mapping", "add request: FOLDER/NAME or response: FOLDER/NAME");
        var request = options.Request is null ? null : Mapping.Find(options.Request, scope.PlaceOf(options, nameof(options.Request)), scope);
        var response = options.Response is null ? null : Mapping.Find(options.Response, scope.PlaceOf(options, nameof(options.Response)), scope);
        if (request is not null) yield return new PolicyStep(Phase.RequestMapping, (exchange, next) => MapRequest(exchange, next, request));
        if (response is not null) yield return new PolicyStep(Phase.ResponseMapping, (exchange, next) => MapResponse(exchange, next, response));
    }

    private static ValueTask MapRequest(Exchange exchange, ExchangeDelegate next, Mapping mapping)
    {
        if (exchange.Idempotency?.Finished is not null) return next(exchange);
        using var parameters = exchange.Body is null ? JsonDocument.Parse(Parameters.Of(exchange)) : null;
        var (output, error) = mapping.Run(exchange.Body?.Json ?? parameters!.RootElement, exchange);
        if (error is not null && Refusals.Contains(error.Code))
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
        using var record = JsonDocument.Parse(exchange.Answer!.Body);
        var (output, error) = mapping.Run(record.RootElement, exchange);
        if (output is null)
        {
            return exchange.Refuse(new Refusal(Failure.BackendUnusable, "The backend's answer could not be understood. The gateway's operators know.")
            {
                Reason = Explain(mapping, error),
            });
        }
        exchange.Answer = exchange.Answer with { Body = output.Value };
        return next(exchange);
    }

    private static string Explain(Mapping mapping, JsonataError? error) => error is null
        ? $"mapping {mapping.Name} yields nothing"
        : $"mapping {mapping.Name}({error.Line},{error.Column}): {error.Code} {error.Message}";
}
