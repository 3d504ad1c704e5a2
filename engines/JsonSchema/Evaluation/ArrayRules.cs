using System.Text.Json;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>What a schema says about arrays.</summary>
internal sealed class ArrayRules
{
    /// <summary><c>prefixItems</c>, or <c>items</c> as an array in older drafts.</summary>
    public SchemaNode[] Prefix { get; init; } = [];

    /// <summary>For the items after the prefix.</summary>
    public SchemaNode? Rest { get; init; }

    public KeywordSite? RestSite { get; init; }

    public SchemaNode? Contains { get; init; }

    public KeywordSite? ContainsSite { get; init; }

    public int MinContains { get; init; } = 1;

    public int MaxContains { get; init; } = int.MaxValue;

    public KeywordSite? MinContainsSite { get; init; }

    public KeywordSite? MaxContainsSite { get; init; }

    /// <summary>2020-12 counts an item that <c>contains</c> found as evaluated; 2019-09 does not.</summary>
    public bool ContainsMarks { get; init; }

    public int MinItems { get; init; }

    public int MaxItems { get; init; } = int.MaxValue;

    public KeywordSite? MinSite { get; init; }

    public KeywordSite? MaxSite { get; init; }

    public KeywordSite? UniqueSite { get; init; }

    public bool Check(JsonElement value, Run run, Marks marks)
    {
        int count = value.GetArrayLength();
        bool valid = true;
        if (count < MinItems)
            valid = run.Fail(MinSite!);
        else if (count > MaxItems)
            valid = run.Fail(MaxSite!);
        if (!valid && run.Stops)
            return false;
        if (!run.Enter(out int outerHops))
        {
            run.Leave(outerHops);
            return false;
        }
        if (Rest is not null || Prefix.Length > 0)
            valid &= CheckItems(value, run, marks);
        if (Contains is not null && (valid || !run.Stops))
            valid &= CheckContains(value, run, marks);
        run.Leave(outerHops);
        if (UniqueSite is not null && count > 1 && (valid || !run.Stops))
            valid &= UniqueItems.Check(value, count, run, UniqueSite);
        return valid;
    }

    private bool CheckItems(JsonElement value, Run run, Marks marks)
    {
        bool valid = true;
        int index = 0;
        if (marks.Wanted)
            run.MarkFirst(marks, Rest is null ? Prefix.Length : marks.Length);
        foreach (JsonElement item in value.EnumerateArray())
        {
            int at = index++;
            SchemaNode? schema = at < Prefix.Length ? Prefix[at] : Rest;
            if (schema is null)
                break;
            int before = run.ErrorCount;
            bool fits = schema.AllowsNothing && at >= Prefix.Length ? run.Fail(RestSite!) : schema.Check(item, run, default);
            if (fits)
                continue;
            run.Prefix(before, at);
            valid = false;
            if (run.Stops)
                return false;
        }
        return valid;
    }

    private bool CheckContains(JsonElement value, Run run, Marks marks)
    {
        bool wanted = marks.Wanted && ContainsMarks;
        int matches = 0;
        int index = 0;
        run.Hush();
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (Contains!.Check(item, run, default))
            {
                matches++;
                if (wanted)
                    run.Mark(marks, index);
                if (!wanted && matches >= MinContains && MaxContains == int.MaxValue)
                    break;
            }
            index++;
        }
        run.Speak();
        if (matches < MinContains)
            return run.Fail(MinContainsSite ?? ContainsSite!);
        return matches <= MaxContains || run.Fail(MaxContainsSite!);
    }
}
