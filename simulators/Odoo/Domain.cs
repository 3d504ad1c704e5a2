using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Simulators.Odoo;

/// <summary>Odoo's search conditions in prefix notation, with dotted paths through relations.</summary>
internal static class Domain
{
    private delegate bool Condition(Row row);

    /// <summary>Compiles a domain for one model.</summary>
    /// <exception cref="OdooError">ValueError: an unknown operator or field, or a date in another format.</exception>
    public static Func<Row, bool> Compile(Session session, Model model, JsonArray domain)
    {
        var stack = new Stack<Condition>();
        for (var i = domain.Count - 1; i >= 0; i--)
        {
            if (domain[i] is JsonArray { Count: 3 } leaf)
                stack.Push(Leaf(session, model, leaf));
            else if (domain[i] is JsonValue word && word.TryGetValue(out string? name) && name is "&" or "|" or "!")
                Combine(stack, (string)domain[i]!, domain);
            else
                throw OdooError.Value($"Invalid domain: {JsonValues.Repr(domain)}");
        }
        var all = stack.ToArray();
        return row => all.All(condition => condition(row));
    }

    /// <summary>Whether the domain itself speaks about a field of the model.</summary>
    public static bool Mentions(JsonArray domain, string field) =>
        domain.OfType<JsonArray>().Any(leaf =>
            leaf.Count == 3 && leaf[0] is JsonValue name && name.TryGetValue(out string? text) && text == field);

    private static void Combine(Stack<Condition> stack, string word, JsonArray domain)
    {
        if (stack.Count < (word == "!" ? 1 : 2))
            throw OdooError.Value($"Domain {JsonValues.Repr(domain)} is syntactically not correct");
        var first = stack.Pop();
        if (word == "!")
        {
            stack.Push(row => !first(row));
            return;
        }
        var second = stack.Pop();
        stack.Push(word == "&" ? row => first(row) && second(row) : row => first(row) || second(row));
    }

    private static Condition Leaf(Session session, Model model, JsonArray leaf)
    {
        if (leaf[0] is JsonValue number && leaf[0]!.GetValueKind() is JsonValueKind.Number)
        {
            var always = number.ToJsonString() == leaf[2]?.ToJsonString();
            return _ => always;
        }
        var shown = $"({string.Join(", ", leaf.Select(JsonValues.Repr))})";
        var path = leaf[0]!.GetValue<string>().Split('.');
        var fields = Path(model, session, path, shown);
        var test = Test(session, fields[^1], leaf[1]?.GetValue<string>() ?? "", leaf[2], shown);
        return row => Reaches(session, row, fields, 0, test);
    }

    private static Field[] Path(Model model, Session session, string[] path, string shown)
    {
        var fields = new Field[path.Length];
        for (var i = 0; i < path.Length; i++)
        {
            fields[i] = model.Outside.TryGetValue(path[i], out var field)
                ? field
                : throw OdooError.Value($"Invalid field {model.Name}.{path[i]} in condition {shown}");
            if (i < path.Length - 1)
                model = field.Relation is { } relation
                    ? session.Table(relation).Model
                    : throw OdooError.Value($"Invalid field {model.Name}.{path[i]} in condition {shown}");
        }
        return fields;
    }

    private static bool Reaches(Session session, Row row, Field[] fields, int at, Func<object?, bool> test)
    {
        var value = session.Get(row, fields[at]);
        if (at == fields.Length - 1)
            return test(value);
        return value switch
        {
            int id => session.Find(fields[at].Relation!, id) is { } next && Reaches(session, next, fields, at + 1, test),
            int[] ids => ids.Any(id => session.Find(fields[at].Relation!, id) is { } next
                && Reaches(session, next, fields, at + 1, test)),
            _ => false,
        };
    }

    private static Func<object?, bool> Test(Session session, Field field, string symbol, JsonNode? operand, string shown)
    {
        switch (symbol)
        {
            case "=" or "!=":
                var same = operand is JsonArray ? In(session, field, operand) : Same(session, field, operand);
                return symbol == "=" ? same : value => !same(value);
            case "in" or "not in":
                var among = In(session, field, operand);
                return symbol == "in" ? among : value => !among(value);
            case "like" or "ilike" or "=like" or "=ilike":
                return Like(session, field, symbol, operand);
            case "not like" or "not ilike":
                var like = Like(session, field, symbol["not ".Length..], operand);
                return value => !like(value);
            case "<" or "<=" or ">" or ">=":
                return Compare(session, field, symbol, operand);
            default:
                throw OdooError.Value($"Invalid operator in condition {shown}");
        }
    }

    private static Func<object?, bool> Same(Session session, Field field, JsonNode? operand)
    {
        if (JsonValues.IsEmpty(operand))
            return value => value is null or false or "" or 0 or 0m or int[] { Length: 0 };
        if (field.IsRelation)
        {
            if (operand!.GetValueKind() is JsonValueKind.Number)
            {
                var id = operand.GetValue<int>();
                return value => value is int one ? one == id : value is int[] many && many.Contains(id);
            }
            var name = Plain(operand);
            return value => Names(session, field, value).Contains(name);
        }
        var wanted = Operand(session, field, operand);
        return value => Equals(Comparable(value), wanted);
    }

    private static Func<object?, bool> In(Session session, Field field, JsonNode? operand)
    {
        var tests = (operand as JsonArray ?? [operand?.DeepClone()]).Select(item => Same(session, field, item)).ToArray();
        return value => tests.Any(test => test(value));
    }

    private static Func<object?, bool> Like(Session session, Field field, string symbol, JsonNode? operand)
    {
        var text = JsonValues.IsEmpty(operand) ? "" : Plain(operand!);
        var pattern = Pattern(text, whole: symbol.StartsWith('='),
            ignoreCase: symbol.EndsWith("ilike", StringComparison.Ordinal));
        return value => field.IsRelation
            ? Names(session, field, value).Any(pattern.IsMatch)
            : value is not null && pattern.IsMatch(Convert.ToString(value, CultureInfo.InvariantCulture)!);
    }

    /// <summary>
    /// The four orderings. Stored times carry microseconds, and a condition is in seconds: the server reads
    /// <c>&gt; t</c> as from the next second on and <c>&lt;= t</c> as before it, so later changes within t's second fall out.
    /// </summary>
    private static Func<object?, bool> Compare(Session session, Field field, string symbol, JsonNode? operand)
    {
        var wanted = Operand(session, field, operand);
        if (wanted is DateTime second && symbol is ">" or "<=")
        {
            symbol = symbol == ">" ? ">=" : "<";
            wanted = ((DateTime)wanted!).AddSeconds(1);
        }
        return value => Comparable(value) is { } left && wanted is not null && left.GetType() == wanted.GetType()
            && Holds(symbol, left is string text
                ? string.CompareOrdinal(text, (string)wanted)
                : ((IComparable)left).CompareTo(wanted));
    }

    private static bool Holds(string symbol, int order) => symbol switch
    {
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };

    private static object? Operand(Session session, Field field, JsonNode? operand) => field.Type switch
    {
        FieldType.Boolean => !JsonValues.IsEmpty(operand),
        FieldType.Selection or FieldType.Char or FieldType.Text or FieldType.Html =>
            Plain(operand!),
        FieldType.Many2One or FieldType.One2Many or FieldType.Many2Many => operand!.GetValue<decimal>(),
        _ => Comparable(JsonValues.Write(session, field, operand, OdooError.Key)),
    };

    private static string Plain(JsonNode operand) =>
        operand.GetValueKind() is JsonValueKind.String ? operand.GetValue<string>() : operand.ToJsonString();

    /// <summary>Numbers of all kinds as decimal, so that they compare.</summary>
    private static object? Comparable(object? value) => value is int number ? (decimal)number : value;

    private static IEnumerable<string> Names(Session session, Field field, object? value)
    {
        int[] ids = value switch { int one => [one], int[] many => many, _ => [] };
        return ids.Select(id => session.Find(field.Relation!, id)).OfType<Row>().Select(row => row.Model.Display(session, row));
    }

    private static Regex Pattern(string text, bool whole, bool ignoreCase)
    {
        var pattern = new StringBuilder(whole ? "^" : "");
        foreach (var character in text)
            pattern.Append(character switch { '%' => ".*", '_' => ".", _ => Regex.Escape(character.ToString()) });
        if (whole)
            pattern.Append('$');
        return new Regex(pattern.ToString(),
            RegexOptions.Singleline | RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : 0));
    }
}
