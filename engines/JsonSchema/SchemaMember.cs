namespace Gateway.JsonSchema;

/// <summary>Kinds of values, as <c>type</c> tells them apart; an integer is a number.</summary>
[Flags]
public enum SchemaKinds
{
    None = 0,
    Object = 1,
    Array = 2,
    String = 4,
    Number = 8,
    Boolean = 16,
    Null = 32,
    Any = Object | Array | String | Number | Boolean | Null,
}

/// <summary>Where a path of members' names leads in a schema.</summary>
/// <param name="Known">How many of the names, from the first on, the schema has.</param>
/// <param name="Names">Where the next one is not allowed: the names that are, there. Else null.</param>
/// <param name="Kinds">Kinds of values that are possible at the path's end, if all of it is known.</param>
public sealed record SchemaPath(int Known, IReadOnlyList<string>? Names, SchemaKinds Kinds);

/// <summary>What a schema says about a member by name, before any value is seen.</summary>
/// <param name="Kinds">Kinds of values that <c>type</c>, <c>enum</c> and <c>const</c> leave possible.</param>
/// <param name="ItemKinds">The same of the items, where the value is an array.</param>
/// <param name="ItemsByPlace">Items have rules by their place (<c>prefixItems</c>), of which the kinds tell nothing.</param>
/// <param name="IsBare">The member is named, and nothing is said about its value.</param>
public sealed record SchemaMember(SchemaKinds Kinds, SchemaKinds ItemKinds, bool ItemsByPlace = false, bool IsBare = false)
{
    /// <summary>A member about which nothing is said.</summary>
    public static readonly SchemaMember Any = new(SchemaKinds.Any, SchemaKinds.Any, IsBare: true);

    /// <summary>It may be an array, and no single value but null.</summary>
    public bool IsList => (Kinds & ~(SchemaKinds.Null | SchemaKinds.Object)) == SchemaKinds.Array;
}
