using System.Text.Json;
using Gateway.Jsonata;

namespace Gateway.Policies.Authorize;

/// <summary>
/// A condition in JSONata. What it looks at says when it is judged: the answer, the body, or neither. Only true meets it; false, and what is not
/// there, do not. Anything else is our own mistake: 500, and somebody is alerted.
/// </summary>
internal sealed class Condition : Demand
{
    /// <summary>A body of the longest that are taken is walked through a few times; a loop without end is found at once.</summary>
    private const int MaxSteps = 1_000_000;

    private const string Answer = "answer";

    private static readonly JsonataOptions Options = new() { Variables = ["consumer", "partner", "route", "params", "claims", "address", Answer], MaxSteps = MaxSteps };

    private readonly JsonataExpression? _expression;
    private readonly ConditionOptions _options;

    public Condition(ConditionOptions options)
    {
        _options = options;
        var compilation = JsonataExpression.Compile(options.If, Options);
        (_expression, Diagnostics) = (compilation.Expression, compilation.Diagnostics);
        Reach = JsonataReach.Of(options.If) ?? new JsonataReach(new HashSet<string>(), false, null);
    }

    /// <summary>What is wrong with its text; then it can't be run.</summary>
    public IReadOnlyList<JsonataDiagnostic> Diagnostics { get; }

    /// <summary>What can be told of it without data.</summary>
    public JsonataReach Reach { get; }

    public ConditionOptions Written => _options;

    public bool HidesObjects => _options.Else == 404;

    public bool ReadsClaims => Reach.Names.Contains("claims");

    public override Phase Phase => Reach.Names.Contains(Answer) ? Phase.AuthorizeAnswer : Reach.ReadsInput ? Phase.AuthorizeBody : Phase.Authorize;

    /// <summary>What those get who do not meet it.</summary>
    public Refusal Refusal => HidesObjects
        ? new Refusal(Failure.NotFound, Gateway.Refusal.NothingThere) { Reason = _options.Reason }
        : new Refusal(Failure.Forbidden, _options.Detail ?? NotAllowed) { Reason = _options.Reason };

    public override string Explain(Consumer? consumer) => $"if {_options.If.ReplaceLineEndings(" ").Trim()}; else {_options.Else} ({_options.Reason})";

    /// <summary>A condition on the body, where there is none to look at, is not met.</summary>
    public override Refusal? Judge(Exchange exchange) => Reach.ReadsInput && exchange.Body is null ? Refusal : Judge(exchange, null);

    /// <inheritdoc cref="Demand.Judge"/>
    /// <param name="answer">The backend's answer, once it is there.</param>
    public Refusal? Judge(Exchange exchange, JsonElement? answer)
    {
        using var parameters = Reach.Names.Contains("params") ? JsonDocument.Parse(Transform.Parameters.Of(exchange)) : null;
        var bindings = Facts.Bind(Reach.Names, exchange, parameters?.RootElement, answer);
        var (value, error) = _expression!.Evaluate(Reach.ReadsInput ? exchange.Body?.Json : null, bindings);
        if (error is not null) return Broken($"{error.Code} {error.Message}");
        return value.Kind switch
        {
            JsonataKind.Boolean => value.AsBoolean() == true ? null : Refusal,
            JsonataKind.Undefined => Refusal,
            _ => Broken($"it gives a value of the kind {value.Kind}, and no boolean"),
        };
    }

    private Refusal Broken(string why) => new(Failure.Internal, "The gateway could not tell whether this is allowed. Its operators know; quote the X-Correlation-Id.")
    {
        Reason = $"condition-broken: {_options.Reason}: {why}",
    };
}
