using Gateway.Jsonata;

namespace Gateway.Policies.Quota;

/// <summary>What a request costs of a quota: whole units, rounded up, one at least.</summary>
internal sealed class QuotaCost(string text)
{
    private readonly RequestCost _cost = new(text);

    /// <inheritdoc cref="RequestCost.Diagnostics"/>
    public IReadOnlyList<JsonataDiagnostic> Diagnostics => _cost.Diagnostics;

    public bool ReadsBody => _cost.ReadsBody;

    /// <inheritdoc cref="RequestCost.WrongWithoutData"/>
    public string? WrongWithoutData() => _cost.WithoutData() is { } value ? WrongWith(value) : null;

    /// <summary>Units; null, with the reason, where the expression gives no number. More than any quota has are one more than that.</summary>
    public (long? Units, string? Wrong) Of(Exchange exchange)
    {
        var (value, trouble) = _cost.Evaluate(exchange);
        if ((trouble ?? WrongWith(value)) is { } wrong) return (null, wrong);
        if (value.Kind == JsonataKind.Undefined) return (1, null);
        return (value.AsDouble() is { } units and <= QuotaOptions.MaxLimit ? Math.Max(1, (long)Math.Ceiling(units)) : QuotaOptions.MaxLimit + 1, null);
    }

    private static string? WrongWith(JsonataValue value) =>
        value.Kind is JsonataKind.Undefined or JsonataKind.Number ? null : $"it gives a value of the kind {value.Kind}, and no number";
}
