using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Gateway.JsonSchema.Patterns;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>
/// What a schema says about objects, checked in one walk over the members. All names the schema mentions share one table, and one
/// bit per slot notes the presence of a name.
/// </summary>
internal sealed class ObjectRules
{
    private readonly ulong _requiredMask;
    private bool _simple;

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
                _requiredMask |= 1UL << slot;
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

    /// <summary>To be called once all properties are set.</summary>
    public void Seal() => _simple = Patterns.Length == 0 && NameSchema is null && Dependents.Length == 0 && TrackedCount <= 64;

    /// <summary>The position behind the object, or -1 when it is not valid.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Check(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        if (!_simple || !run.Stops || marks.Wanted)
            return CheckCarefully(text, at, run, marks);
        int end = run.Enter(out int outerHops) ? CheckSwiftly(text, at, run) : -1;
        run.Leave(outerHops);
        return end;
    }

    // The way of every valid request: nobody asks for messages or for what was evaluated, and the first failure ends it. What
    // this loop calls is kept out of it, or its variables would not fit the processor's registers.
    private int CheckSwiftly(ReadOnlySpan<byte> text, int at, Run run)
    {
        NameTable names = Names;
        SchemaNode?[] members = Members;
        ulong seen = 0;
        int count = 0;
        int slot = -1;
        at = JsonScan.Next(text, at + 1);
        while (text[at] != '}')
        {
            int behindColon = names.EndIfAt(text, at, ++slot);
            if (behindColon >= 0)
            {
                at = JsonScan.Space(text, behindColon);
            }
            else
            {
                (slot, int behindName) = ReadName(text, at);
                at = JsonScan.MemberValue(text, behindName);
            }
            SchemaNode? schema = slot < 0 ? Additional : members[slot] ?? Additional;
            if (slot is >= 0 and < 64)
                seen |= 1UL << slot;
            int end = schema is null ? 0 : schema.Check(text, at, run, default);
            if (end < 0)
                return -1;
            count++;
            at = JsonScan.Next(text, end > 0 ? end : run.Skip(text, at));
        }
        return (seen & _requiredMask) == _requiredMask && count >= MinMembers && count <= MaxMembers ? at + 1 : -1;
    }

    private int CheckCarefully(ReadOnlySpan<byte> text, int at, Run run, Marks marks)
    {
        Marks moreSeen = TrackedCount > 64 ? run.OpenMarks(TrackedCount) : default;
        Walk walk = run.Enter(out int outerHops) ? WalkCarefully(text, at, run, marks, moreSeen) : default;
        run.Leave(outerHops);
        bool valid = walk.Valid;
        if (valid || !run.Stops)
            valid &= CheckWhole(text, at, run, marks, moreSeen, walk);
        if (moreSeen.Wanted)
            run.CloseMarks(moreSeen);
        return valid ? walk.End : -1;
    }

    private Walk WalkCarefully(ReadOnlySpan<byte> text, int at, Run run, Marks marks, Marks moreSeen)
    {
        bool valid = true;
        bool byName = Patterns.Length == 0 && NameSchema is null;
        ulong seen = 0;
        int count = 0;
        at = JsonScan.Next(text, at + 1);
        while (text[at] != '}')
        {
            (int slot, int behindName) = ReadName(text, at);
            Member member = new(at, behindName, JsonScan.MemberValue(text, behindName), count++, slot);
            if (slot is >= 0 and < 64)
                seen |= 1UL << slot;
            else if (slot >= 0 && slot < TrackedCount)
                run.Mark(moreSeen, slot);
            int behind = byName ? CheckMember(text, member, SchemaOf(slot) ?? Additional, run, marks) : CheckPatterned(text, member, run, marks);
            if (behind < 0)
                valid = false;
            if (!valid && run.Stops)
                return default;
            at = JsonScan.Next(text, behind > 0 ? behind : run.Skip(text, member.Value));
        }
        return new Walk(valid, at + 1, count, seen);
    }

    private SchemaNode? SchemaOf(int slot) => slot < 0 ? null : Members[slot];

    // The slot of the name that starts at the position, or -1, and the position behind it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private NameRead ReadName(ReadOnlySpan<byte> text, int at)
    {
        int end = JsonScan.StringEnd(text, at, out bool escaped);
        ReadOnlySpan<byte> raw = text[(at + 1)..(end - 1)];
        if (!escaped)
            return new NameRead(Names.Find(raw), end);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        int slot = Names.Find(buffer.AsSpan(0, JsonText.Unescape(raw, buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
        return new NameRead(slot, end);
    }

    private int CheckMember(ReadOnlySpan<byte> text, Member member, SchemaNode? schema, Run run, Marks marks)
    {
        if (schema is null)
            return 0;
        if (marks.Wanted)
            run.Mark(marks, member.Index);
        int before = run.ErrorCount;
        int end = -1;
        if (schema.AllowsNothing && schema == Additional)
            FailUnknown(member.Name(text), run);
        else
            end = schema.Check(text, member.Value, run, default);
        if (end < 0)
            run.Prefix(before, member.Name(text));
        return end;
    }

    private void FailUnknown(ReadOnlySpan<byte> name, Run run)
    {
        if (!run.Records)
            return;
        List<string> known = [];
        for (int slot = 0; slot < Names.Count; slot++)
        {
            if (Members[slot] is not null)
                known.Add(Encoding.UTF8.GetString(Names[slot]));
        }
        string? close = NearestName.Find(JsonText.ToText(name), known);
        run.Fail(AdditionalSite!, close is null ? AdditionalSite!.Message : $"{AdditionalSite!.Message}; did you mean '{close}'?");
    }

    private int CheckPatterned(ReadOnlySpan<byte> text, Member member, Run run, Marks marks)
    {
        int before = run.ErrorCount;
        bool valid = NameSchema is null || CheckName(text[member.NameStart..member.NameEnd], run);
        if (!valid)
            run.Prefix(before, member.Name(text));
        if (!valid && run.Stops)
            return -1;
        int end = CheckMember(text, member, SchemaOf(member.Slot), run, marks);
        if (end < 0 && run.Stops)
            return -1;
        bool matched = SchemaOf(member.Slot) is not null;
        if (Patterns.Length > 0)
            valid &= CheckPatterns(text, member, run, marks, ref matched);
        if (!matched && (valid || !run.Stops))
            end = CheckMember(text, member, Additional, run, marks);
        return valid ? end : -1;
    }

    private bool CheckPatterns(ReadOnlySpan<byte> text, Member member, Run run, Marks marks, ref bool matched)
    {
        byte[]? buffer = null;
        ReadOnlySpan<byte> name = member.Name(text);
        if (JsonText.IsEscaped(name))
        {
            buffer = ArrayPool<byte>.Shared.Rent(name.Length);
            name = buffer.AsSpan(0, JsonText.Unescape(name, buffer));
        }
        bool valid = true;
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
            valid &= CheckMember(text, member, pattern.Schema, run, marks) >= 0;
        }
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
        return valid;
    }

    // A quoted name is a JSON text of its own.
    private bool CheckName(ReadOnlySpan<byte> quotedName, Run run)
    {
        int before = run.ErrorCount;
        bool valid = NameSchema!.Matches(quotedName, 0, run, default);
        if (valid || run.ErrorCount == before)
            return valid;
        string reason = run.Log!.MessageAt(before);
        run.Forget(before);
        return run.Fail(NameSite!, $"{NameSite!.Message}: its name {reason}");
    }

    private bool CheckWhole(ReadOnlySpan<byte> text, int at, Run run, Marks marks, Marks moreSeen, Walk walk)
    {
        ulong seen = walk.Seen;
        bool valid = true;
        if (walk.Count < MinMembers)
            valid = run.Fail(MinSite!);
        else if (walk.Count > MaxMembers)
            valid = run.Fail(MaxSite!);
        if ((seen & _requiredMask) != _requiredMask || TrackedCount > 64)
            valid &= CheckRequired(run, moreSeen, seen);
        foreach (DependentRule rule in Dependents)
        {
            if (!valid && run.Stops)
                return false;
            if (IsSeen(rule.Trigger, run, moreSeen, seen))
                valid &= CheckDependent(rule, text, at, run, marks, moreSeen, seen);
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
            valid = run.Records && run.Fail(RequiredSite!, $"member '{Encoding.UTF8.GetString(Names[slot])}' is required");
            if (run.Stops)
                return false;
        }
        return valid;
    }

    private bool CheckDependent(DependentRule rule, ReadOnlySpan<byte> text, int at, Run run, Marks marks, Marks moreSeen, ulong seen)
    {
        if (rule.Schema is not null)
            return rule.Schema.Matches(text, at, run, marks);
        bool valid = true;
        foreach (int slot in rule.Required)
        {
            if (IsSeen(slot, run, moreSeen, seen))
                continue;
            string trigger = Encoding.UTF8.GetString(Names[rule.Trigger]);
            valid = run.Records && run.Fail(rule.Site, $"member '{Encoding.UTF8.GetString(Names[slot])}' is required when '{trigger}' is present");
        }
        return valid;
    }

    private static bool IsSeen(int slot, Run run, Marks moreSeen, ulong seen) =>
        slot < 64 ? (seen & (1UL << slot)) != 0 : run.IsMarked(moreSeen, slot);

    private readonly record struct NameRead(int Slot, int End);

    /// <summary>What a walk over the members found; its seen bits are by slot.</summary>
    private readonly record struct Walk(bool Valid, int End, int Count, ulong Seen);

    /// <summary>
    /// A member in the text: its quoted name, the start of its value, its index in the object and the slot of its name.
    /// </summary>
    private readonly record struct Member(int NameStart, int NameEnd, int Value, int Index, int Slot)
    {
        public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> text) => text[(NameStart + 1)..(NameEnd - 1)];
    }
}

/// <summary>One entry of <c>patternProperties</c>.</summary>
internal sealed record PatternMember(Pattern Pattern, SchemaNode Schema);

/// <summary>
/// One entry of <c>dependentRequired</c> or <c>dependentSchemas</c>; numbers are slots of the object's <see cref="NameTable"/>.
/// </summary>
internal sealed record DependentRule(int Trigger, int[] Required, SchemaNode? Schema, KeywordSite Site);
