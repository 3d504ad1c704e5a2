using System.Runtime.CompilerServices;
using System.Text.Json;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>
/// One compiled schema: what it says about each kind of value, the subschemas that apply in place, and the unevaluated rest.
/// </summary>
internal sealed class SchemaNode
{
    /// <summary>All bits of <see cref="Kinds"/>.</summary>
    public const int AnyKind = 0xFE;

    private static readonly InPlaceRule[] NoRules = [];
    private bool _plain = true;
    private bool _listed;

    /// <summary>The rules, when there is nothing but strings with rules here, as in most places of most schemas.</summary>
    private StringRules? _onlyStrings;

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

    /// <summary>To be called once all properties are set.</summary>
    public void Seal()
    {
        Objects?.Seal();
        _onlyStrings = Kinds == 1 << (int)JsonValueKind.String && Const is null && Enum is null ? Strings : null;
        bool hasDependents = Objects is not null && Objects.Dependents.Any(rule => rule.Schema is not null);
        _plain = InPlace.Length == 0 && !hasDependents && UnevaluatedMembers is null && UnevaluatedItems is null && Resource < 0;
        _listed = Const is not null || Enum is not null;
        AllowsAll = _plain && Kinds == AnyKind && !_listed && Strings is null && Numbers is null && Objects is null
            && Arrays is null;
    }

    /// <summary>
    /// Checks the value that starts at <paramref name="at"/>. Gives the position behind it if that came up, 0 if not, and -1 when
    /// the value is not valid.
    /// <paramref name="marks"/> receives what was evaluated, if an outer schema asks.
    /// </summary>
    public int Check(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        if (!_plain || (Sensitive && run.Log is not null))
            return CheckFully(text, at, run, marks);
        if (_onlyStrings is not null && text[at] == '"')
            return _onlyStrings.Check(text, at, run);
        JsonValueKind kind = JsonScan.KindOf(text[at]);
        if (((Kinds >> (int)kind) & 1) == 0)
            return Fail(KindSite!, run);
        return _listed ? CheckListed(text, at, kind, run, marks) : CheckRules(text, at, kind, run, marks);
    }

    /// <summary>Whether the value that starts at <paramref name="at"/> is valid.</summary>
    public bool Matches(ReadOnlySpan<byte> text, int at, Run run, Marks marks) => Check(text, at, run, marks) >= 0;

    private int CheckListed(ReadOnlySpan<byte> text, int at, JsonValueKind kind, Run run, Marks marks) =>
        FindUnlisted(text, at, kind) is { } site ? Fail(site, run) : CheckRules(text, at, kind, run, marks);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int CheckRules(ReadOnlySpan<byte> text, int at, JsonValueKind kind, Run run, Marks marks)
    {
        // In the order of frequency; a switch would jump by table, which the processor cannot foresee.
        if (kind == JsonValueKind.String)
            return Strings is null ? JsonScan.StringEnd(text, at) : Strings.Check(text, at, run);
        if (kind == JsonValueKind.Number)
            return Numbers is null ? JsonScan.NumberEnd(text, at) : Numbers.Check(text, at, run);
        if (kind == JsonValueKind.Object)
            return Objects is null ? 0 : Objects.Check(text, at, run, marks);
        if (kind == JsonValueKind.Array)
            return Arrays is null ? 0 : Arrays.Check(text, at, run, marks);
        return JsonScan.LiteralEnd(text, at);
    }

    private KeywordSite? FindUnlisted(ReadOnlySpan<byte> text, int at, JsonValueKind kind)
    {
        if (Const is not null && !Const.Contains(text, at, kind))
            return Const.Site;
        return Enum is not null && !Enum.Contains(text, at, kind) ? Enum.Site : null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int CheckFully(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        JsonValueKind kind = JsonScan.KindOf(text[at]);
        int errorsBefore = run.ErrorCount;
        bool pushed = Resource >= 0 && run.PushScope(Resource);
        UnevaluatedRule? rest = kind switch
        {
            JsonValueKind.Object => UnevaluatedMembers,
            JsonValueKind.Array => UnevaluatedItems,
            _ => null,
        };
        int end;
        if (!run.Hop())
            end = -1;
        else if (((Kinds >> (int)kind) & 1) == 0)
            end = Fail(KindSite!, run);
        else if (rest is null)
            end = CheckAll(text, at, kind, run, marks);
        else
            end = CheckWithRest(text, at, kind, rest, run, marks);
        run.HopBack();
        if (pushed)
            run.PopScope();
        if (Sensitive && end < 0)
            run.Log?.MarkSensitive(errorsBefore);
        return end;
    }

    private int CheckAll(ReadOnlySpan<byte> text, int at, JsonValueKind kind, Run run, Marks marks)
    {
        int end = CheckListed(text, at, kind, run, marks);
        foreach (InPlaceRule rule in InPlace)
        {
            if (end < 0 && run.Stops)
                return end;
            if (!rule.Check(text, at, run, marks))
                end = -1;
        }
        return end;
    }

    private int CheckWithRest(ReadOnlySpan<byte> text, int at, JsonValueKind kind, UnevaluatedRule rest, Run run, Marks marks)
    {
        Marks own = run.OpenMarks(JsonScan.Count(text, at));
        int end = CheckAll(text, at, kind, run, own);
        if ((end >= 0 || !run.Stops) && !rest.Check(text, at, kind, run, own))
            end = -1;
        if (marks.Wanted)
            run.Merge(marks, own);
        run.CloseMarks(own);
        return end;
    }

    private static int Fail(KeywordSite site, Run run)
    {
        run.Fail(site);
        return -1;
    }
}
