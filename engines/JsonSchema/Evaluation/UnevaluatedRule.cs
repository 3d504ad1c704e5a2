using System.Text.Json;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>
/// <c>unevaluatedProperties</c> and <c>unevaluatedItems</c> (JSON Schema core, section 11): the schema for what nothing else
/// looked at.
/// </summary>
internal sealed class UnevaluatedRule(SchemaNode schema, KeywordSite site)
{
    public SchemaNode Schema => schema;

    /// <summary>Checks all members or items that are not marked, and marks them.</summary>
    public bool Check(ReadOnlySpan<byte> text, int at, JsonValueKind kind, Run run, Marks marks)
    {
        bool valid = run.Enter(out int outerHops) && CheckRest(text, at, kind == JsonValueKind.Object, run, marks);
        run.Leave(outerHops);
        return valid;
    }

    private bool CheckRest(ReadOnlySpan<byte> text, int at, bool isObject, Run run, Marks marks)
    {
        bool valid = true;
        at = JsonScan.Next(text, at + 1);
        for (int index = 0; text[at] is not ((byte)'}' or (byte)']'); index++)
        {
            ReadOnlySpan<byte> name = default;
            if (isObject)
            {
                int nameEnd = JsonScan.StringEnd(text, at);
                name = text[(at + 1)..(nameEnd - 1)];
                at = JsonScan.MemberValue(text, nameEnd);
            }
            if (!run.IsMarked(marks, index))
            {
                run.Mark(marks, index);
                int before = run.ErrorCount;
                if (!(schema.AllowsNothing ? run.Fail(site) : schema.Matches(text, at, run, default)))
                {
                    if (isObject)
                        run.Prefix(before, name);
                    else
                        run.Prefix(before, index);
                    valid = false;
                    if (run.Stops)
                        return false;
                }
            }
            at = JsonScan.Next(text, run.Skip(text, at));
        }
        return valid;
    }
}
