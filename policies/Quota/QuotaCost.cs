using Gateway.Jsonata;

namespace Gateway.Policies.Quota;

/// <summary>What a request costs: an expression over its body.</summary>
internal sealed class QuotaCost
{
    private const int MaxSteps = 1_000_000;

    private static readonly JsonataOptions Options = new() { Variables = ["consumer", "partner", "route"], MaxSteps = MaxSteps };

    private readonly JsonataExpression? _expression;

    public QuotaCost(string text)
    {
        var compilation = JsonataExpression.Compile(text, Options);
        (_expression, Diagnostics) = (compilation.Expression, compilation.Diagnostics);
    }

    /// <summary>What is wrong with its text; then it can't be run.</summary>
    public IReadOnlyList<JsonataDiagnostic> Diagnostics { get; }

    /// <summary>Whole units, one at least; null, with the reason, where the expression gives no number.</summary>
    public (long? Units, string? Wrong) Of(Exchange exchange)
    {
        var bindings = new JsonataBindings(exchange.StartedAt);
        bindings.Set("route", exchange.Route.Name);
        bindings.Set("partner", Facts.Of(exchange.Partner));
        if (exchange.Consumer is { } consumer) bindings.Set("consumer", Facts.Of(consumer));
        var (value, error) = _expression!.Evaluate(exchange.Body?.Json, bindings);
        if (error is not null) return (null, $"{error.Code} {error.Message}");
        return value.Kind switch
        {
            JsonataKind.Undefined => (1, null),
            JsonataKind.Number when value.AsDouble() is { } units and <= QuotaOptions.MaxLimit => (Math.Max(1, (long)Math.Ceiling(units)), null),
            JsonataKind.Number => (QuotaOptions.MaxLimit, null),
            _ => (null, $"it gives a value of the kind {value.Kind}, and no number"),
        };
    }
}
