using System.Text.Json;

namespace Gateway.Policies.Contract;

/// <summary>Path, query and headers, all at once: a caller learns everything that is wrong from one answer.</summary>
internal sealed class ParameterCheck(IReadOnlyList<ParameterContract> contracts, bool enforces)
{
    public ValueTask Run(Exchange exchange, ExchangeDelegate next)
    {
        List<Finding>? broken = null;
        foreach (var contract in contracts)
        {
            var findings = contract.Check(exchange.Http.Request);
            if (findings.Count == 0) continue;
            exchange.Broke(new Violation(contract.Name, contract.Part, enforces, findings));
            (broken ??= []).AddRange(findings);
        }
        if (broken is null || !enforces) return next(exchange);
        return exchange.Refuse(new Refusal(Failure.MalformedRequest, "Parameters of the request do not meet their contracts.")
        {
            Findings = [.. broken.Take(CompiledContract.MaxFindings)],
            Reason = "contract " + string.Join(", ", broken.Select(f => f.Contract).Distinct()),
        });
    }
}

/// <summary>The body of a request.</summary>
internal sealed class RequestCheck(CompiledContract contract, bool enforces)
{
    public ValueTask Run(Exchange exchange, ExchangeDelegate next)
    {
        // What was done is answered, whatever the contract has since become.
        if (exchange.Idempotency?.Finished is not null) return next(exchange);
        // Only where the route lets it be left out; BodyReader has seen to that.
        if (exchange.Body is not { Json: var body }) return next(exchange);
        if (contract.Schema.IsValid(body)) return next(exchange);
        var findings = contract.Findings(body);
        exchange.Broke(new Violation(contract.Name, "body", enforces, findings));
        if (!enforces) return next(exchange);
        return exchange.Refuse(new Refusal(Failure.ContractBroken, $"The body does not meet the contract {contract.Name}.")
        {
            Findings = findings,
            Reason = "contract " + contract.Name,
        });
    }
}

/// <summary>The body of an answer, by its status. What is wrong with it is for the operators: the caller could do nothing about it.</summary>
internal sealed class ResponseCheck(IReadOnlyDictionary<int, CompiledContract> contracts, bool enforces)
{
    /// <summary>Stands for every status of success without a contract of its own.</summary>
    public const int AnySuccess = 0;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    public ValueTask Run(Exchange exchange, ExchangeDelegate next)
    {
        var answer = exchange.Answer!;
        if (ContractOf(answer.Status) is not { } contract) return next(exchange);
        var findings = Findings(contract, answer.Body, exchange.Route.ReadsAnswer);
        if (findings.Count == 0) return next(exchange);
        exchange.Broke(new Violation(contract.Name, "answer", enforces, findings));
        if (!enforces) return next(exchange);
        return exchange.Refuse(new Refusal(Failure.BackendUnusable, "The backend's answer does not meet its contract. The gateway's operators know.")
        {
            Reason = $"answer breaks contract {contract.Name}: " + string.Join("; ", findings.Select(f => $"{f.Pointer} {f.Detail}")),
        });
    }

    private CompiledContract? ContractOf(int status) =>
        contracts.TryGetValue(status, out var exact) ? exact
        : status is >= 200 and < 300 && contracts.TryGetValue(AnySuccess, out var any) ? any
        : null;

    /// <summary>What a mapping or an adapter wrote is JSON for certain; what a backend sent may be anything.</summary>
    private static IReadOnlyList<Finding> Findings(CompiledContract contract, ReadOnlyMemory<byte> body, bool fromOutside)
    {
        if (!fromOutside && contract.Schema.IsValid(body.Span)) return [];
        try
        {
            using var answer = JsonDocument.Parse(body, Strict);
            return contract.Findings(answer.RootElement);
        }
        catch (JsonException)
        {
            return [new Finding("#", "type", "must be JSON, without a member that comes twice and not nested deeper than 64") { Contract = contract.Name }];
        }
    }
}
