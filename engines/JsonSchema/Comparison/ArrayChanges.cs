using System.Globalization;
using System.Text.Json;

namespace Gateway.JsonSchema.Comparison;

/// <summary>Items: the first ones, others, how many, unique, contained.</summary>
internal static class ArrayChanges
{
    public static void Compare(Comparer comparer, Pair at)
    {
        (IReadOnlyList<SchemaView> first, IReadOnlyList<SchemaView> now) = (at.Older.FirstItems, at.Newer.FirstItems);
        for (int i = 0; i < Math.Max(first.Count, now.Count); i++)
            comparer.Compare(at.Below(i.ToString(CultureInfo.InvariantCulture), i < first.Count ? first[i] : at.Older.OtherItems, i < now.Count ? now[i] : at.Newer.OtherItems));
        comparer.Compare(at.Below("*", at.Older.OtherItems, at.Newer.OtherItems));
        ValueChanges.CompareCounts(comparer.Log, at, "minItems", "maxItems", "item");
        CompareUnique(comparer.Log, at);
        CompareContained(comparer, at);
    }

    private static void CompareContained(Comparer comparer, Pair at)
    {
        (SchemaView? before, SchemaView? after) = (at.Older.Schema("contains"), at.Newer.Schema("contains"));
        // Even one that any item meets demands that there is one.
        if (before is null && after is not null)
            comparer.Log.Add(at, "contains", Effect.Narrower, "an item of a certain form must be there now");
        if (before is not null && after is null)
            comparer.Log.Add(at, "contains", Effect.Wider, "no item of a certain form need be there any longer");
        if (before is null || after is null)
            return;
        comparer.Compare(at.Here(before, after));
        // More items that count may be too many.
        if ((at.Older.Has("maxContains") || at.Newer.Has("maxContains")) && comparer.Differ(silent => silent.Compare(at.Here(before, after))))
            comparer.Log.Add(at, "contains", Effect.Unclear, "other items count");
        ValueChanges.CompareCounts(comparer.Log, at, "minContains", "maxContains", "such item", least: 1);
    }

    private static void CompareUnique(ChangeLog log, Pair at)
    {
        bool before = at.Older.Value("uniqueItems") is { ValueKind: JsonValueKind.True }, after = at.Newer.Value("uniqueItems") is { ValueKind: JsonValueKind.True };
        if (before != after)
            log.Add(at, "uniqueItems", after ? Effect.Narrower : Effect.Wider, after ? "items must differ now" : "items need no longer differ");
    }
}
