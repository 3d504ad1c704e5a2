using Gateway.Jsonata.Nodes;

namespace Gateway.Jsonata.Library;

/// <summary>Functions that call functions.</summary>
internal static class HigherOrderFunctions
{
    public static readonly BuiltIn[] All =
    [
        new("map", "<af>", 2, Map),
        new("filter", "<af>", 2, Filter),
        new("single", "<af?>", 2, Single),
        new("reduce", "<afj?:j>", 3, Reduce),
        new("each", "<o-f:a>", 2, Each),
        new("sift", "<o-f?:o>", 2, Sift),
        new("sort", "<af?:a>", 2, Sort),
    ];

    /// <summary>Calls with as many of value, position and whole as the function takes.</summary>
    private static Value Call(Evaluation run, Function function, in Value value, in Value position, in Value whole, bool into = false)
    {
        var site = run.Site;
        var room = new ArgumentBuffer();
        Span<Value> arguments = room;
        arguments[0] = value;
        arguments[1] = position;
        arguments[2] = whole;
        run.Step();
        arguments = arguments[..Math.Clamp(function.Arity, 1, 3)];
        var result = into ? ((Lambda)function).Invoke(run, arguments, Value.Null, true) : function.Invoke(run, arguments, Value.Null);
        run.Site = site;
        return result;
    }

    private static Function FunctionIn(Evaluation run, ReadOnlySpan<Value> a) =>
        (a.Length > 1 ? a[1].Function : null) ?? throw run.Fail("T1006", $"{run.Site.Name} is given no function to call");

    /// <summary>
    /// Maps an array whose results are items of an array being written. A result that is an array itself stays whole unless
    /// it is the only one, so from such a one on they are all worked out before they are given to the caller.
    /// </summary>
    public static Value MapInto(Evaluation run, Lambda function, in Value array)
    {
        ValueList? rest = null;
        var isFirst = true;
        var index = 0;
        foreach (var item in new Items(array))
        {
            var value = Call(run, function, item, Value.From(index++), array, rest is null);
            if (value.IsUndefined)
            {
                continue;
            }
            if (rest is null && isFirst && value.Kind == JsonataKind.Array)
            {
                rest = ValueList.Sequence();
            }
            if (rest is null)
            {
                run.Output!.Put(value);
            }
            rest?.Add(value);
            isFirst = false;
        }
        return rest is null ? default : Value.From(rest);
    }

    private static Value Map(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var function = FunctionIn(run, a);
        var mapped = ValueList.Sequence(a[0].Count);
        var index = 0;
        foreach (var item in new Items(a[0]))
        {
            var value = Call(run, function, item, Value.From(index++), a[0]);
            if (!value.IsUndefined)
            {
                mapped.Add(value);
            }
        }
        return Value.From(mapped);
    }

    private static Value Filter(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var function = FunctionIn(run, a);
        var kept = ValueList.Sequence();
        var index = 0;
        foreach (var item in new Items(a[0]))
        {
            if (Comparison.IsTrue(run, Call(run, function, item, Value.From(index++), a[0])))
            {
                kept.Add(item);
            }
        }
        return Value.From(kept);
    }

    private static Value Single(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var function = a.Length > 1 ? a[1].Function : null;
        Value found = default;
        var isFound = false;
        var index = 0;
        foreach (var item in new Items(a[0]))
        {
            if (function is not null && !Comparison.IsTrue(run, Call(run, function, item, Value.From(index++), a[0])))
            {
                continue;
            }
            if (isFound)
            {
                throw run.Fail("D3138", "$single found more than one match");
            }
            found = item;
            isFound = true;
        }
        return isFound ? found : throw run.Fail("D3139", "$single found no match");
    }

    private static Value Reduce(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var function = FunctionIn(run, a);
        if (function.Arity < 2)
        {
            throw run.Fail("D3050", "the function given to $reduce must take at least two arguments");
        }
        Value result = a.Length > 2 ? a[2] : default;
        var items = a[0].ToList();
        var start = result.IsUndefined && items.Count > 0 ? 1 : 0;
        result = start == 1 ? items[0] : result;
        var count = Math.Min(function.Arity, ArgumentBuffer.Size);
        var site = run.Site;
        for (var i = start; i < items.Count; i++)
        {
            var room = new ArgumentBuffer();
            Span<Value> arguments = room;
            arguments[0] = result;
            arguments[1] = items[i];
            arguments[2] = Value.From(i);
            arguments[3] = a[0];
            run.Step();
            result = function.Invoke(run, arguments[..count], Value.Null);
            run.Site = site;
        }
        return result;
    }

    private static Value Each(Evaluation run, ReadOnlySpan<Value> a)
    {
        var results = ValueList.Sequence();
        var function = FunctionIn(run, a);
        var fields = new Fields(a[0]);
        while (fields.MoveNext())
        {
            var value = Call(run, function, fields.Current, Value.From(fields.Name), a[0]);
            if (!value.IsUndefined)
            {
                results.Add(value);
            }
        }
        return Value.From(results);
    }

    private static Value Sift(Evaluation run, ReadOnlySpan<Value> a)
    {
        var kept = new ValueMap();
        var fields = new Fields(a[0]);
        while (fields.MoveNext())
        {
            var value = fields.Current;
            if (Comparison.IsTrue(run, Call(run, FunctionIn(run, a), value, Value.From(fields.Name), a[0])))
            {
                kept[fields.Name] = value;
            }
        }
        return kept.Count == 0 ? default : Value.From(kept);
    }

    private static Value Sort(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined || a[0].Count <= 1)
        {
            return a[0];
        }
        run.Charge(a[0].Count);
        var items = a[0].ToList().Span.ToArray();
        if (a.Length > 1 && a[1].Function is { } comparator)
        {
            var site = run.Site;
            MergeSort.Sort(items, (left, right) =>
            {
                run.Step();
                var swap = comparator.Invoke(run, [left, right], Value.Null);
                run.Site = site;
                return IsTruthy(swap);
            });
            return Value.From(new ValueList(items));
        }
        var kind = items[0].Kind;
        if (kind is not (JsonataKind.Number or JsonataKind.String) || Array.Exists(items, item => item.Kind != kind))
        {
            throw run.Fail("D3070", "without a function only numbers or only strings can be sorted");
        }
        MergeSort.Sort(items, (left, right) =>
        {
            run.Step();
            return kind == JsonataKind.Number ? Numeric.Compare(left, right) > 0 : string.CompareOrdinal(left.Text, right.Text) > 0;
        });
        return Value.From(new ValueList(items));
    }

    /// <summary>Truth as JavaScript has it, for a comparator's answer is used as it is: any array or object is true.</summary>
    private static bool IsTruthy(in Value value) => value.Kind switch
    {
        JsonataKind.Undefined or JsonataKind.Null => false,
        JsonataKind.Boolean => value.IsTrue,
        JsonataKind.Number => Numeric.ToDouble(value) is not 0,
        JsonataKind.String => value.Text.Length > 0,
        _ => true,
    };
}
