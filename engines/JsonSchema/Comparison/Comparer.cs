namespace Gateway.JsonSchema.Comparison;

/// <summary>Walks two schemas side by side. Each pair of schemas is compared once, at the first place of the documents that it is about.</summary>
internal sealed class Comparer(ChangeLog log)
{
    private readonly HashSet<(string Older, string Newer, bool Inverted, bool Watched)> _compared = [];
    private readonly HashSet<(string Older, string Newer, bool Inverted, bool Watched)> _underWay = [];

    public ChangeLog Log => log;

    public void Compare(Pair pair)
    {
        var key = (pair.Older.Name + Form(pair.Older), pair.Newer.Name + Form(pair.Newer), pair.Inverted, pair.Watched);
        if (!_compared.Add(key))
            return;
        _underWay.Add(key);
        if (pair.Older.AllowsNothing || pair.Newer.AllowsNothing)
            CompareNothing(pair);
        else
            CompareAll(pair);
        _underWay.Remove(key);
    }

    /// <summary>Whether there is any difference at all.</summary>
    public bool Differ(Action<Comparer> compare)
    {
        ChangeLog seen = new(SchemaDirection.Request);
        Comparer silent = new(seen);
        // What it was asked in the midst of is compared there.
        silent._compared.UnionWith(_underWay);
        silent._underWay.UnionWith(_underWay);
        compare(silent);
        return !seen.IsEmpty;
    }

    /// <summary>Compares schemas that either side may lack: one that is not there allows everything.</summary>
    public void CompareOptional(Pair at, string keyword, Func<SchemaView, SchemaView?> find, string added, string removed)
    {
        (SchemaView? older, SchemaView? newer) = (find(at.Older), find(at.Newer));
        if (older is null && newer is not null && !newer.AllowsAll)
            log.Add(at, keyword, Effect.Narrower, added);
        else if (older is not null && newer is null && !older.AllowsAll)
            log.Add(at, keyword, Effect.Wider, removed);
        else if (older is not null && newer is not null)
            Compare(at.Here(older, newer));
    }

    private void CompareAll(Pair pair)
    {
        ValueChanges.Compare(this, pair);
        ObjectChanges.Compare(this, pair);
        ArrayChanges.Compare(this, pair);
        PartChanges.Compare(this, pair);
    }

    private void CompareNothing(Pair pair)
    {
        if (pair.Older.AllowsNothing != pair.Newer.AllowsNothing)
            log.Add(pair, "", pair.Newer.AllowsNothing ? Effect.Narrower : Effect.Wider, pair.Newer.AllowsNothing ? "nothing is allowed here any longer" : "this is allowed now");
    }

    // Stands for a missing schema too, which has the name of the one it would stand in.
    private static string Form(SchemaView view) => view.AllowsAll ? "?" : "";
}
