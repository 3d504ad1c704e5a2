using Gateway.JsonSchema.Values;

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

    /// <summary>The position behind the array, or -1 when it is not valid.</summary>
    public int Check(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        int end = -1;
        int count = 0;
        bool valid = run.Enter(out int outerHops) && CheckItems(text, at, run, marks, out end, out count);
        run.Leave(outerHops);
        if (!valid && run.Stops)
            return -1;
        if (count < MinItems)
            valid = run.Fail(MinSite!);
        else if (count > MaxItems)
            valid = run.Fail(MaxSite!);
        if (Contains is not null && (valid || !run.Stops))
            valid &= CheckContains(text, at, run, marks);
        if (UniqueSite is not null && count > 1 && (valid || !run.Stops))
            valid &= UniqueItems.Check(text, at, count, run, UniqueSite);
        return valid ? end : -1;
    }

    private bool CheckItems(ReadOnlySpan<byte> text, int at, Run run, Marks marks, out int end, out int count)
    {
        bool valid = true;
        end = -1;
        count = 0;
        if (marks.Wanted)
            run.MarkFirst(marks, Rest is null ? Prefix.Length : marks.Length);
        at = JsonScan.Next(text, at + 1);
        while (text[at] != ']')
        {
            // With the count alone wrong there is nothing more to learn in flag mode.
            if (count == MaxItems && run.Stops)
                return false;
            SchemaNode? schema = count < Prefix.Length ? Prefix[count] : Rest;
            int behind = schema is null ? 0 : CheckItem(text, at, schema, count, run);
            if (behind < 0)
                valid = false;
            if (!valid && run.Stops)
                return false;
            count++;
            at = JsonScan.Next(text, behind > 0 ? behind : run.Skip(text, at));
        }
        end = at + 1;
        return valid;
    }

    private int CheckItem(ReadOnlySpan<byte> text, int at, SchemaNode schema, int index, Run run)
    {
        int before = run.ErrorCount;
        int behind;
        if (schema.AllowsNothing && index >= Prefix.Length)
        {
            run.Fail(RestSite!);
            behind = -1;
        }
        else
            behind = schema.Check(text, at, run, default);
        if (behind < 0)
            run.Prefix(before, index);
        return behind;
    }

    private bool CheckContains(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        int matches = 0;
        run.Hush();
        bool entered = run.Enter(out int outerHops);
        if (entered)
            matches = CountMatches(text, at, run, marks);
        run.Leave(outerHops);
        run.Speak();
        if (!entered || matches < MinContains)
            return run.Fail(MinContainsSite ?? ContainsSite!);
        return matches <= MaxContains || run.Fail(MaxContainsSite!);
    }

    private int CountMatches(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        bool wanted = marks.Wanted && ContainsMarks;
        int matches = 0;
        at = JsonScan.Next(text, at + 1);
        for (int index = 0; text[at] != ']'; index++)
        {
            if (Contains!.Matches(text, at, run, default))
            {
                matches++;
                if (wanted)
                    run.Mark(marks, index);
                if (!wanted && matches >= MinContains && MaxContains == int.MaxValue)
                    break;
            }
            at = JsonScan.Next(text, run.Skip(text, at));
        }
        return matches;
    }
}
