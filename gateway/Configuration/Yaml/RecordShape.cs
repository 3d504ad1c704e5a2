using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Gateway.Configuration.Yaml;

/// <summary>How a record is written. Found by reflection once a type: a large workspace binds the same few records thousands of times.</summary>
internal sealed class RecordShape
{
    private static readonly ConcurrentDictionary<Type, RecordShape> Known = new();

    private RecordShape(Type type)
    {
        var members = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is { IsPublic: true } && !p.IsDefined(typeof(NotWrittenAttribute))).Select(p => new RecordMember(p));
        Members = new OrderedDictionary<string, RecordMember>(members.Select(m => KeyValuePair.Create(m.Name, m)));
        Required = [.. Members.Values.Where(m => m.IsRequired)];
    }

    /// <summary>By the name in YAML, in the order of their declaration.</summary>
    public IReadOnlyDictionary<string, RecordMember> Members { get; }

    public IReadOnlyList<RecordMember> Required { get; }

    public static RecordShape Of(Type type) => Known.GetOrAdd(type, static t => new RecordShape(t));
}

/// <summary>A member of a record: its name in YAML (camelCase), whether it must be there, and the rules its value must keep.</summary>
internal sealed class RecordMember(PropertyInfo property)
{
    public PropertyInfo Property { get; } = property;

    public string Name { get; } = JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    public bool IsRequired { get; } = property.IsDefined(typeof(RequiredMemberAttribute));

    /// <summary>A list of which one entry may be written without brackets.</summary>
    public bool IsOneOrMore { get; } = property.IsDefined(typeof(OneOrMoreAttribute));

    public IReadOnlyList<ValidationAttribute> Rules { get; } = [.. property.GetCustomAttributes<ValidationAttribute>()];
}
