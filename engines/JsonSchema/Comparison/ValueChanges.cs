using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.JsonSchema.Compilation;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Comparison;

/// <summary>Types, values, bounds, patterns, formats and defaults.</summary>
internal static class ValueChanges
{
    private static readonly string[] AllTypes = ["null", "boolean", "object", "array", "number", "string"];

    public static void Compare(Comparer comparer, Pair at)
    {
        CompareTypes(comparer.Log, at);
        CompareValues(comparer.Log, at);
        CompareBound(comparer.Log, at, "minimum", "exclusiveMinimum", isLower: true);
        CompareBound(comparer.Log, at, "maximum", "exclusiveMaximum", isLower: false);
        CompareMultiples(comparer.Log, at);
        CompareCounts(comparer.Log, at, "minLength", "maxLength", "character");
        CompareText(comparer.Log, at, "pattern");
        CompareText(comparer.Log, at, "format");
        CompareDefault(comparer.Log, at);
    }

    /// <summary>Compares how many there must and may be of something.</summary>
    public static void CompareCounts(ChangeLog log, Pair at, string minimum, string maximum, string noun, int least = 0)
    {
        int before = Count(at.Older, minimum) ?? least, after = Count(at.Newer, minimum) ?? least;
        if (before != after)
            log.Add(at, minimum, after > before ? Effect.Narrower : Effect.Wider, $"at least {Wording.Number(before, noun)} had to be there, now at least {Wording.Number(after, noun)}");
        int most = Count(at.Older, maximum) ?? int.MaxValue, now = Count(at.Newer, maximum) ?? int.MaxValue;
        if (most != now)
            log.Add(at, maximum, now < most ? Effect.Narrower : Effect.Wider, $"{AtMost(most, noun)} were allowed, now {AtMost(now, noun)}");
    }

    private static void CompareTypes(ChangeLog log, Pair at)
    {
        (IReadOnlyList<string> before, IReadOnlyList<string> after) = (TypesOf(at.Older), TypesOf(at.Newer));
        List<string> lost = [.. before.Where(type => !Covers(after, type))];
        List<string> gained = [.. after.Where(type => !Covers(before, type))];
        // Which types the values of an enum have is said by the values.
        if (at.Older.Values is not null && at.Newer.Values is not null)
            return;
        if (after.Count == 0 && before.Count > 0)
        {
            log.Add(at, "type", Effect.Narrower, "its values are of none of its types");
            return;
        }
        if (lost.Count > 0 && before == AllTypes)
            log.Add(at, "type", Effect.Narrower, $"it {Wording.Types(after)} now");
        else if (gained.Count > 0 && after == AllTypes)
            log.Add(at, "type", Effect.Wider, "it may be of any type now");
        if (before == AllTypes || after == AllTypes)
            return;
        if (lost.Count > 0)
            log.Add(at, "type", Effect.Narrower, lost is ["number"] && after.Contains("integer") ? "a number must be whole now" : $"{List(lost)} is no longer allowed");
        if (gained.Count > 0)
            log.Add(at, "type", Effect.Wider, gained is ["number"] && before.Contains("integer") ? "a number need no longer be whole" : $"{List(gained)} is allowed now");
    }

    private static void CompareValues(ChangeLog log, Pair at)
    {
        (IReadOnlyList<JsonElement>? before, IReadOnlyList<JsonElement>? after) = (at.Older.Values, at.Newer.Values);
        string keyword = at.Newer.Has("const") || (after is null && at.Older.Has("const")) ? "const" : "enum";
        if (before is null && after is not null)
            log.Add(at, keyword, Effect.Narrower, $"only {List(after.Select(Wording.Literal))} is allowed now");
        else if (before is not null && after is null)
            log.Add(at, keyword, Effect.Wider, $"it is no longer one of {List(before.Select(Wording.Literal))}");
        if (before is null || after is null)
            return;
        List<JsonElement> lost = [.. before.Where(value => !Holds(after, value))];
        List<JsonElement> gained = [.. after.Where(value => !Holds(before, value))];
        if (lost.Count > 0)
            log.Add(at, keyword, Effect.Narrower, $"{List(lost.Select(Wording.Literal))} is no longer allowed");
        if (gained.Count > 0)
            log.Add(at, keyword, Effect.Wider, $"{List(gained.Select(Wording.Literal))} is allowed now");
    }

    private static void CompareBound(ChangeLog log, Pair at, string closed, string open, bool isLower)
    {
        ((JsonElement? before, bool beforeOpen), (JsonElement? after, bool afterOpen)) = (BoundOf(at.Older, closed, open, isLower), BoundOf(at.Newer, closed, open, isLower));
        int order = (before, after) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            ({ } one, { } other) => Order(other, one) * (isLower ? 1 : -1) is not 0 and var difference ? difference : afterOpen.CompareTo(beforeOpen),
        };
        if (order == 0)
            return;
        string name = isLower ? "lower" : "upper";
        string Text(JsonElement? bound, bool isOpen) => bound is { } value ? $"{value.GetRawText()}{(isOpen ? ", itself excluded" : "")}" : "none";
        log.Add(at, (after is null ? beforeOpen : afterOpen) ? open : closed, order > 0 ? Effect.Narrower : Effect.Wider,
            $"the {name} bound was {Text(before, beforeOpen)} and is {Text(after, afterOpen)}");
    }

    private static void CompareMultiples(ChangeLog log, Pair at)
    {
        (JsonElement? before, JsonElement? after) = (at.Older.Number("multipleOf"), at.Newer.Number("multipleOf"));
        Effect effect = (before, after) switch
        {
            (null, null) => Effect.None,
            (null, _) => Effect.Narrower,
            (_, null) => Effect.Wider,
            ({ } one, { } other) when Order(one, other) == 0 => Effect.None,
            ({ } one, { } other) when IsMultiple(one, other) => Effect.Wider,
            ({ } one, { } other) when IsMultiple(other, one) => Effect.Narrower,
            _ => Effect.Unclear,
        };
        if (effect != Effect.None)
            log.Add(at, "multipleOf", effect, $"the step was {before?.GetRawText() ?? "free"} and is {after?.GetRawText() ?? "free"}");
    }

    private static void CompareText(ChangeLog log, Pair at, string keyword)
    {
        (string? before, string? after) = (at.Older.Text(keyword), at.Newer.Text(keyword));
        if (before == after)
            return;
        Effect effect = before is null ? Effect.Narrower : after is null ? Effect.Wider : Effect.Unclear;
        log.Add(at, keyword, effect, $"the {keyword} was {before ?? "free"} and is {after ?? "free"}");
    }

    /// <summary>A writer who leaves the member out means the default: another one changes what was meant.</summary>
    private static void CompareDefault(ChangeLog log, Pair at)
    {
        (JsonElement? before, JsonElement? after) = (at.Older.Value("default"), at.Newer.Value("default"));
        if (before is null && after is null || before is { } one && after is { } other && AreEqual(one, other))
            return;
        string Text(JsonElement? value) => value is { } given ? Wording.Literal(given) : "none";
        log.Add(at, "default", $"the default was {Text(before)} and is {Text(after)}", breaksWriters: before is not null, breaksReaders: false);
    }

    private static (JsonElement? Value, bool Open) BoundOf(SchemaView schema, string closed, string open, bool isLower)
    {
        (JsonElement? reached, JsonElement? excluded) = (schema.Number(closed), schema.Number(open));
        if (reached is not { } within || excluded is not { } beyond)
            return excluded is null ? (reached, false) : (excluded, true);
        int order = Order(within, beyond) * (isLower ? 1 : -1);
        return order > 0 ? (within, false) : (beyond, true);
    }

    /// <summary>The types that may match; an integer is a number too.</summary>
    public static IReadOnlyList<string> TypesOf(SchemaView schema)
    {
        IReadOnlyList<string> declared = schema.Text("type") is { } one ? [one] : schema.Has("type") ? schema.Names("type") : AllTypes;
        return schema.Values is { } values ? [.. values.Select(TypeOf).Distinct().Where(type => Covers(declared, type))] : declared;
    }

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => new JsonNumber(JsonMarshal.GetRawUtf8Value(value)).IsInteger ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static bool Covers(IReadOnlyList<string> types, string type) => types.Contains(type) || (type == "integer" && types.Contains("number"));

    private static bool Holds(IReadOnlyList<JsonElement> values, JsonElement value) => values.Any(other => AreEqual(other, value));

    private static bool AreEqual(JsonElement one, JsonElement other) => JsonEquality.AreEqual(JsonMarshal.GetRawUtf8Value(one), JsonMarshal.GetRawUtf8Value(other));

    private static int Order(JsonElement one, JsonElement other) =>
        new JsonNumber(JsonMarshal.GetRawUtf8Value(one)).CompareTo(new JsonNumber(JsonMarshal.GetRawUtf8Value(other)));

    private static bool IsMultiple(JsonElement one, JsonElement step) =>
        new JsonNumber(JsonMarshal.GetRawUtf8Value(one)).IsMultipleOf(new JsonNumber(JsonMarshal.GetRawUtf8Value(step)));

    private static int? Count(SchemaView schema, string keyword) =>
        schema.Number(keyword) is { } number && new JsonNumber(JsonMarshal.GetRawUtf8Value(number)).TryGetInt32(out int count) ? count : null;

    private static string AtMost(int count, string noun) => count == int.MaxValue ? $"any number of {noun}s" : string.Create(CultureInfo.InvariantCulture, $"at most {Wording.Number(count, noun)}");

    private static string List(IEnumerable<string> values) => string.Join(", ", values);
}
