using System.Text.Json.Nodes;

namespace Gateway.Tests.Records;

/// <summary>A member of an object of a contract, with what it says of itself and what it takes from the definition that it refers to.</summary>
/// <param name="Place">Where it is written.</param>
/// <param name="Path">From the object on: <c>delivery.deliveryAddress</c>, <c>orderLines[].quantity</c>.</param>
/// <param name="Definition">Where its definition is: the same place, or what its reference leads to.</param>
/// <param name="Schema">The definition, and before it what stands beside the reference.</param>
internal sealed record ContractField(Spot Place, string Path, Spot Definition, JsonObject Schema, bool Required)
{
    /// <summary>Of an object the name of its record, whatever the field is called.</summary>
    public string Title => (string?)(IsObject ? Definition.Schema : Schema)["title"] ?? "";

    public string Description => Text("description");

    /// <summary>The standard and element, or the place in Odoo, that the field is taken from.</summary>
    public string Source => Text("x-source");

    public bool IsObject => Schema.ContainsKey("properties");

    public bool IsList => (string?)Schema["type"] == "array";

    public JsonNode? Example => (Schema["examples"] as JsonArray)?.FirstOrDefault();

    /// <summary>The contract of the object that the field names, like <c>item@1</c>; empty where it names none.</summary>
    public string RefersTo => Text("x-refers-to");

    /// <summary>What the list is of; null where the field is no list.</summary>
    public ContractField? Items(ContractBundle bundle) =>
        IsList ? Of(bundle, Definition.Below("items", Schema["items"]), Path + "[]", required: false) : null;

    /// <summary>The members of an object, not those of objects in it.</summary>
    /// <param name="bundle">All contracts.</param>
    /// <param name="of">The object.</param>
    /// <param name="path">What goes before their names.</param>
    public static IEnumerable<ContractField> Members(ContractBundle bundle, Spot of, string path = "")
    {
        var required = (of.Schema["required"] as JsonArray)?.Select(name => (string?)name).ToHashSet() ?? [];
        foreach (var (name, schema) in of.Schema["properties"]?.AsObject() ?? [])
            yield return Of(bundle, of.Below($"properties/{name}", schema), path + name, required.Contains(name));
    }

    /// <summary>All members, also those of objects in it, wherever these are defined.</summary>
    public static IEnumerable<ContractField> All(ContractBundle bundle, Spot of, string path = "")
    {
        foreach (var field in Members(bundle, of, path))
        {
            yield return field;
            var inner = field.Items(bundle) ?? field;
            if (inner != field) yield return inner;
            foreach (var member in All(bundle, inner.Definition, inner.Path + ".")) yield return member;
        }
    }

    private static ContractField Of(ContractBundle bundle, Spot place, string path, bool required)
    {
        var (at, said) = (place, new JsonObject());
        while (true)
        {
            foreach (var (keyword, value) in at.Schema)
                if (keyword != "$ref") said.TryAdd(keyword, value?.DeepClone());
            if (at.Schema["$ref"] is not { } reference) return new(place, path, at, said, required);
            at = bundle.Resolve(at, (string)reference!);
        }
    }

    private string Text(string keyword) => (string?)Schema[keyword] ?? "";
}
