using System.Text.Json;
using Gateway.Jsonata;

namespace Gateway.Policies;

/// <summary>
/// How much a request counts, in JSONata: a whole number from 0 on. Where it gives nothing, the request counts one. Everything else is our own
/// mistake, unless the body breaks its contract.
/// </summary>
internal sealed class RequestCost
{
    /// <summary>A body of the longest that are taken is walked through a few times; a loop without end is found at once.</summary>
    private const int MaxSteps = 1_000_000;

    private static readonly JsonataOptions Options = new() { Variables = ["consumer", "partner", "route", "params"], MaxSteps = MaxSteps };

    private readonly JsonataExpression? _expression;

    public RequestCost(string text)
    {
        var compilation = JsonataExpression.Compile(text, Options);
        (Text, _expression, Diagnostics) = (text, compilation.Expression, compilation.Diagnostics);
        Reach = JsonataReach.Of(text) ?? new JsonataReach(new HashSet<string>(), false, null);
    }

    public string Text { get; }

    /// <summary>What is wrong with its text; then it can't be run.</summary>
    public IReadOnlyList<JsonataDiagnostic> Diagnostics { get; }

    public JsonataReach Reach { get; }

    public bool ReadsBody => Reach.ReadsInput;

    /// <summary>What is wrong with what it gives for an empty body; null where nothing can be told without data.</summary>
    public string? WrongWithoutData()
    {
        using var nothing = JsonDocument.Parse("{}");
        if (Reach.Names.Overlaps(Options.Variables!)) return null;
        var (value, error) = _expression!.Evaluate(nothing.RootElement, new JsonataBindings(DateTimeOffset.UnixEpoch));
        // What data are missing for may be right with data.
        return error is null ? WrongWith(value) : null;
    }

    /// <summary>The cost, and why it can't be told; then it is 1.</summary>
    public (int Cost, string? Trouble) Of(Exchange exchange)
    {
        using var parameters = Reach.Names.Contains("params") ? JsonDocument.Parse(Transform.Parameters.Of(exchange)) : null;
        var (value, error) = _expression!.Evaluate(ReadsBody ? exchange.Body?.Json : null, Bind(exchange, parameters?.RootElement));
        if (error is not null) return (1, $"{error.Code} {error.Message}");
        if (WrongWith(value) is { } wrong) return (1, wrong);
        return (value.AsDecimal() is { } cost ? (int)Math.Min(cost, int.MaxValue) : 1, null);
    }

    private static string? WrongWith(JsonataValue value) => value.Kind switch
    {
        JsonataKind.Undefined => null,
        JsonataKind.Number when value.AsDecimal() is >= 0 and var cost && decimal.IsInteger(cost) => null,
        JsonataKind.Number => $"it gives {value}, and no whole number from 0 on",
        _ => $"it gives a value of the kind {value.Kind}, and no number",
    };

    private JsonataBindings Bind(Exchange exchange, JsonElement? parameters)
    {
        var bindings = new JsonataBindings(exchange.StartedAt);
        foreach (var name in Reach.Names)
        {
            switch (name)
            {
                case "consumer" when exchange.Consumer is { } consumer:
                    bindings.Set(name, Facts.Of(consumer));
                    break;
                case "partner" when exchange.Consumer is { Partner: var partner }:
                    bindings.Set(name, Facts.Of(partner));
                    break;
                case "route":
                    bindings.Set(name, exchange.Route.Name);
                    break;
                case "params" when parameters is { } all:
                    bindings.Set(name, all);
                    break;
            }
        }
        return bindings;
    }
}
