namespace Gateway.JsonSchema.Patterns;

/// <summary>
/// Makes the automaton of an expression by subset construction (Aho, Sethi, Ullman: Compilers, section 3.7): first places with arrows between
/// them, then a row of the table for every set of places one can be in at the same time.
/// </summary>
internal sealed class AutomatonBuilder
{
    /// <summary>Places and entries of the table are numbered in 16 bits; <c>^[a-z]{1,5000}$</c> is well within.</summary>
    private const int MaxSize = ushort.MaxValue;

    private readonly List<Place> _places = [];
    private bool _fails;

    /// <summary>Visits of places that are left: bounds what an expression may cost whose places can be combined in many ways.</summary>
    private int _visits = 300_000;

    /// <summary>Null when the expression needs more than an automaton has: to look around or back, or too much room.</summary>
    public static Automaton? TryBuild(PatternNode node)
    {
        AutomatonBuilder builder = new();
        int end = builder.Add(new Place());
        int entry = builder.Write(node, end);
        return builder._fails ? null : builder.Tabulate(entry, end);
    }

    /// <summary>The entry to the places of a node, behind which <paramref name="next"/> follows.</summary>
    private int Write(PatternNode node, int next)
    {
        switch (node)
        {
            case PatternNode.Set { IgnoreCase: false } set:
                return Add(new Place { Members = set.Members, Next = next });
            case PatternNode.Anchor { Lines: false } anchor:
                return Add(new Place { Gate = anchor.AtStart ? Gate.Start : Gate.End, Next = next });
            case PatternNode.Group group:
                return Write(group.Body, next);
            case PatternNode.Sequence sequence:
                foreach (PatternNode part in sequence.Parts.Reverse())
                    next = Write(part, next);
                return next;
            case PatternNode.Choice choice:
                return choice.Branches.Select(branch => Write(branch, next)).Aggregate(Fork);
            case PatternNode.Repeat repeat:
                return WriteRepeat(repeat, next);
            default:
                _fails = true;
                return next;
        }
    }

    private int WriteRepeat(PatternNode.Repeat repeat, int next)
    {
        if (repeat.Max is not { } max)
        {
            int loop = Fork(next, next);
            _places[loop].Next = Write(repeat.Body, loop);
            next = loop;
        }
        else
        {
            int behind = next;
            for (int i = repeat.Min; i < max && !_fails; i++)
                next = Fork(Write(repeat.Body, next), behind);
        }
        for (int i = 0; i < repeat.Min && !_fails; i++)
            next = Write(repeat.Body, next);
        return next;
    }

    private int Fork(int one, int other) => Add(new Place { Next = one, Other = other });

    private int Add(Place place)
    {
        _fails |= _places.Count == MaxSize;
        _places.Add(place);
        return _places.Count - 1;
    }

    private Automaton? Tabulate(int entry, int end)
    {
        CodePointClasses classes = new([.. _places.Select(place => place.Members).OfType<CodePointSet>().Distinct()]);
        if (classes.Overflow)
            return null;
        int[] again = Close([entry], Gate.None);
        // The first row is one of its own: only there the start of the text is.
        List<int[]> states = [Close([entry], Gate.Start)];
        Dictionary<string, ushort> rows = [];
        List<ushort> table = [.. new ushort[Automaton.Start]];
        for (int state = 0; state < states.Count; state++)
        {
            if (Automaton.Start + (states.Count * classes.Count) > MaxSize || _visits < 0)
                return null;
            int[] places = states[state];
            Gate here = state == 0 ? Gate.Start | Gate.End : Gate.End;
            table.Add(Close(places, here).Contains(end) ? Automaton.Match : Automaton.Fail);
            // Once matched is matched; else the expression may also begin behind this character.
            int[] anyway = places.Contains(end) ? [end] : again;
            foreach (int codePoint in classes.Samples)
                table.Add(RowOf(Close(Step(places, codePoint), Gate.None).Concat(anyway), end, classes.Count, states, rows));
        }
        return new Automaton(classes, [.. table]);
    }

    private static ushort RowOf(IEnumerable<int> places, int end, int width, List<int[]> states, Dictionary<string, ushort> rows)
    {
        int[] state = [.. places.Distinct().Order()];
        if (state.Length == 0)
            return Automaton.Fail;
        if (state.Contains(end))
            return Automaton.Match;
        string key = string.Concat(state.Select(place => (char)place));
        if (!rows.TryGetValue(key, out ushort row))
        {
            rows[key] = row = (ushort)(Automaton.Start + (states.Count * width));
            states.Add(state);
        }
        return row;
    }

    private IEnumerable<int> Step(IEnumerable<int> places, int codePoint) =>
        places.Where(place => _places[place].Members?.Contains(codePoint) == true).Select(place => _places[place].Next);

    /// <summary>All places that can be reached without a character, through the gates that are open here, where something is to be done.</summary>
    private int[] Close(IEnumerable<int> places, Gate open)
    {
        HashSet<int> seen = [];
        List<int> reached = [];
        Stack<int> ahead = new(places);
        while (ahead.TryPop(out int at))
        {
            _visits--;
            if (at < 0 || !seen.Add(at))
                continue;
            Place place = _places[at];
            bool waits = place.Members is not null || (place.Next < 0) || (place.Gate & ~open) != 0;
            if (waits)
            {
                // A closed gate at the end may open there; one at the start never will again.
                if (place.Gate != Gate.Start)
                    reached.Add(at);
                continue;
            }
            ahead.Push(place.Next);
            ahead.Push(place.Other);
        }
        return [.. reached];
    }

    [Flags]
    private enum Gate
    {
        None = 0,
        Start = 1,
        End = 2,
    }

    /// <summary>Where one can be in the expression: before a character of a set, before a gate, at a fork, or (without a next) at its end.</summary>
    private sealed class Place
    {
        public CodePointSet? Members { get; init; }

        public Gate Gate { get; init; }

        public int Next { get; set; } = -1;

        /// <summary>The other way of a fork.</summary>
        public int Other { get; init; } = -1;
    }
}
