namespace Gateway.JsonSchema.Comparison;

/// <summary>Schemas made of schemas: <c>allOf</c>, <c>anyOf</c>, <c>oneOf</c>, <c>not</c>, <c>if</c>.</summary>
internal static class PartChanges
{
    public static void Compare(Comparer comparer, Pair at)
    {
        ComparePaired(comparer, at, "allOf", at.Older.Parts, at.Newer.Parts, added: (Effect.Narrower, "one more condition must be met"), removed: (Effect.Wider, "a condition is gone"));
        foreach (string keyword in (string[])["anyOf", "oneOf"])
            CompareForms(comparer, at, keyword);
        CompareNot(comparer, at);
        CompareCondition(comparer, at);
    }

    private static void CompareForms(Comparer comparer, Pair at, string keyword)
    {
        (IReadOnlyList<SchemaView> before, IReadOnlyList<SchemaView> after) = (at.Older.Schemas(keyword), at.Newer.Schemas(keyword));
        ((Effect, string) added, (Effect, string) removed) = ((Effect.Wider, "one more form is allowed"), (Effect.Narrower, "a form is no longer allowed"));
        if (before.Count == 0 && after.Count > 0)
            comparer.Log.Add(at, keyword, Effect.Narrower, $"one of {after.Count} forms must be met now");
        else if (before.Count > 0 && after.Count == 0)
            comparer.Log.Add(at, keyword, Effect.Wider, $"none of {before.Count} forms need be met any longer");
        else
            ComparePaired(comparer, at, keyword, before, after, added, removed);
        // Of oneOf, a document that meets two forms meets none.
        if (keyword == "oneOf" && before.Count > 0 && !Apart.All(after) && comparer.Differ(silent => ComparePaired(silent, at, keyword, before, after, added, removed)))
            comparer.Log.Add(at, keyword, Effect.Unclear, "the forms may overlap now");
    }

    /// <summary>Schemas that read alike belong together; what is left over is paired in its order.</summary>
    private static void ComparePaired(
        Comparer comparer, Pair at, string keyword, IReadOnlyList<SchemaView> before, IReadOnlyList<SchemaView> after, (Effect Effect, string Reason) added, (Effect Effect, string Reason) removed)
    {
        List<SchemaView> left = [.. before], unmatched = [];
        foreach (SchemaView newer in after)
        {
            if (left.Find(newer.ReadsLike) is not { } same)
            {
                unmatched.Add(newer);
                continue;
            }
            left.Remove(same);
            comparer.Compare(at.Here(same, newer));
        }
        foreach ((SchemaView older, SchemaView newer) in left.Zip(unmatched))
            comparer.Compare(at.Here(older, newer));
        for (int i = left.Count; i < unmatched.Count; i++)
            comparer.Log.Add(at, keyword, added.Effect, added.Reason);
        for (int i = unmatched.Count; i < left.Count; i++)
            comparer.Log.Add(at, keyword, removed.Effect, removed.Reason);
    }

    private static void CompareNot(Comparer comparer, Pair at)
    {
        (SchemaView? before, SchemaView? after) = (at.Older.Schema("not"), at.Newer.Schema("not"));
        if (before is not null && after is not null)
            comparer.Compare(at.Here(before, after) with { Inverted = !at.Inverted });
        else if (after is not null)
            comparer.Log.Add(at, "not", Effect.Narrower, "a form is excluded now");
        else if (before is not null)
            comparer.Log.Add(at, "not", Effect.Wider, "a form is no longer excluded");
    }

    private static void CompareCondition(Comparer comparer, Pair at)
    {
        (SchemaView? before, SchemaView? after) = (Condition(at.Older), Condition(at.Newer));
        if (before is null && after is null)
            return;
        if (before is null || after is null)
        {
            comparer.Log.Add(at, "if", after is null ? Effect.Wider : Effect.Narrower, after is null ? "a condition is gone" : "a condition is added");
            return;
        }
        if (comparer.Differ(silent => silent.Compare(at.Here(before, after))))
        {
            comparer.Log.Add(at, "if", Effect.Unclear, "the condition differs");
            return;
        }
        foreach (string branch in (string[])["then", "else"])
            comparer.CompareOptional(at, branch, schema => schema.Schema(branch), "more is demanded under the condition now", "less is demanded under the condition");
    }

    private static SchemaView? Condition(SchemaView schema) => schema.Has("then") || schema.Has("else") ? schema.Schema("if") : null;
}
