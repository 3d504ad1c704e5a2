namespace Gateway.Jsonata.Nodes;

/// <summary>The name and value expressions of an object constructor or a grouping, which are one and the same.</summary>
internal sealed class Grouping(Node[] keys, Node[] values, int position)
{
    /// <summary>The field names, when all are written out and differ: then there is nothing to group.</summary>
    private readonly FieldNames? _names = FixedNames(keys);

    /// <param name="run">The evaluation.</param>
    /// <param name="input">One context, or an array of them.</param>
    /// <param name="frame">The variables in scope.</param>
    public Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        if (input.List is { IsTupleStream: true } rows)
        {
            return EvalRows(run, rows, frame);
        }
        if (_names is not null)
        {
            return EvalFixed(run, input.Kind == JsonataKind.Array ? Merge(run, input) : input, frame);
        }
        var groups = new Groups(position, input.Kind == JsonataKind.Array ? input.Count : 1);
        if (input.Kind != JsonataKind.Array || input.Count == 0)
        {
            AddTo(run, groups, input.Kind == JsonataKind.Array ? default : input, default, frame);
        }
        else
        {
            foreach (var item in new Items(input))
            {
                AddTo(run, groups, item, item, frame);
            }
        }
        var fields = new Value[groups.Count];
        for (var i = 0; i < fields.Length; i++)
        {
            var group = groups[i];
            fields[i] = values[group.Pair].Eval(run, group.Others is null ? group.First : Merge(run, group.Others), frame);
        }
        return groups.ToObject(fields);
    }

    /// <summary>The same, writing an object of fixed names field by field.</summary>
    public Value EvalInto(Evaluation run, in Value input, Frame? frame)
    {
        if (_names is null || input.List is { IsTupleStream: true })
        {
            return Eval(run, input, frame);
        }
        run.Charge(values.Length);
        var context = input.Kind == JsonataKind.Array ? Merge(run, input) : input;
        var output = run.Output!;
        output.StartObject();
        for (var i = 0; i < values.Length; i++)
        {
            output.Name(_names.Encoded[i]);
            output.Put(values[i].EvalWholeInto(run, context, frame));
        }
        output.EndObject();
        return new Value(Value.WrittenKind);
    }

    private static FieldNames? FixedNames(Node[] keys)
    {
        var names = new List<string>();
        foreach (var key in keys)
        {
            if (key is not LiteralNode { Value: { Kind: JsonataKind.String } literal } || names.Contains(literal.Text))
            {
                return null;
            }
            names.Add(literal.Text);
        }
        return new FieldNames([.. names]);
    }

    private Value EvalFixed(Evaluation run, in Value context, Frame? frame)
    {
        run.Charge(values.Length);
        var fields = new Value[values.Length];
        var missing = false;
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = values[i].Eval(run, context, frame);
            missing |= fields[i].IsUndefined;
        }
        if (!missing)
        {
            return Value.From(new ValueMap(_names!, fields));
        }
        var names = new string[fields.Length];
        var count = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            if (!fields[i].IsUndefined)
            {
                names[count] = _names!.Texts[i];
                fields[count++] = fields[i];
            }
        }
        return Value.From(new ValueMap(names, fields, count));
    }

    private Value EvalRows(Evaluation run, ValueList rows, Frame? frame)
    {
        var groups = new Groups(position, rows.Count);
        foreach (var item in rows)
        {
            var row = (Row)item.Reference!;
            AddTo(run, groups, row.Context, item, new Frame(frame, row.Slots));
        }
        var fields = new Value[groups.Count];
        for (var i = 0; i < fields.Length; i++)
        {
            var group = groups[i];
            var (context, slots) = MergeRows(run, group.Others ?? ValueList.Sequence(group.First));
            fields[i] = values[group.Pair].Eval(run, context, new Frame(frame, slots));
        }
        return groups.ToObject(fields);
    }

    private void AddTo(Evaluation run, Groups groups, in Value context, in Value member, Frame? frame)
    {
        for (var pair = 0; pair < keys.Length; pair++)
        {
            run.Step();
            var key = keys[pair].Eval(run, context, frame);
            if (key.IsUndefined)
            {
                continue;
            }
            if (key.Kind != JsonataKind.String)
            {
                throw new JsonataFailure("T1003", "the name of a field must be a string", position);
            }
            groups.Add(key.Text, pair, member.IsUndefined ? context : member);
        }
    }

    /// <summary>The members of a group as one context: a single one as it is, several joined.</summary>
    private static Value Merge(Evaluation run, in Value members) => Merge(run, members.ToList());

    private static Value Merge(Evaluation run, ValueList members)
    {
        if (members.Count == 1)
        {
            return members[0];
        }
        Value first = default;
        ValueList? joined = null;
        foreach (ref readonly var member in members.Span)
        {
            if (member.IsUndefined)
            {
                continue;
            }
            if (first.IsUndefined)
            {
                first = member;
                continue;
            }
            if (joined is null)
            {
                joined = new ValueList(members.Count);
                Sequences.AddItems(joined, first);
            }
            Sequences.AddItems(joined, member);
        }
        run.Charge(joined?.Count ?? 1);
        return joined is null ? first : Value.From(joined);
    }

    private static (Value Context, Value[] Slots) MergeRows(Evaluation run, ValueList members)
    {
        var first = (Row)members[0].Reference!;
        if (members.Count == 1)
        {
            return (first.Context, first.Slots);
        }
        var column = new ValueList(members.Count);
        foreach (var member in members)
        {
            column.Add(((Row)member.Reference!).Context);
        }
        var context = Merge(run, column);
        var slots = new Value[first.Slots.Length];
        for (var slot = 0; slot < slots.Length; slot++)
        {
            column = new ValueList(members.Count);
            foreach (var member in members)
            {
                column.Add(((Row)member.Reference!).Slots[slot]);
            }
            slots[slot] = Merge(run, column);
        }
        return (context, slots);
    }
}

/// <summary><c>{ name: value, … }</c> on its own.</summary>
internal sealed class ObjectNode(Grouping grouping) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame) => grouping.Eval(run, input, frame);

    public override Value EvalInto(Evaluation run, in Value input, Frame? frame) => grouping.EvalInto(run, input, frame);
}

/// <summary>A grouping after anything but a path.</summary>
internal sealed class GroupNode(Node inner, Grouping grouping) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame) => grouping.Eval(run, inner.Eval(run, input, frame), frame);
}
