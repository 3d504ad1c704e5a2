namespace Gateway.JsonSchema.Evaluation;

/// <summary><c>anyOf</c> and <c>oneOf</c>.</summary>
internal sealed class ChoiceRule(SchemaNode[] branches, bool exactlyOne, KeywordSite site) : InPlaceRule
{
    public SchemaNode[] Branches => branches;

    public override bool Check(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        int before = run.ErrorCount;
        int matches = Count(text, at, run, marks);
        if (matches == 1 || (matches > 1 && !exactlyOne))
            return true;
        if (matches > 1)
            return run.Fail(site, "must match exactly one of the allowed forms, but matches several");
        if (run.Records && !Explain(text, at, run, before))
            run.Fail(site);
        return false;
    }

    private int Count(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        int matches = 0;
        run.Hush();
        foreach (SchemaNode branch in branches)
        {
            Marks own = marks.Wanted ? run.OpenMarks(marks.Length) : default;
            if (branch.Matches(text, at, run, own))
            {
                matches++;
                if (own.Wanted)
                    run.Merge(marks, own);
            }
            if (own.Wanted)
                run.CloseMarks(own);
            // Every matching branch of an anyOf counts as having evaluated its part, so with marks wanted none may be left out.
            if (exactlyOne ? matches > 1 : matches == 1 && !marks.Wanted)
                break;
        }
        run.Speak();
        return matches;
    }

    // A client wants to hear what is wrong with the form it meant, not that none of five forms fits. The form meant is the only
    // one that is not ruled out by its type or by a constant member.
    private bool Explain(ReadOnlySpan<byte> text, int at, Run run, int before)
    {
        bool found = false;
        foreach (SchemaNode branch in branches)
        {
            int mark = run.ErrorCount;
            branch.Matches(text, at, run, default);
            if (run.ErrorCount == mark || run.Log!.RulesOut(mark, run.ErrorCount))
                run.Forget(mark);
            else if (found)
            {
                run.Forget(before);
                return false;
            }
            else
                found = true;
        }
        return found;
    }
}
