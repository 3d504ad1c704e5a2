namespace Gateway.JsonSchema.Comparison;

/// <summary>Two schemas that say something about the same place of a document.</summary>
/// <param name="Pointer">That place.</param>
/// <param name="Inverted">They stand under a <c>not</c>.</param>
internal sealed record Pair(SchemaView Older, SchemaView Newer, string Pointer, bool Inverted)
{
    /// <summary>A schema around the newer one restricts what is left unevaluated here: to describe less is to allow less.</summary>
    public bool Watched { get; init; }

    /// <summary>Two schemas about a member or item of the same place.</summary>
    public Pair Below(string step, SchemaView older, SchemaView newer) =>
        new(older, newer, $"{Pointer}/{PointerText.EscapeStep(step)}", Inverted);

    /// <summary>Two schemas about the very same place.</summary>
    public Pair Here(SchemaView older, SchemaView newer) =>
        this with { Older = older, Newer = newer, Watched = Watched || Newer.Has("unevaluatedProperties") || Newer.Has("unevaluatedItems") };
}
