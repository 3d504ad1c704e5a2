using System.Text.Json;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>One compiled schema: what it says about each kind of value, the subschemas that apply in place, and the unevaluated rest.</summary>
internal sealed class SchemaNode
{
    /// <summary>All bits of <see cref="Kinds"/>.</summary>
    public const int AnyKind = 0xFE;

    private static readonly InPlaceRule[] NoRules = [];
    private bool plain = true;

    /// <summary>Bit n is set when the <see cref="JsonValueKind"/> n is allowed.</summary>
    public int Kinds { get; set; } = AnyKind;

    /// <summary>Speaks when <see cref="Kinds"/> refuses.</summary>
    public KeywordSite? KindSite { get; set; }

    public ValueSet? Const { get; set; }

    public ValueSet? Enum { get; set; }

    public StringRules? Strings { get; set; }

    public NumberRules? Numbers { get; set; }

    public ObjectRules? Objects { get; set; }

    public ArrayRules? Arrays { get; set; }

    /// <summary>Subschemas applied to the same instance, in the order of cost.</summary>
    public InPlaceRule[] InPlace { get; set; } = NoRules;

    public UnevaluatedRule? UnevaluatedMembers { get; set; }

    public UnevaluatedRule? UnevaluatedItems { get; set; }

    /// <summary>The schema resource, where the dynamic scope matters; else -1.</summary>
    public int Resource { get; set; } = -1;

    public bool Sensitive { get; set; }

    /// <summary>Nothing can fail here: the schema <c>true</c> or one with annotations only.</summary>
    public bool AllowsAll { get; private set; }

    /// <summary>Nothing can match: the schema <c>false</c>.</summary>
    public bool AllowsNothing => Kinds == 0;

    /// <summary>Only looks at the value itself, so that it can also be applied to a bare name.</summary>
    public bool IsPlain => plain;

    /// <summary>To be called once all properties are set.</summary>
    public void Seal()
    {
        plain = InPlace.Length == 0 && UnevaluatedMembers is null && UnevaluatedItems is null && Resource < 0 && !Sensitive;
        AllowsAll = plain && Kinds == AnyKind && Const is null && Enum is null && Strings is null && Numbers is null && Objects is null
            && Arrays is null;
    }

    /// <summary>Checks one value. <paramref name="marks"/> receives what was evaluated, if an outer schema asks.</summary>
    public bool Check(JsonElement value, Run run, Marks marks)
    {
        if (!plain)
            return CheckFully(value, run, marks);
        JsonValueKind kind = value.ValueKind;
        return ((Kinds >> (int)kind) & 1) != 0 ? CheckValue(value, kind, run, marks) : run.Fail(KindSite!);
    }

    /// <summary>Checks a member name, unescaped; only for plain nodes.</summary>
    public bool CheckName(ReadOnlySpan<byte> name, Run run)
    {
        if (((Kinds >> (int)JsonValueKind.String) & 1) == 0)
            return run.Fail(KindSite!);
        if (Const is not null && !Const.ContainsText(name))
            return run.Fail(Const.Site);
        if (Enum is not null && !Enum.ContainsText(name))
            return run.Fail(Enum.Site);
        return Strings is null || Strings.CheckText(name, run);
    }

    private bool CheckValue(JsonElement value, JsonValueKind kind, Run run, Marks marks)
    {
        if (Const is not null && !Const.Contains(value, kind))
            return run.Fail(Const.Site);
        if (Enum is not null && !Enum.Contains(value, kind))
            return run.Fail(Enum.Site);
        switch (kind)
        {
            case JsonValueKind.String:
                return Strings is null || Strings.Check(value, run);
            case JsonValueKind.Number:
                return Numbers is null || Numbers.Check(value, run);
            case JsonValueKind.Object:
                return Objects is null || Objects.Check(value, run, marks);
            case JsonValueKind.Array:
                return Arrays is null || Arrays.Check(value, run, marks);
            default:
                return true;
        }
    }

    private bool CheckFully(JsonElement value, Run run, Marks marks)
    {
        JsonValueKind kind = value.ValueKind;
        int errorsBefore = run.ErrorCount;
        bool pushed = Resource >= 0 && run.PushScope(Resource);
        UnevaluatedRule? rest = kind switch
        {
            JsonValueKind.Object => UnevaluatedMembers,
            JsonValueKind.Array => UnevaluatedItems,
            _ => null,
        };
        bool valid;
        if (((Kinds >> (int)kind) & 1) == 0)
            valid = run.Fail(KindSite!);
        else if (rest is null)
            valid = CheckAll(value, kind, run, marks);
        else
            valid = CheckWithRest(value, kind, rest, run, marks);
        if (pushed)
            run.PopScope();
        if (Sensitive && !valid)
            run.Log?.MarkSensitive(errorsBefore);
        return valid;
    }

    private bool CheckAll(JsonElement value, JsonValueKind kind, Run run, Marks marks)
    {
        bool valid = CheckValue(value, kind, run, marks);
        foreach (InPlaceRule rule in InPlace)
        {
            if (!valid && run.Stops)
                return false;
            valid &= rule.Check(value, run, marks);
        }
        return valid;
    }

    private bool CheckWithRest(JsonElement value, JsonValueKind kind, UnevaluatedRule rest, Run run, Marks marks)
    {
        Marks own = run.OpenMarks(kind == JsonValueKind.Object ? value.GetPropertyCount() : value.GetArrayLength());
        bool valid = CheckAll(value, kind, run, own);
        if (valid || !run.Stops)
            valid &= rest.Check(value, kind, run, own);
        if (valid && marks.Wanted)
            run.Merge(marks, own);
        run.CloseMarks(own);
        return valid;
    }
}
