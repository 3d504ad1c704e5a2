using System.Text.Json;

namespace Gateway.Policies.Contract;

/// <summary>
/// Is the request what the contract says, and is the answer. A broken request is a 422 that lists up to 20 errors; a broken answer is our
/// fault and the backend's, so 502, while outcome and event are kept.
/// </summary>
public sealed class ContractKind : PolicyKind<ContractOptions>
{
    private const int MaxFindings = 20;

    public override string Name => "contract";

    public override string Summary => "Checks request and answer against their JSON Schemas, and names every error by its pointer.";

    protected override bool NeedsBody(ContractOptions options) => options.Request is not null;

    protected override IEnumerable<PolicyStep> Compile(ContractOptions options, PolicyScope scope)
    {
        if (options.Request is null && options.Response is null)
            scope.Error("GW5030", scope.PlaceOf(options, ""), "the contract policy names no contract", "add request: NAME@VERSION or response: NAME@VERSION");
        if (scope.Target is PlanTarget.Forward)
            scope.Error("GW5031", scope.PlaceOf(options, ""), "a forwarded request and its answer stream and are not checked", "remove contract:, or call an operation instead");
        var request = options.Request is null ? null : CompiledContract.Find(options.Request, scope.PlaceOf(options, nameof(options.Request)), scope);
        var response = options.Response is null ? null : CompiledContract.Find(options.Response, scope.PlaceOf(options, nameof(options.Response)), scope);
        if (request is not null) yield return new PolicyStep(Phase.RequestContract, (exchange, next) => CheckRequest(exchange, next, request));
        if (response is not null) yield return new PolicyStep(Phase.ResponseContract, (exchange, next) => CheckResponse(exchange, next, response));
    }

    private static ValueTask CheckRequest(Exchange exchange, ExchangeDelegate next, CompiledContract contract)
    {
        // What was done is answered, whatever the contract has since become.
        if (exchange.Idempotency?.Finished is not null) return next(exchange);
        var body = exchange.Body!.Json;
        if (contract.Schema.IsValid(body)) return next(exchange);
        var errors = contract.Schema.Validate(body, MaxFindings);
        return exchange.Refuse(new Refusal(Failure.ContractBroken, $"The body does not meet the contract {contract.Name}.")
        {
            Findings = [.. errors.Select(e => new Finding(e.InstancePointer, e.Keyword, e.Message))],
            Reason = "contract " + contract.Name,
        });
    }

    private static ValueTask CheckResponse(Exchange exchange, ExchangeDelegate next, CompiledContract contract)
    {
        // The answer is what the mapping wrote, or an adapter: JSON for certain.
        if (contract.Schema.IsValid(exchange.Answer!.Body.Span)) return next(exchange);
        using var answer = JsonDocument.Parse(exchange.Answer.Body);
        var errors = contract.Schema.Validate(answer.RootElement, MaxFindings);
        return exchange.Refuse(new Refusal(Failure.BackendUnusable, "The backend's answer does not meet its contract. The gateway's operators know.")
        {
            Reason = $"answer breaks contract {contract.Name}: " + string.Join("; ", errors.Select(e => $"{e.InstancePointer} {e.Message}")),
        });
    }
}
