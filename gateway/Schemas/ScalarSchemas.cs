using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Gateway.Configuration.Yaml;

namespace Gateway.Schemas;

/// <summary>
/// What <see cref="Scalars"/> takes, as schemas. Each value may be, or hold, a variable <c>${NAME}</c>: what it becomes, only the loader knows. A number may
/// be quoted; its range, and that of a duration and of a size with a unit, is the loader's to see.
/// </summary>
internal static class ScalarSchemas
{
    private const string Variable = @"\$\{";
    private const string Day = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?$";
    private const string Digits = "[+-]?(0|[1-9][0-9]*)";

    public static JsonObject Secret() => Text($"^secret://(env|file|demo)/.");

    public static JsonObject Material() => Text("^secret://(env|file|demo)/.|^certificates/.+\\.pem$");

    public static JsonObject Of(Type type, IReadOnlyList<ValidationAttribute> rules)
    {
        if (type == typeof(string)) return Free(rules);
        if (type == typeof(TimeSpan)) return Text("^[0-9]+(ms|s|m|h|d)$");
        if (type == typeof(DateTimeOffset)) return Text(Day);
        if (type == typeof(Uri)) return Text("^https?://.");
        if (type == typeof(bool)) return Either(new JsonObject { ["type"] = "boolean" }, Text("^(true|false)$"));
        if (type.IsEnum) return Either(new JsonObject { ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(n => JsonValue.Create(Scalars.Camel(n)))]) }, Text(""));
        var number = new JsonObject { ["type"] = type == typeof(int) || type == typeof(long) ? "integer" : "number" };
        foreach (var range in rules.OfType<RangeAttribute>())
        {
            number["minimum"] = JsonNode.Parse(Scalars.Written(range.Minimum));
            number["maximum"] = JsonNode.Parse(Scalars.Written(range.Maximum));
        }
        return Either(number, Text($"^{Digits}{(type == typeof(long) ? "(KB|MB)?" : type == typeof(int) ? "" : @"(\.[0-9]*)?")}$"));
    }

    /// <summary>A value as one would write it; null for what is not there, empty, or too much for one line.</summary>
    public static JsonNode? Written(object? value) => value switch
    {
        null or "" => null,
        bool truth => JsonValue.Create(truth),
        string or Uri or TimeSpan or DateTimeOffset or Enum => JsonValue.Create(Scalars.Written(value)),
        int or long or decimal or double => JsonNode.Parse(Scalars.Written(value)),
        IDictionary => null,
        IEnumerable list => list.Cast<object>().Select(Written).ToList() is { Count: > 0 } items && items.All(i => i is not null) ? new JsonArray([.. items]) : null,
        _ => null,
    };

    /// <summary>Text stays what was written, so <c>1.10</c> and <c>true</c> are text as well; only an editor takes them for something else.</summary>
    private static JsonObject Free(IReadOnlyList<ValidationAttribute> rules)
    {
        var schema = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") };
        foreach (var rule in rules)
        {
            if (rule is RegularExpressionAttribute form) schema["pattern"] = OrVariable(form.Pattern);
            else if (rule is MinLengthAttribute least) schema["minLength"] = least.Length;
            else if (rule is MaxLengthAttribute most) schema["maxLength"] = most.Length;
            else throw new NotSupportedException($"{rule.GetType().Name} of text has no schema");
        }
        return schema;
    }

    private static JsonObject Text(string form) => new() { ["type"] = "string", ["pattern"] = OrVariable(form) };

    private static string OrVariable(string form) => form.Length == 0 ? Variable : $"{form}|{Variable}";

    private static JsonObject Either(JsonObject one, JsonObject other) => new() { ["anyOf"] = new JsonArray(one, other) };
}
