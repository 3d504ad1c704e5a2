using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Fields;

/// <summary>One model as a database has it, and how the names of Odoo 19 are said there.</summary>
internal sealed class ModelFields
{
    private readonly Dictionary<string, string?> _relations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _here = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _today = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FieldRule> _absent = new(StringComparer.Ordinal);

    /// <param name="described">What <c>fields_get</c> answers: an object by field name, with <c>type</c> and <c>relation</c>.</param>
    public ModelFields(string model, JsonElement described)
    {
        foreach (var field in described.EnumerateObject())
            _relations[field.Name] = field.Value.Text("relation");
        foreach (var rule in FieldTable.Rules.Where(rule => rule.Model == model && !_relations.ContainsKey(rule.Name)))
            if (rule.Formerly.FirstOrDefault(_relations.ContainsKey) is { } before)
                (_here[rule.Name], _today[before]) = (before, rule.Name);
            else if (rule.MayBeMissing)
                _absent[rule.Name] = rule;
    }

    /// <summary>Nothing differs from Odoo 19.</summary>
    public bool IsAsToday => _here.Count == 0 && _absent.Count == 0;

    /// <summary>Values of other fields that say one which is not there.</summary>
    public IEnumerable<SaidBy> Sayings => _absent.Values.Select(rule => rule.SaidBy).OfType<SaidBy>();

    public bool Lacks(string name) => !_relations.ContainsKey(name) && !_here.ContainsKey(name) && !_absent.ContainsKey(name);

    /// <summary>The row of the table for a field that is not there and can be done without; null for all others.</summary>
    public FieldRule? Absent(string name) => _absent.GetValueOrDefault(name);

    /// <summary>The name in this database.</summary>
    public string Here(string name) => _here.GetValueOrDefault(name, name);

    /// <summary>The name in Odoo 19.</summary>
    public string Today(string here) => _today.GetValueOrDefault(here, here);

    /// <summary>The model that a field leads to.</summary>
    public string? RelationOf(string name) => _relations.GetValueOrDefault(Here(name));
}
