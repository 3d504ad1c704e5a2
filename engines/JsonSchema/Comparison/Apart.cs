using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Comparison;

/// <summary>Whether no document can meet two schemas. What it finds is certain; it finds what authors do to tell forms apart.</summary>
internal static class Apart
{
    private const int MaxDepth = 4;

    public static bool All(IReadOnlyList<SchemaView> forms) =>
        forms.Select((form, index) => forms.Skip(index + 1).All(other => Are(form, other, 0))).All(apart => apart);

    private static bool Are(SchemaView one, SchemaView other, int depth)
    {
        if (one.AllowsNothing || other.AllowsNothing)
            return true;
        if (!ValueChanges.TypesOf(one).Any(type => Meets(ValueChanges.TypesOf(other), type)))
            return true;
        if (one.Values is { } values && other.Values is { } others && !values.Any(value => others.Any(that => AreEqual(value, that))))
            return true;
        // Both must have a member, with values that differ: a discriminator. Only an object has members.
        return depth < MaxDepth && IsObject(one) && IsObject(other)
            && one.Names("required").Intersect(other.Names("required")).Any(name => Are(one.Member(name), other.Member(name), depth + 1));
    }

    private static bool IsObject(SchemaView schema) => ValueChanges.TypesOf(schema) is ["object"];

    private static bool Meets(IReadOnlyList<string> types, string type) =>
        types.Contains(type) || (type == "integer" && types.Contains("number")) || (type == "number" && types.Contains("integer"));

    private static bool AreEqual(JsonElement one, JsonElement other) => JsonEquality.AreEqual(JsonMarshal.GetRawUtf8Value(one), JsonMarshal.GetRawUtf8Value(other));
}
