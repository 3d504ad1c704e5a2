namespace Gateway.Jsonata.Nodes;

/// <summary>One term of an ordering.</summary>
internal readonly record struct SortKey(Node Expression, bool Descending);

/// <summary><c>^(…)</c>: a stable merge sort by terms in order of priority; items without the term's value come last.</summary>
internal sealed class SortStep(SortKey[] terms, int position)
{
    /// <summary>The items of an array or the rows of a stream in order.</summary>
    public Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var list = input.ToList();
        if (list.Count <= 1)
        {
            return list.IsTupleStream || list.IsConstructed || list.IsSequence ? input : Value.From(new ValueList(list.Span.ToArray()) { IsSequence = true });
        }
        var entries = new Entry[list.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            var row = list.IsTupleStream ? (Row)list[i].Reference! : null;
            entries[i] = new Entry(list[i], row?.Context ?? list[i], row is null ? frame : new Frame(frame, row.Slots), terms.Length);
        }
        MergeSort.Sort(entries, (left, right) => ComesAfter(run, left, right));
        var sorted = new ValueList(entries.Length) { IsTupleStream = list.IsTupleStream };
        foreach (var entry in entries)
        {
            sorted.Add(entry.Item);
        }
        return Value.From(sorted);
    }

    private bool ComesAfter(Evaluation run, Entry left, Entry right)
    {
        run.Step();
        for (var i = 0; i < terms.Length; i++)
        {
            var a = left.Key(run, terms[i], i);
            var b = right.Key(run, terms[i], i);
            if (a.IsUndefined || b.IsUndefined)
            {
                if (a.IsUndefined && b.IsUndefined)
                {
                    continue;
                }
                return a.IsUndefined;
            }
            var order = Compare(a, b);
            if (order != 0)
            {
                return order > 0 != terms[i].Descending;
            }
        }
        return false;
    }

    private int Compare(in Value a, in Value b)
    {
        if (a.Kind is not (JsonataKind.Number or JsonataKind.String) || b.Kind is not (JsonataKind.Number or JsonataKind.String))
        {
            throw new JsonataFailure("T2008", "the terms of an ordering must be numbers or strings", position, "^");
        }
        if (a.Kind != b.Kind)
        {
            throw new JsonataFailure("T2007", "the terms of an ordering mix numbers and strings", position, "^");
        }
        return a.Kind == JsonataKind.Number ? Numeric.Compare(a, b) : string.CompareOrdinal(a.Text, b.Text);
    }

    /// <summary>An item with the terms worked out for it so far.</summary>
    private sealed class Entry(Value item, Value context, Frame? frame, int terms)
    {
        private readonly Value[] _keys = new Value[terms];
        private int _known;

        public Value Item { get; } = item;

        public Value Key(Evaluation run, SortKey term, int index)
        {
            // Terms are asked for in order, so a count says which are known.
            if (index >= _known)
            {
                var key = term.Expression.Eval(run, context, frame);
                _keys[index] = key.Kind == JsonataKind.String ? Value.From(key.Text) : key;
                _known = index + 1;
            }
            return _keys[index];
        }
    }
}

/// <summary>A stable sort that asks for an order in the sequence JSONata's does, which <c>$sort</c> with a function can observe.</summary>
internal static class MergeSort
{
    public static void Sort<T>(T[] items, Func<T, T, bool> comesAfter) => Sort(items, new T[items.Length], 0, items.Length, comesAfter);

    private static void Sort<T>(T[] items, T[] spare, int start, int end, Func<T, T, bool> comesAfter)
    {
        if (end - start <= 1)
        {
            return;
        }
        var middle = start + ((end - start) / 2);
        Sort(items, spare, start, middle, comesAfter);
        Sort(items, spare, middle, end, comesAfter);
        Array.Copy(items, start, spare, start, end - start);
        int left = start, right = middle;
        for (var at = start; at < end; at++)
        {
            var takeRight = left == middle || (right < end && comesAfter(spare[left], spare[right]));
            items[at] = takeRight ? spare[right++] : spare[left++];
        }
    }
}
