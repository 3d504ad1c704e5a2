namespace Gateway.JsonSchema.Comparison;

/// <summary>What a change does to the set of documents that match.</summary>
[Flags]
internal enum Effect
{
    None = 0,

    /// <summary>Some that matched no longer do.</summary>
    Narrower = 1,

    /// <summary>Some that did not match do now.</summary>
    Wider = 2,

    /// <summary>Nobody can say without trying all documents.</summary>
    Unclear = Narrower | Wider,
}

/// <summary>Collects differences and judges each by who suffers from it.</summary>
internal sealed class ChangeLog(SchemaDirection direction)
{
    private readonly List<SchemaChange> _changes = [];

    public bool IsEmpty => _changes.Count == 0;

    public IReadOnlyList<SchemaChange> Sorted() => [.. _changes.Distinct().OrderBy(change => !change.Breaking)];

    /// <summary>Adds a change that breaks writers when it narrows, and readers when it widens.</summary>
    public void Add(Pair at, string keyword, Effect effect, string reason) =>
        Add(at, keyword, reason, breaksWriters: Has(at, effect, Effect.Narrower), breaksReaders: Has(at, effect, Effect.Wider));

    /// <summary>Adds a change whose effect on callers is not that of its effect on the set of documents.</summary>
    public void Add(Pair at, string keyword, string reason, bool breaksWriters, bool breaksReaders)
    {
        SchemaView holder = at.Newer.Has(keyword) || !at.Older.Has(keyword) ? at.Newer : at.Older;
        _changes.Add(new SchemaChange(
            at.Pointer, keyword, holder.LocationOf(keyword), direction == SchemaDirection.Request ? breaksWriters : breaksReaders, reason));
    }

    // Under a not, what narrows the schema widens the whole.
    private static bool Has(Pair at, Effect effect, Effect wanted) =>
        effect == Effect.Unclear || (effect != Effect.None && effect == wanted != at.Inverted);
}
