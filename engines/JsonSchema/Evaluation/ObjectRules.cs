using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.JsonSchema.Patterns;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>
/// What a schema says about objects, checked in one walk over the members. All names the schema mentions share one table, and one bit per
/// slot notes the presence of a name.
/// </summary>
internal sealed class ObjectRules
{
    private readonly ulong requiredMask;

    /// <summary>Every name of <c>properties</c>, <c>required</c> and <c>dependent…</c>.</summary>
    public required NameTable Names { get; init; }

    /// <summary>By slot: the schema of <c>properties</c>, if the name is there.</summary>
    public required SchemaNode?[] Members { get; init; }

    /// <summary>The slots of the names in <c>required</c>, in that order.</summary>
    public int[] Required
    {
        get;
        init
        {
            field = value;
            foreach (int slot in value.Where(slot => slot < 64))
                requiredMask |= 1UL << slot;
        }
    } = [];

    /// <summary>How many of the first slots include all whose presence matters: the required and the dependent ones.</summary>
    public int TrackedCount { get; init; }

    public KeywordSite? RequiredSite { get; init; }

    public PatternMember[] Patterns { get; init; } = [];

    public SchemaNode? Additional { get; init; }

    public KeywordSite? AdditionalSite { get; init; }

    public SchemaNode? NameSchema { get; init; }

    public KeywordSite? NameSite { get; init; }

    public DependentRule[] Dependents { get; init; } = [];

    public int MinMembers { get; init; }

    public int MaxMembers { get; init; } = int.MaxValue;

    public KeywordSite? MinSite { get; init; }

    public KeywordSite? MaxSite { get; init; }

    public bool Check(JsonElement value, Run run, Marks marks)
    {
        if (!run.Enter(out int outerHops))
        {
            run.Leave(outerHops);
            return false;
        }
        Marks moreSeen = TrackedCount > 64 ? run.OpenMarks(TrackedCount) : default;
        bool valid = CheckMembers(value, run, marks, moreSeen, out ulong seen, out int count);
        run.Leave(outerHops);
        if (valid || !run.Stops)
            valid &= CheckWhole(value, run, marks, moreSeen, seen, count);
        if (moreSeen.Wanted)
            run.CloseMarks(moreSeen);
        return valid;
    }

    private bool CheckMembers(JsonElement value, Run run, Marks marks, Marks moreSeen, out ulong seen, out int count)
    {
        bool valid = true;
        bool simple = Patterns.Length == 0 && NameSchema is null;
        int expected = 0;
        seen = 0;
        count = 0;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            int slot = Find(JsonMarshal.GetRawUtf8PropertyName(member), expected);
            SchemaNode? schema = Additional;
            if (slot >= 0)
            {
                expected = slot + 1;
                if (slot < 64)
                    seen |= 1UL << slot;
                else if (slot < TrackedCount)
                    run.Mark(moreSeen, slot);
                schema = Members[slot] ?? Additional;
            }
            int index = count++;
            if (simple && (schema is null || schema.AllowsAll))
            {
                if (marks.Wanted && schema is not null)
                    run.Mark(marks, index);
                continue;
            }
            if (simple ? CheckMember(member, slot, schema!, index, run, marks) : CheckPatterned(member, slot, index, run, marks))
                continue;
            valid = false;
            if (run.Stops)
                return false;
        }
        return valid;
    }

    private int Find(ReadOnlySpan<byte> raw, int expected)
    {
        if (Names.HasBackslash && JsonText.IsEscaped(raw))
            return FindEscaped(raw);
        int slot = Names.Find(raw, expected);
        return slot < 0 && JsonText.IsEscaped(raw) ? FindEscaped(raw) : slot;
    }

    private int FindEscaped(ReadOnlySpan<byte> raw)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        int slot = Names.Find(buffer.AsSpan(0, JsonText.Unescape(raw, buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
        return slot;
    }

    private bool CheckMember(JsonProperty member, int slot, SchemaNode schema, int index, Run run, Marks marks)
    {
        if (marks.Wanted)
            run.Mark(marks, index);
        int before = run.ErrorCount;
        bool valid = schema.AllowsNothing && (slot < 0 || Members[slot] is null)
            ? FailUnknown(member, run)
            : schema.Check(member.Value, run, default);
        if (!valid)
            run.Prefix(before, member);
        return valid;
    }

    private bool FailUnknown(JsonProperty member, Run run)
    {
        if (!run.Records)
            return false;
        List<string> known = [];
        for (int slot = 0; slot < Names.Count; slot++)
        {
            if (Members[slot] is not null)
                known.Add(MemberName.Of(Names[slot]));
        }
        string? close = NearestName.Find(MemberName.Of(member), known);
        return run.Fail(AdditionalSite!, close is null ? AdditionalSite!.Message : $"{AdditionalSite!.Message}; did you mean '{close}'?");
    }

    private bool CheckPatterned(JsonProperty member, int slot, int index, Run run, Marks marks)
    {
        byte[]? buffer = null;
        ReadOnlySpan<byte> name = JsonMarshal.GetRawUtf8PropertyName(member);
        if (JsonText.IsEscaped(name))
        {
            buffer = ArrayPool<byte>.Shared.Rent(name.Length);
            name = buffer.AsSpan(0, JsonText.Unescape(name, buffer));
        }
        int before = run.ErrorCount;
        bool valid = NameSchema is null || CheckName(name, run);
        bool matched = false;
        if (slot >= 0 && Members[slot] is { } own && (valid || !run.Stops))
        {
            matched = true;
            valid &= own.Check(member.Value, run, default);
        }
        foreach (PatternMember pattern in Patterns)
        {
            if (!valid && run.Stops)
                break;
            PatternResult result = pattern.Pattern.Matches(name);
            if (result == PatternResult.Slow)
                valid = run.AbortSlowPattern();
            if (result != PatternResult.Match)
                continue;
            matched = true;
            valid &= pattern.Schema.Check(member.Value, run, default);
        }
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
        if (!valid)
            run.Prefix(before, member);
        if (matched && marks.Wanted)
            run.Mark(marks, index);
        if (matched || Additional is null || (!valid && run.Stops))
            return valid;
        return CheckMember(member, slot, Additional, index, run, marks) && valid;
    }

    private bool CheckName(ReadOnlySpan<byte> name, Run run)
    {
        int before = run.ErrorCount;
        bool valid = NameSchema!.IsPlain
            ? NameSchema.CheckName(name, run)
            : NameSchema.Check(JsonSerializer.SerializeToElement(System.Text.Encoding.UTF8.GetString(name)), run, default);
        if (valid || !run.Records)
            return valid;
        string reason = run.Log!.Count > before ? run.Log.MessageAt(before) : "does not match";
        run.Forget(before);
        return run.Fail(NameSite!, $"{NameSite!.Message}: the name {reason}");
    }

    private bool CheckWhole(JsonElement value, Run run, Marks marks, Marks moreSeen, ulong seen, int count)
    {
        bool valid = true;
        if (count < MinMembers)
            valid = run.Fail(MinSite!);
        else if (count > MaxMembers)
            valid = run.Fail(MaxSite!);
        if ((seen & requiredMask) != requiredMask || TrackedCount > 64)
            valid &= CheckRequired(run, moreSeen, seen);
        foreach (DependentRule rule in Dependents)
        {
            if (!valid && run.Stops)
                return false;
            if (IsSeen(rule.Trigger, run, moreSeen, seen))
                valid &= CheckDependent(rule, value, run, marks, moreSeen, seen);
        }
        return valid;
    }

    private bool CheckRequired(Run run, Marks moreSeen, ulong seen)
    {
        bool valid = true;
        foreach (int slot in Required)
        {
            if (IsSeen(slot, run, moreSeen, seen))
                continue;
            valid = run.Records && run.Fail(RequiredSite!, $"member '{MemberName.Of(Names[slot])}' is required");
            if (run.Stops)
                return false;
        }
        return valid;
    }

    private bool CheckDependent(DependentRule rule, JsonElement value, Run run, Marks marks, Marks moreSeen, ulong seen)
    {
        if (rule.Schema is not null)
            return rule.Schema.Check(value, run, marks);
        bool valid = true;
        foreach (int slot in rule.Required)
        {
            if (IsSeen(slot, run, moreSeen, seen))
                continue;
            valid = run.Records && run.Fail(
                rule.Site, $"member '{MemberName.Of(Names[slot])}' is required when '{MemberName.Of(Names[rule.Trigger])}' is present");
        }
        return valid;
    }

    private static bool IsSeen(int slot, Run run, Marks moreSeen, ulong seen) =>
        slot < 64 ? (seen & (1UL << slot)) != 0 : run.IsMarked(moreSeen, slot);
}

/// <summary>One entry of <c>patternProperties</c>.</summary>
internal sealed record PatternMember(Pattern Pattern, SchemaNode Schema);

/// <summary>One entry of <c>dependentRequired</c> or <c>dependentSchemas</c>; numbers are slots of the object's <see cref="NameTable"/>.</summary>
internal sealed record DependentRule(int Trigger, int[] Required, SchemaNode? Schema, KeywordSite Site);
