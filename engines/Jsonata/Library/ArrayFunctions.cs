namespace Gateway.Jsonata.Library;

/// <summary>Arrays and aggregates.</summary>
internal static class ArrayFunctions
{
    public static readonly BuiltIn[] All =
    [
        new("sum", "<a<n>:n>", 1, (run, a) => a[0].IsUndefined ? default : Sum(run, a[0])),
        new("count", "<a:n>", 1, (_, a) => Value.From(a[0].IsUndefined ? 0 : a[0].Count)),
        new("max", "<a<n>:n>", 1, (run, a) => Extreme(run, a[0], 1)),
        new("min", "<a<n>:n>", 1, (run, a) => Extreme(run, a[0], -1)),
        new("average", "<a<n>:n>", 1, Average),
        new("append", "<xx:a>", 2, (run, a) => Sequences.Append(run, a[0], a[1])),
        new("exists", "<x:b>", 1, (_, a) => Value.From(!a[0].IsUndefined)),
        new("reverse", "<a:a>", 1, Reverse),
        new("shuffle", "<a:a>", 1, Shuffle),
        new("distinct", "<x:x>", 1, Distinct),
        new("zip", "<a+>", 0, Zip),
    ];

    private static Value Sum(Evaluation run, in Value array)
    {
        var total = run.Exact ? Value.From(0) : Value.From(0.0);
        foreach (var item in new Items(array))
        {
            run.Step();
            total = Arithmetic.Apply(ArithmeticOperator.Add, total, item, run.Exact);
        }
        return total;
    }

    private static Value Average(Evaluation run, ReadOnlySpan<Value> a) => a[0].IsUndefined || a[0].Count == 0
        ? default
        : Arithmetic.Apply(ArithmeticOperator.Divide, Sum(run, a[0]), Value.From(a[0].Count), run.Exact);

    private static Value Extreme(Evaluation run, in Value array, int sign)
    {
        Value best = default;
        if (array.IsUndefined)
        {
            return best;
        }
        foreach (var item in new Items(array))
        {
            run.Step();
            if (best.IsUndefined || Numeric.Compare(item, best) * sign > 0)
            {
                best = item;
            }
        }
        return best;
    }

    private static Value Reverse(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined || a[0].Count <= 1)
        {
            return a[0];
        }
        run.Charge(a[0].Count);
        var items = a[0].ToList().Span.ToArray();
        Array.Reverse(items);
        return Value.From(new ValueList(items));
    }

    private static Value Shuffle(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined || a[0].Count <= 1)
        {
            return a[0];
        }
        run.Charge(a[0].Count);
        var items = a[0].ToList().Span.ToArray();
        Random.Shared.Shuffle(items);
        return Value.From(new ValueList(items));
    }

    private static Value Distinct(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].Kind != JsonataKind.Array || a[0].Count <= 1)
        {
            return a[0];
        }
        var kept = new ValueList(a[0].Count) { IsSequence = a[0].List is { IsSequence: true } };
        var texts = new HashSet<string>(a[0].Count);
        var others = new HashSet<(JsonataKind, string)>();
        var structures = new ValueList(0);
        foreach (var item in new Items(a[0]))
        {
            run.Step();
            var isNew = item.Kind switch
            {
                JsonataKind.String => texts.Add(item.Text),
                JsonataKind.Array or JsonataKind.Object or JsonataKind.Function => AddNew(run, structures, item),
                _ => others.Add((item.Kind, KeyOf(item))),
            };
            if (isNew)
            {
                kept.Add(item);
            }
        }
        return Value.From(kept);
    }

    /// <summary>A text that two primitives of one kind share only when they are equal.</summary>
    private static string KeyOf(in Value value) => value.Kind switch
    {
        JsonataKind.Number => Numeric.ToDouble(value) is var number && Math.Abs(number) < 1e15 && Numeric.TryGetDecimal(value, out var exact)
            ? exact.ToString("0.############################", System.Globalization.CultureInfo.InvariantCulture)
            : NumberText.Format(number),
        JsonataKind.Boolean => value.IsTrue ? "true" : "false",
        _ => "",
    };

    private static bool AddNew(Evaluation run, ValueList known, in Value item)
    {
        foreach (ref readonly var other in known.Span)
        {
            run.Step();
            if (Comparison.DeepEquals(run, item, other))
            {
                return false;
            }
        }
        known.Add(item);
        return true;
    }

    private static Value Zip(Evaluation run, ReadOnlySpan<Value> a)
    {
        var length = a.Length == 0 ? 0 : int.MaxValue;
        foreach (ref readonly var array in a)
        {
            length = Math.Min(length, array.Kind == JsonataKind.Array ? array.Count : 0);
        }
        var zipped = new ValueList(length);
        var columns = new ValueList[a.Length];
        for (var i = 0; i < columns.Length && length > 0; i++)
        {
            columns[i] = a[i].ToList();
        }
        for (var row = 0; row < length; row++)
        {
            run.Charge(columns.Length);
            var items = new ValueList(columns.Length);
            foreach (var column in columns)
            {
                items.Add(column[row]);
            }
            zipped.Add(Value.From(items));
        }
        return Value.From(zipped);
    }
}
