using System.Text.Json;
using Gateway.Jsonata;
using Gateway.Policies.Transform;

namespace Gateway.Policies;

/// <summary>
/// Expressions of flows, in JSONata over what an instance knows, <c>{ flow, trigger, steps }</c>, or over an event's envelope; with <c>$event</c> where one is at hand,
/// <c>$partner</c>, and the functions that mappings have; those of figures see how the instance stands as <c>$instance</c>.
/// </summary>
public static class StepExpression
{
    /// <summary>Characters.</summary>
    public const int Longest = 16_000;

    /// <summary>Enough for the longest documents that the canonical contracts allow.</summary>
    private const int MaxSteps = 5_000_000;


    /// <summary>The expression; or what is wrong with it, where, and the cure.</summary>
    /// <param name="codes">Everybody's code tables by name.</param>
    /// <param name="forHouse">There is no partner that it could ask about.</param>
    /// <param name="forFigure">It is about how the instance stands, and there is no event.</param>
    public static (FlowExpression? Expression, (string Message, string Cure)? Wrong) Compile(string text, IReadOnlyDictionary<string, CodeTable> codes, bool forHouse = false, bool forFigure = false)
    {
        if (string.IsNullOrWhiteSpace(text)) return (null, ("it is empty", "write an expression, or leave it out"));
        if (text.Length > Longest) return (null, ($"it is longer than {Longest} characters", "say it in fewer"));
        var (expression, diagnostics) = JsonataExpression.Compile(text, new JsonataOptions
        {
            Variables = [forFigure ? "instance" : "event", .. forHouse ? Array.Empty<string>() : ["partner"]],
            MaxSteps = MaxSteps,
            Functions = new Dictionary<string, JsonataFunction> { [LookupCode.Name] = LookupCode.In(codes), ["toLocal"] = LocalTime.ToLocal, ["toUtc"] = LocalTime.ToUtc },
        });
        if (expression is not null) return ((in FlowSight sight) => Run(expression, sight, forHouse), null);
        var first = diagnostics[0];
        return (null, ($"{first.Message} ({first.Code} at {first.Line},{first.Column})", first.Cure));
    }

    /// <summary>A mapping, as a step uses it.</summary>
    public static FlowMapping Of(Mapping mapping) => (JsonElement input, JsonElement? accepted, in FlowSight sight) =>
    {
        var (output, error) = mapping.Run(input, new MappingFacts(sight.Now, "flow") { Partner = sight.Partner, Accepted = accepted });
        return error is null ? new FlowValue(output ?? default, null) : new FlowValue(default, $"{error.Place}: {error.Message} ({error.Code})");
    };

    private static FlowValue Run(JsonataExpression expression, in FlowSight sight, bool forHouse)
    {
        var bindings = new JsonataBindings(sight.Now) { Host = sight.Partner };
        if (!forHouse) bindings.Set("partner", Facts.Of(sight.Partner));
        if (sight.Event is { } happened) bindings.Set("event", happened);
        if (sight.Instance is { } instance) bindings.Set("instance", instance);
        var output = MappingOutput.Take();
        var (hasValue, error) = expression.Evaluate(sight.Known, bindings, output.Writer);
        var json = hasValue ? output.ToBytes() : [];
        output.GiveBack();
        return error is null ? new FlowValue(json, null) : new FlowValue(default, $"{error.Code} {error.Message} ({error.Line},{error.Column})");
    }
}
