using System.Text.Json;
using Gateway.Jsonata;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// Which events a subscription gets: a JSONata expression over the envelope, <c>data.buyerParty.id = "ACME-DE"</c>. Only true is yes; false and nothing are
/// no. What fails, and what gives anything else, is no as well, and is told.
/// </summary>
public sealed class EventCondition
{
    /// <summary>Characters.</summary>
    public const int Longest = 4000;

    /// <summary>
    /// Strangers write it, and the events of all wait for it: an event of ordinary size is walked through several times. Steps decide, and not the clock,
    /// so that the same event has the same answer on a node that has much to do.
    /// </summary>
    private static readonly JsonataOptions Options = new() { Variables = [], MaxSteps = 100_000, MaxOutputBytes = 1 << 20 };

    private readonly JsonataExpression _expression;

    private EventCondition(JsonataExpression expression) => _expression = expression;

    /// <summary>The condition, or what is wrong with it, and the cure.</summary>
    public static (EventCondition? Condition, (string Message, string Cure)? Wrong) Compile(string text)
    {
        if (text.Length > Longest) return (null, ($"it is longer than {Longest} characters", "say it in fewer"));
        var (expression, wrong) = EventExpression.Compile(text, Options);
        if (expression is null) return (null, wrong);
        return JsonataReach.Of(text) is { GivesTruth: false }
            ? (null, ("it is never true and never false", "compare something, as in data.buyerParty.id = \"ACME-DE\""))
            : (new EventCondition(expression), null);
    }

    /// <param name="envelope">As it is sent.</param>
    public (bool Holds, string? Error) Judge(JsonElement envelope, DateTimeOffset now)
    {
        var (value, error) = _expression.Evaluate(envelope, new JsonataBindings(now));
        if (error is not null) return (false, $"{error.Code} {error.Message} ({error.Line},{error.Column})");
        return value.Kind switch
        {
            JsonataKind.Boolean => (value.AsBoolean() == true, null),
            JsonataKind.Undefined => (false, null),
            _ => (false, $"it gives a value of the kind {value.Kind}, and no boolean"),
        };
    }
}

/// <summary>What a subscription gets of an event: a JSONata expression over the envelope, whose value takes the place of <c>data</c>.</summary>
public sealed class EventMapping
{
    /// <summary>Characters.</summary>
    public const int Longest = 16_000;

    private static readonly JsonataOptions Options = new() { Variables = [], MaxSteps = 1_000_000, MaxOutputBytes = 1 << 20 };

    private readonly JsonataExpression _expression;

    private EventMapping(JsonataExpression expression) => _expression = expression;

    /// <summary>The mapping, or what is wrong with it, and the cure.</summary>
    public static (EventMapping? Mapping, (string Message, string Cure)? Wrong) Compile(string text)
    {
        if (text.Length > Longest) return (null, ($"it is longer than {Longest} characters", "say it in fewer"));
        var (expression, wrong) = EventExpression.Compile(text, Options);
        return (expression is null ? null : new EventMapping(expression), wrong);
    }

    /// <summary>The data as they are told, JSON; or why there are none.</summary>
    /// <param name="envelope">As it would be sent without a mapping.</param>
    public (ReadOnlyMemory<byte> Data, string? Error) Run(JsonElement envelope, DateTimeOffset now)
    {
        using var output = new MemoryStream();
        using var json = new Utf8JsonWriter(output);
        var (hasValue, error) = _expression.Evaluate(envelope, new JsonataBindings(now), json);
        if (error is not null) return (default, $"{error.Code} {error.Message} ({error.Line},{error.Column})");
        if (!hasValue) return (default, "it gives nothing");
        json.Flush();
        return (output.ToArray(), null);
    }
}

internal static class EventExpression
{
    public static (JsonataExpression? Expression, (string Message, string Cure)? Wrong) Compile(string text, JsonataOptions options)
    {
        if (string.IsNullOrWhiteSpace(text)) return (null, ("it is empty", "write an expression, or leave it out"));
        var compilation = JsonataExpression.Compile(text, options);
        return compilation is { Expression: null, Diagnostics: [var first, ..] }
            ? (null, ($"{first.Message} ({first.Code} at {first.Line},{first.Column})", first.Cure))
            : (compilation.Expression, null);
    }
}
