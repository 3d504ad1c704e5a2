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
    public string? WrongWithoutData() => WithoutData() is { } value ? WrongWith(value) : null;

    /// <summary>What it gives for an empty body; null where it gives nothing that could be judged without data.</summary>
    public JsonataValue? WithoutData()
    {
        using var nothing = JsonDocument.Parse("{}");
        if (Reach.Names.Overlaps(Options.Variables!)) return null;
        var (value, error) = _expression!.Evaluate(nothing.RootElement, new JsonataBindings(DateTimeOffset.UnixEpoch));
        // What data are missing for may be right with data.
        return error is null ? value : null;
    }

    /// <summary>The cost, and why it can't be told; then it is 1.</summary>
    public (int Cost, string? Trouble) Of(Exchange exchange)
    {
        var (value, trouble) = Evaluate(exchange);
        if ((trouble ?? WrongWith(value)) is { } wrong) return (1, wrong);
        return (value.AsDecimal() is { } cost ? (int)Math.Min(cost, int.MaxValue) : 1, null);
    }

    /// <summary>What it gives for a request, whatever that is; and why it gives nothing.</summary>
    public (JsonataValue Value, string? Trouble) Evaluate(Exchange exchange)
    {
        using var parameters = Reach.Names.Contains("params") ? JsonDocument.Parse(Transform.Parameters.Of(exchange)) : null;
        var (value, error) = _expression!.Evaluate(ReadsBody ? exchange.Body?.Json : null, Facts.Bind(Reach.Names, exchange, parameters?.RootElement));
        return (value, error is null ? null : $"{error.Code} {error.Message}");
    }

    /// <summary>
    /// Nobody can tell what a request costs. Where a contract has judged the body, that is our own mistake; where none has, and the cost is told by the
    /// body, it is the caller's.
    /// </summary>
    public static Refusal Untold(Exchange exchange, bool readsBody, string reason) => readsBody && exchange.Route.Surface is not { Request: not null, Reports: false }
        ? new Refusal(Failure.MappingRefused, "What this request costs can't be told of its body.") { Reason = reason }
        : new Refusal(Failure.Internal, "The gateway could not tell what this request costs. Its operators know; quote the X-Correlation-Id.") { Reason = reason };

    private static string? WrongWith(JsonataValue value) => value.Kind switch
    {
        JsonataKind.Undefined => null,
        JsonataKind.Number when value.AsDecimal() is >= 0 and var cost && decimal.IsInteger(cost) => null,
        JsonataKind.Number => $"it gives {value}, and no whole number from 0 on",
        _ => $"it gives a value of the kind {value.Kind}, and no number",
    };
}
