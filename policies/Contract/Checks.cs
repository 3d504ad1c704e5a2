using System.Text.Json;

namespace Gateway.Policies.Contract;

/// <summary>Path, query and headers, all at once: a caller learns everything that is wrong from one answer.</summary>
internal sealed class ParameterCheck(IReadOnlyList<ParameterContract> contracts, bool enforces)
{
    public ValueTask Run(Exchange exchange, ExchangeDelegate next)
    {
        // What was done is answered, whatever the contracts have since become.
        if (exchange.Idempotency?.Finished is not null) return next(exchange);
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
        // As above.
        if (exchange.Idempotency?.Finished is not null) return next(exchange);
        // What could not be read was told by who tried; what may be left out was left out.
        if (exchange.Body?.Json is not { } body || contract.Schema.IsValid(body)) return next(exchange);
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

    public ValueTask Run(Exchange exchange, ExchangeDelegate next)
    {
        var answer = exchange.Answer!;
        if (ContractOf(answer.Status) is not { } contract) return next(exchange);
        var findings = exchange.Route.ReadsAnswer ? FindingsOutside(contract, answer, exchange.Http.Response.Headers.ContentEncoding.Count > 0) : Findings(contract, answer.Body);
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
        : status is >= 200 and < 300 and not (204 or 205) && contracts.TryGetValue(AnySuccess, out var any) ? any
        : null;

    /// <summary>What a mapping or an adapter wrote is JSON for certain.</summary>
    private static IReadOnlyList<Finding> Findings(CompiledContract contract, ReadOnlyMemory<byte> body)
    {
        if (contract.Schema.IsValid(body.Span)) return [];
        using var answer = JsonDocument.Parse(body);
        return contract.Findings(answer.RootElement);
    }

    /// <summary>What a backend sent may be anything, and is taken for JSON by the same rules as what a caller sends.</summary>
    private static IReadOnlyList<Finding> FindingsOutside(CompiledContract contract, Answer answer, bool isEncoded)
    {
        if (isEncoded) return Unreadable("is compressed, and can't be checked");
        if (!JsonBody.IsTyped(answer.ContentType, [])) return Unreadable("must be application/json in UTF-8");
        if (!JsonBody.IsText(answer.Body.Span)) return Unreadable("must be UTF-8, without half characters");
        try
        {
            using var document = JsonDocument.Parse(answer.Body, JsonBody.Strict);
            return contract.Findings(document.RootElement);
        }
        catch (JsonException)
        {
            return Unreadable("must be JSON, without a member that comes twice and not nested deeper than 64");
        }

        IReadOnlyList<Finding> Unreadable(string what) => [new Finding("#", "type", what) { Contract = contract.Name }];
    }
}
