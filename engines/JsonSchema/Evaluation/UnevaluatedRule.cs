using System.Text.Json;

namespace Gateway.JsonSchema.Evaluation;

/// <summary><c>unevaluatedProperties</c> and <c>unevaluatedItems</c> (JSON Schema core, section 11): the schema for what nothing else looked at.</summary>
internal sealed class UnevaluatedRule(SchemaNode schema, KeywordSite site)
{
    public bool Check(JsonElement value, JsonValueKind kind, Run run, Marks marks)
    {
        if (!run.Enter(out int outerHops))
        {
            run.Leave(outerHops);
            return false;
        }
        bool valid = kind == JsonValueKind.Object ? CheckMembers(value, run, marks) : CheckItems(value, run, marks);
        run.Leave(outerHops);
        return valid;
    }

    private bool CheckMembers(JsonElement value, Run run, Marks marks)
    {
        bool valid = true;
        int index = 0;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            int at = index++;
            if (run.IsMarked(marks, at))
                continue;
            run.Mark(marks, at);
            int before = run.ErrorCount;
            if (CheckOne(member.Value, run))
                continue;
            run.Prefix(before, member);
            valid = false;
            if (run.Stops)
                return false;
        }
        return valid;
    }

    private bool CheckItems(JsonElement value, Run run, Marks marks)
    {
        bool valid = true;
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            int at = index++;
            if (run.IsMarked(marks, at))
                continue;
            run.Mark(marks, at);
            int before = run.ErrorCount;
            if (CheckOne(item, run))
                continue;
            run.Prefix(before, at);
            valid = false;
            if (run.Stops)
                return false;
        }
        return valid;
    }

    private bool CheckOne(JsonElement value, Run run) => schema.AllowsNothing ? run.Fail(site) : schema.Check(value, run, default);
}
