namespace Gateway.JsonSchema.Evaluation;

/// <summary>A keyword that applies subschemas to the same instance.</summary>
internal abstract class InPlaceRule
{
    public abstract bool Check(ReadOnlySpan<byte> text, int at, Run run, Marks marks);
}

/// <summary>A subschema of <c>allOf</c>.</summary>
internal sealed class AllOfRule(SchemaNode schema) : InPlaceRule
{
    public SchemaNode Schema => schema;

    public override bool Check(ReadOnlySpan<byte> text, int at, Run run, Marks marks) => schema.Matches(text, at, run, marks);
}

/// <summary><c>$ref</c>.</summary>
internal sealed class RefRule(SchemaNode target) : InPlaceRule
{
    public SchemaNode Target => target;

    public override bool Check(ReadOnlySpan<byte> text, int at, Run run, Marks marks) => target.Matches(text, at, run, marks);
}

/// <summary>
/// <c>$dynamicRef</c> whose first target is a <c>$dynamicAnchor</c> (JSON Schema core 8.2.3.2): the outermost resource in the
/// dynamic scope that has the same anchor wins. <paramref name="targets"/> maps resource numbers to such schemas; it is complete
/// when evaluation starts.
/// </summary>
internal sealed class DynamicRefRule(SchemaNode fallback, Dictionary<int, SchemaNode> targets) : InPlaceRule
{
    public SchemaNode Fallback => fallback;

    public override bool Check(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        SchemaNode target = fallback;
        foreach (int resource in run.Scope)
        {
            if (targets.TryGetValue(resource, out SchemaNode? outer))
            {
                target = outer;
                break;
            }
        }
        return target.Matches(text, at, run, marks);
    }
}

/// <summary><c>not</c>.</summary>
internal sealed class NotRule(SchemaNode schema, KeywordSite site) : InPlaceRule
{
    public SchemaNode Schema => schema;

    public override bool Check(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        run.Hush();
        bool matches = schema.Matches(text, at, run, default);
        run.Speak();
        return !matches || run.Fail(site);
    }
}

/// <summary><c>if</c>, <c>then</c>, <c>else</c>.</summary>
internal sealed class ConditionRule(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : InPlaceRule
{
    public SchemaNode Condition => condition;

    public SchemaNode? Then => then;

    public SchemaNode? Otherwise => otherwise;

    public override bool Check(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        SchemaNode? branch = Holds(text, at, run, marks) ? then : otherwise;
        return branch is null || branch.Matches(text, at, run, marks);
    }

    private bool Holds(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        Marks own = marks.Wanted ? run.OpenMarks(marks.Length) : default;
        run.Hush();
        bool holds = condition.Matches(text, at, run, own);
        run.Speak();
        if (marks.Wanted)
        {
            if (holds)
                run.Merge(marks, own);
            run.CloseMarks(own);
        }
        return holds;
    }
}
