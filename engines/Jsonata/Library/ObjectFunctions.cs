namespace Gateway.Jsonata.Library;

/// <summary>Objects, types, and errors raised on purpose.</summary>
internal static class ObjectFunctions
{
    public static readonly BuiltIn[] All =
    [
        new("keys", "<x-:a<s>>", 1, Keys),
        new("lookup", "<x-s:x>", 2, Lookup),
        new("spread", "<x-:a<o>>", 1, (run, a) => Spread(run, a[0])),
        new("merge", "<a<o>:o>", 1, Merge),
        new("type", "<x:s>", 1, (_, a) => TypeOf(a[0])),
        new("clone", "<(oa)-:o>", 1, (run, a) => Clone(run, a[0])),
        new("error", "<s?:x>", 1, (run, a) => throw run.Fail("D3137", Message(a, 0, "$error() function evaluated"))),
        new("assert", "<bs?:x>", 2, Assert),
        new("eval", "<sx?:x>", 2, (run, a) => Nodes.EvalNode.Run(run, a, run.Root, null, new Syntax.Scope(null), run.Site)),
    ];

    /// <summary>A copy in depth that can be changed without touching the input.</summary>
    public static Value Clone(Evaluation run, in Value value)
    {
        run.Step();
        switch (value.Kind)
        {
            case JsonataKind.Array:
                run.EnsureStack();
                var list = new ValueList(value.Count);
                foreach (var item in new Items(value))
                {
                    list.Add(item.IsUndefined ? Value.Null : Clone(run, item));
                }
                return Value.From(list);
            case JsonataKind.Object:
                run.EnsureStack();
                var map = new ValueMap();
                var fields = new Fields(value);
                while (fields.MoveNext())
                {
                    map[fields.Name] = Clone(run, fields.Current);
                }
                return Value.From(map);
            case JsonataKind.Function:
                return Value.EmptyString;
            case JsonataKind.Number when !run.Exact:
                // In double mode a copy goes through text, which cuts the digits.
                return Numeric.Parse(JsonText.Of(run, value), false);
            default:
                return value;
        }
    }

    private static Value Lookup(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[1].IsUndefined)
        {
            return default;
        }
        return a[0].Kind == JsonataKind.Object ? a[0].Field(a[1].Text) : Sequences.Lookup(run, a[0], new PropertyName(a[1].Text));
    }

    private static Value Keys(Evaluation run, ReadOnlySpan<Value> a)
    {
        var keys = ValueList.Sequence();
        if (a[0].Kind == JsonataKind.Array)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            CollectKeys(run, a[0], seen, keys);
        }
        else
        {
            CollectKeys(run, a[0], null, keys);
        }
        return Value.From(keys);
    }

    private static void CollectKeys(Evaluation run, in Value value, HashSet<string>? seen, ValueList keys)
    {
        if (value.Kind == JsonataKind.Array)
        {
            run.EnsureStack();
            foreach (var item in new Items(value))
            {
                CollectKeys(run, item, seen, keys);
            }
        }
        else if (value.Kind == JsonataKind.Object)
        {
            var fields = new Fields(value);
            while (fields.MoveNext())
            {
                run.Step();
                if (seen is null || seen.Add(fields.Name))
                {
                    keys.Add(Value.From(fields.Name));
                }
            }
        }
    }

    private static Value Spread(Evaluation run, in Value value)
    {
        if (value.Kind == JsonataKind.Array)
        {
            run.EnsureStack();
            var all = new ValueList { IsSequence = value.Count == 0 };
            foreach (var item in new Items(value))
            {
                run.Step();
                var spread = Spread(run, item);
                if (!spread.IsUndefined)
                {
                    Sequences.AddItems(all, spread);
                }
            }
            return Value.From(all);
        }
        if (value.Kind != JsonataKind.Object)
        {
            return value;
        }
        var parts = ValueList.Sequence();
        var fields = new Fields(value);
        while (fields.MoveNext())
        {
            run.Step();
            var part = new ValueMap(1);
            part.Append(fields.Name, fields.Current);
            parts.Add(Value.From(part));
        }
        return Value.From(parts);
    }

    private static Value Merge(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var merged = new ValueMap();
        foreach (var item in new Items(a[0]))
        {
            var fields = new Fields(item);
            while (fields.MoveNext())
            {
                run.Step();
                merged[fields.NameFrom(run.Names)] = fields.Current;
            }
        }
        return Value.From(merged);
    }

    private static Value TypeOf(in Value value) => value.Kind switch
    {
        JsonataKind.Undefined => default,
        JsonataKind.Null => Value.From("null"),
        JsonataKind.Boolean => Value.From("boolean"),
        JsonataKind.Number => Value.From("number"),
        JsonataKind.String => Value.From("string"),
        JsonataKind.Array => Value.From("array"),
        JsonataKind.Function => Value.From("function"),
        _ => Value.From("object"),
    };

    private static Value Assert(Evaluation run, ReadOnlySpan<Value> a) =>
        a[0].Kind == JsonataKind.Boolean && a[0].IsTrue ? default : throw run.Fail("D3141", Message(a, 1, "$assert() statement failed"));

    private static string Message(ReadOnlySpan<Value> a, int index, string usual) =>
        index < a.Length && a[index].AsString() is { Length: > 0 } text ? text : usual;
}
