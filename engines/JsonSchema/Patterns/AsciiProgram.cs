using System.Runtime.CompilerServices;

namespace Gateway.JsonSchema.Patterns;

/// <summary>
/// The patterns of daily life (<c>^[A-Z]{3}-\d{4,8}$</c>) as a straight line of steps that each take what they can and never go
/// back. Only for ASCII sets; any other byte simply does not match.
/// </summary>
internal sealed class AsciiProgram
{
    private readonly Step[] _steps;
    private readonly bool _toEnd;

    private AsciiProgram(Step[] steps, bool toEnd)
    {
        _steps = steps;
        _toEnd = toEnd;
    }

    /// <summary>Null when the pattern needs more than that.</summary>
    public static AsciiProgram? TryCreate(PatternNode node)
    {
        List<PatternNode> parts = [];
        Flatten(node, parts);
        if (parts.Count == 0 || parts[0] is not PatternNode.Anchor { AtStart: true, Lines: false })
            return null;
        bool toEnd = parts[^1] is PatternNode.Anchor { AtStart: false, Lines: false };
        List<Step> steps = [];
        for (int i = 1; i < parts.Count - (toEnd ? 1 : 0); i++)
        {
            if (ToStep(parts[i]) is not { } step)
                return null;
            steps.Add(step);
        }
        return IsStraight(steps) ? new AsciiProgram([.. steps], toEnd) : null;
    }

    public bool Matches(ReadOnlySpan<byte> text)
    {
        int at = 0;
        foreach (ref readonly Step step in _steps.AsSpan())
        {
            int limit = step.Max < text.Length - at ? at + step.Max : text.Length;
            int start = at;
            while (at < limit && step.Contains(text[at]))
                at++;
            if (at - start < step.Min)
                return false;
        }
        return !_toEnd || at == text.Length;
    }

    private static void Flatten(PatternNode node, List<PatternNode> parts)
    {
        switch (node)
        {
            case PatternNode.Sequence sequence:
                foreach (PatternNode part in sequence.Parts)
                    Flatten(part, parts);
                break;
            case PatternNode.Group group:
                Flatten(group.Body, parts);
                break;
            case PatternNode.Repeat { Min: var min, Max: var max } repeat when min == max && min <= 16 && Unwrap(repeat.Body) is not PatternNode.Set:
                for (int i = 0; i < min; i++)
                    Flatten(repeat.Body, parts);
                break;
            default:
                parts.Add(node);
                break;
        }
    }

    private static PatternNode Unwrap(PatternNode node) => node switch
    {
        PatternNode.Group group => Unwrap(group.Body),
        PatternNode.Sequence { Parts: [var only] } => Unwrap(only),
        _ => node,
    };

    private static Step? ToStep(PatternNode node) => node switch
    {
        PatternNode.Set set => Step.Of(set, 1, 1),
        PatternNode.Repeat repeat when Unwrap(repeat.Body) is PatternNode.Set set => Step.Of(set, repeat.Min, repeat.Max ?? int.MaxValue),
        _ => null,
    };

    // Taking all one can is right only if nothing that may follow could have wanted the same character.
    private static bool IsStraight(List<Step> steps)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            if (steps[i].Min == steps[i].Max)
                continue;
            for (int next = i + 1; next < steps.Count; next++)
            {
                if (steps[i].Overlaps(steps[next]))
                    return false;
                if (steps[next].Min > 0)
                    break;
            }
        }
        return true;
    }

    private readonly struct Step(ulong low, ulong high, int min, int max)
    {
        public int Min => min;

        public int Max => max;

        public static Step? Of(PatternNode.Set set, int min, int max)
        {
            if (set.IgnoreCase || set.Members.Ranges.Any(range => range.Last > 127))
                return null;
            ulong low = 0;
            ulong high = 0;
            for (int c = 0; c < 128; c++)
            {
                if (!set.Members.Contains(c))
                    continue;
                if (c < 64)
                    low |= 1UL << c;
                else
                    high |= 1UL << (c - 64);
            }
            return new Step(low, high, min, max);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Contains(byte c) => c < 128 && (((c < 64 ? low : high) >> (c & 63)) & 1) != 0;

        public bool Overlaps(Step other) => (low & other.Low) != 0 || (high & other.High) != 0;

        private ulong Low => low;

        private ulong High => high;
    }
}
