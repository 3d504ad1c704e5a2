namespace Gateway.Jsonata.Runtime;

/// <summary>The rules by which sequences collapse, join and flatten.</summary>
internal static class Sequences
{
    /// <summary>Ends the evaluation of a node: an empty sequence is no value, a sequence of one is its item.</summary>
    public static Value Settle(in Value value, bool keepArray)
    {
        if (value.Kind != JsonataKind.Array || value.List is not { IsSequence: true, IsTupleStream: false } list)
        {
            return value;
        }
        if (keepArray)
        {
            list.KeepSingleton = true;
        }
        return list.Count switch
        {
            0 => default,
            1 when !list.KeepSingleton => list[0],
            _ => value,
        };
    }

    /// <summary>The two values joined as one array; an undefined one leaves the other as it is.</summary>
    public static Value Append(Evaluation run, in Value first, in Value second)
    {
        if (first.IsUndefined)
        {
            return second;
        }
        if (second.IsUndefined)
        {
            return first;
        }
        var total = (first.Kind == JsonataKind.Array ? first.Count : 1) + (second.Kind == JsonataKind.Array ? second.Count : 1);
        run.Charge(total);
        var joined = new ValueList(total);
        AddItems(joined, first);
        AddItems(joined, second);
        return Value.From(joined);
    }

    /// <summary>Adds the items of an array, or the value itself when it is none.</summary>
    public static void AddItems(ValueList target, in Value value)
    {
        if (value.Kind == JsonataKind.Array)
        {
            target.AddRange(value);
        }
        else
        {
            target.Add(value);
        }
    }

    /// <summary>The value of a field; over an array, the values of the field in all its items, flattened once.</summary>
    public static Value Lookup(Evaluation run, in Value input, PropertyName name)
    {
        if (input.Kind == JsonataKind.Object)
        {
            return input.Field(name);
        }
        if (input.Kind != JsonataKind.Array)
        {
            return default;
        }
        run.EnsureStack();
        var found = ValueList.Sequence();
        foreach (var item in new Items(input))
        {
            run.Step();
            var value = Lookup(run, item, name);
            if (!value.IsUndefined)
            {
                AddItems(found, value);
            }
        }
        return Value.From(found);
    }

    public static void Flatten(Evaluation run, in Value value, ValueList target)
    {
        run.Step();
        if (value.Kind != JsonataKind.Array)
        {
            target.Add(value);
            return;
        }
        run.EnsureStack();
        foreach (var item in new Items(value))
        {
            Flatten(run, item, target);
        }
    }
}
