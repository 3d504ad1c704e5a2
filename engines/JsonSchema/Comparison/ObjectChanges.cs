namespace Gateway.JsonSchema.Comparison;

/// <summary>Members: named, by pattern, others, required, dependent.</summary>
internal static class ObjectChanges
{
    public static void Compare(Comparer comparer, Pair at)
    {
        CompareRequired(comparer.Log, at);
        IReadOnlyDictionary<string, SchemaView> before = at.Older.Members("properties"), after = at.Newer.Members("properties");
        foreach (string name in after.Keys.Union(before.Keys))
            CompareMember(comparer, at, name, before.ContainsKey(name), after.ContainsKey(name));
        if (at.Watched || at.Newer.Has("unevaluatedProperties") || at.Newer.Has("unevaluatedItems"))
            CompareWatched(comparer.Log, at);
        ComparePatterns(comparer, at);
        CompareOthers(comparer, at);
        comparer.CompareOptional(at, "propertyNames", schema => schema.Schema("propertyNames"), "names of members are limited now", "names of members are no longer limited");
        ValueChanges.CompareCounts(comparer.Log, at, "minProperties", "maxProperties", "member");
        CompareDependents(comparer, at);
    }

    private static void CompareRequired(ChangeLog log, Pair at)
    {
        (IReadOnlyList<string> before, IReadOnlyList<string> after) = (at.Older.Names("required"), at.Newer.Names("required"));
        foreach (string name in after.Except(before))
            log.Add(at.Below(name, at.Older, at.Newer), "required", Effect.Narrower, $"'{name}' is required now");
        foreach (string name in before.Except(after))
            log.Add(at.Below(name, at.Older, at.Newer), "required", Effect.Wider, $"'{name}' is no longer required");
    }

    private static void CompareMember(Comparer comparer, Pair at, string name, bool wasNamed, bool isNamed)
    {
        Pair member = at.Below(name, !wasNamed && at.Older.DescribesElsewhere ? at.Older.Anything : at.Older.Member(name), at.Newer.Member(name));
        if (wasNamed && !isNamed && (member.Newer.AllowsNothing || member.Newer.AllowsAll) && !member.Older.AllowsNothing)
            // A reader who used it finds nothing, or anything.
            comparer.Log.Add(at.Below(name, at.Older, at.Newer), "properties", $"the member '{name}' is removed",
                breaksWriters: (member.Newer.AllowsNothing || at.Watched) != at.Inverted, breaksReaders: true);
        else if (!wasNamed && isNamed && member.Older.AllowsNothing && !member.Newer.AllowsNothing)
            // Readers pass over members they do not know.
            comparer.Log.Add(at.Below(name, at.Older, at.Newer), "properties", $"the member '{name}' is added", breaksWriters: at.Inverted, breaksReaders: false);
        else
            comparer.Compare(member);
    }

    /// <summary>What describes members or items less may leave them to a schema around it.</summary>
    private static void CompareWatched(ChangeLog log, Pair at)
    {
        foreach (string keyword in (string[])["additionalProperties", "patternProperties", "items", "prefixItems", "additionalItems", "contains", "unevaluatedProperties", "unevaluatedItems"])
        {
            if (at.Older.Has(keyword)
                && (!at.Newer.Has(keyword) || at.Newer.Schemas(keyword).Count < at.Older.Schemas(keyword).Count || at.Newer.Members(keyword).Count < at.Older.Members(keyword).Count))
                log.Add(at, keyword, Effect.Unclear, "less is described here, and what is not described is restricted around it");
        }
    }

    private static void ComparePatterns(Comparer comparer, Pair at)
    {
        IReadOnlyDictionary<string, SchemaView> before = at.Older.Members("patternProperties"), after = at.Newer.Members("patternProperties");
        foreach (string pattern in after.Keys.Union(before.Keys))
        {
            Pair members = at.Below(pattern, before.GetValueOrDefault(pattern, at.Older.OtherMembers), after.GetValueOrDefault(pattern, at.Newer.OtherMembers));
            if (!before.ContainsKey(pattern) && members.Older.AllowsNothing)
                comparer.Log.Add(at, "patternProperties", $"members like {pattern} are added", breaksWriters: at.Inverted, breaksReaders: false);
            else
                comparer.Compare(members);
        }
    }

    private static void CompareOthers(Comparer comparer, Pair at)
    {
        Pair others = at.Below("*", at.Older.OtherMembers, at.Newer.OtherMembers);
        string keyword = at.Newer.Has("unevaluatedProperties") || (at.Older.Has("unevaluatedProperties") && !at.Newer.Has("additionalProperties")) ? "unevaluatedProperties" : "additionalProperties";
        if (others.Older.AllowsNothing && !others.Newer.AllowsNothing)
            comparer.Log.Add(at, keyword, "members that are not named are allowed now", breaksWriters: at.Inverted, breaksReaders: false);
        else if (!others.Older.AllowsNothing && others.Newer.AllowsNothing)
            comparer.Log.Add(at, keyword, Effect.Narrower, "members that are not named are no longer allowed");
        else
            comparer.Compare(others);
    }

    private static void CompareDependents(Comparer comparer, Pair at)
    {
        IReadOnlyDictionary<string, IReadOnlyList<string>> before = at.Older.NameLists("dependentRequired", "dependencies"), after = at.Newer.NameLists("dependentRequired", "dependencies");
        foreach (string trigger in after.Keys.Union(before.Keys))
        {
            (IReadOnlyList<string> was, IReadOnlyList<string> now) = (before.GetValueOrDefault(trigger, []), after.GetValueOrDefault(trigger, []));
            foreach (string name in now.Except(was))
                comparer.Log.Add(at, "dependentRequired", Effect.Narrower, $"'{name}' is required now where there is '{trigger}'");
            foreach (string name in was.Except(now))
                comparer.Log.Add(at, "dependentRequired", Effect.Wider, $"'{name}' is no longer required where there is '{trigger}'");
        }
        foreach (string keyword in (string[])["dependentSchemas", "dependencies"])
        {
            foreach (string trigger in at.Newer.Members(keyword).Keys.Union(at.Older.Members(keyword).Keys))
                comparer.CompareOptional(at, keyword, schema => schema.Members(keyword).GetValueOrDefault(trigger),
                    $"more is demanded now where there is '{trigger}'", $"less is demanded where there is '{trigger}'");
        }
    }
}
