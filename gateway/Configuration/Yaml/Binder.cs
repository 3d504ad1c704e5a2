using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Configuration.Yaml;

/// <summary>
/// Binds nodes straight into the options records: one record is the documented shape, the parsed form and what runs.
/// Members are camelCase; unknown and missing ones, wrong types and values out of range are diagnostics with a cure.
/// A list with a part that can't be bound, and a record without one of its required members, are not bound at all; what was written and
/// could not be bound stays known by its place, so that one fault is not told twice.
/// </summary>
public sealed class Binder(Places places, ICollection<Diagnostic> diagnostics)
{
    private const int MaxName = 64;

    /// <summary>Types that choose their own shape: policies, backends, secrets.</summary>
    public Dictionary<Type, Func<Node, object?>> Custom { get; } = [];

    public T? Bind<T>(Node node) where T : class => (T?)Bind(node, typeof(T));

    /// <summary>The bound value, or null when something was reported.</summary>
    public object? Bind(Node node, Type type)
    {
        if (node is Node.Unknown) return null;
        if (Custom.TryGetValue(type, out var custom)) return custom(node);
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Bind(node, underlying);
        if (ElementOf(type, typeof(IReadOnlyList<>)) is { } item) return BindList(node, item);
        if (ElementOf(type, typeof(IReadOnlyDictionary<,>)) is { } value) return BindDictionary(node, value);
        return Scalars.Handles(type) ? BindScalar(node, type) : BindRecord(node, type);
    }

    private object? BindScalar(Node node, Type type)
    {
        if (node is not Node.Scalar scalar || scalar.IsNull)
            return Error("GW1011", node.Place, $"{Scalars.Expected(type)} is expected, not {(node is Node.Scalar ? "nothing" : node.Kind)}", Scalars.Example(type) is "…" ? "write one, or leave the member out" : $"write {Scalars.Example(type)}");
        return Scalars.Parse(scalar, type)
            ?? Error("GW1011", node.Place, $"'{scalar.Text}' is not {Scalars.Expected(type)}", Scalars.Cure(scalar, type));
    }

    private IList? BindList(Node node, Type item)
    {
        if (node is not Node.List list)
            return (IList?)Error("GW1011", node.Place, $"a list is expected, not {node.Kind}", "write it as - items, or in [brackets]");
        var result = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        places.Set(result, "", node.Place);
        var whole = true;
        foreach (var entry in list.Items)
        {
            places.Set(result, result.Count.ToString(CultureInfo.InvariantCulture), entry.Place);
            if (BindEntry(entry, item) is { } bound) result.Add(bound);
            else whole = false;
        }
        return whole ? result : null;
    }

    /// <summary>A member without content stands for a record without members; an entry of a list without content was forgotten.</summary>
    private object? BindEntry(Node entry, Type item) => entry is Node.Scalar { IsNull: true } && !Custom.ContainsKey(item) && !Scalars.Handles(item)
        ? Error("GW1011", entry.Place, "an entry of a list says nothing", "write it, or take it out")
        : Bind(entry, item);

    private object? BindDictionary(Node node, Type value)
    {
        if (node is not Node.Map map)
            return Error("GW1011", node.Place, $"a mapping is expected, not {node.Kind}", "write name: value, one a line");
        var result = (IDictionary)Activator.CreateInstance(typeof(OrderedDictionary<,>).MakeGenericType(typeof(string), value))!;
        places.Set(result, "", node.Place);
        foreach (var member in map.Members)
        {
            if (!IsPlain(member.Name))
                Error("GW1015", member.Place, $"'{member.Name}' is not a plain name", "use letters, digits, '.', '_' and '-', at most 64, a letter or digit first");
            // An entry that can't be bound is left out, but its name stays known: uses of it are not wrong as well.
            places.Set(result, member.Name, member.Place);
            if (Bind(member.Value, value) is { } bound) result[member.Name] = bound;
        }
        return result;
    }

    private object? BindRecord(Node node, Type type)
    {
        var shape = RecordShape.Of(type);
        if (node is not Node.Map map)
        {
            if (node is Node.Scalar { IsNull: true } && shape.Required.Count == 0) map = new Node.Map([], node.Place);
            else return Error("GW1011", node.Place, $"a mapping is expected, not {node.Kind}", $"known members: {string.Join(", ", shape.Members.Keys)}");
        }
        var record = Activator.CreateInstance(type)!;
        places.Set(record, "", node.Place);
        var whole = true;
        foreach (var member in map.Members)
        {
            if (shape.Members.TryGetValue(member.Name, out var known)) whole &= Set(record, known, member);
            else Error("GW1012", member.Place, $"'{member.Name}' is not known here", Nearest.Cure(member.Name, shape.Members.Keys));
        }
        foreach (var missing in shape.Required.Where(m => map[m.Name] is null))
        {
            whole = false;
            Error("GW1013", node.Place, $"'{missing.Name}' is missing", $"add {missing.Name}: {Scalars.Example(missing.Property.PropertyType)}");
        }
        return whole ? record : null;
    }

    private bool Set(object record, RecordMember known, Member member)
    {
        places.Set(record, known.Property.Name, member.Value.Place);
        var value = known.IsOneOrMore && member.Value is Node.Scalar ? new Node.List([member.Value], member.Value.Place) : member.Value;
        if (Bind(value, known.Property.PropertyType) is not { } bound) return !known.IsRequired;
        foreach (var rule in known.Rules.Where(r => !IsKept(r, bound)))
            Error("GW1014", member.Value.Place, $"'{member.Name}' {Scalars.Demand(rule)}", "write a value that does");
        known.Property.SetValue(record, bound);
        return true;
    }

    /// <summary>The attribute itself lets empty text pass any form.</summary>
    private static bool IsKept(ValidationAttribute rule, object value) =>
        rule is RegularExpressionAttribute form && value is "" ? Regex.IsMatch("", form.Pattern) : rule.IsValid(value);

    /// <summary>Names stand in headers, addresses, metrics and stored rows, so they hold nothing that would have to be escaped there.</summary>
    public static bool IsPlain(string name) =>
        name.Length is > 0 and <= MaxName && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static Type? ElementOf(Type type, Type generic) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == generic ? type.GetGenericArguments()[^1] : null;

    private object? Error(string code, Place place, string message, string cure)
    {
        diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
        return null;
    }
}
