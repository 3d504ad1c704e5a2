using Gateway.Jsonata.Syntax;

namespace Gateway.Jsonata.Nodes;

/// <summary>
/// A path that binds variables along the way (<c>@</c>, <c>#</c>) or is asked for parents (<c>%</c>): from the first
/// such step on it carries rows, each a context with its variables.
/// </summary>
/// <param name="steps">The steps.</param>
/// <param name="firstRow">The first step that carries rows.</param>
/// <param name="startsWithVariable">Whether the path is absolute.</param>
/// <param name="keepSingleton">Whether the result stays an array.</param>
/// <param name="keepRows">Whether an outer path wants the rows and not just their contexts.</param>
/// <param name="scope">Names the rows' slots.</param>
/// <param name="grouping">The grouping that follows.</param>
internal sealed class TuplePathNode(Step[] steps, int firstRow, bool startsWithVariable, bool keepSingleton, bool keepRows, Scope scope, Grouping? grouping) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var current = input;
        var isSingle = startsWithVariable || input.Kind != JsonataKind.Array;
        ValueList? rows = null;
        for (var i = 0; i < steps.Length; i++)
        {
            var step = steps[i];
            if (i == 0 && step.IsConstructed)
            {
                var made = StepRunner.EvalConstructed(run, step, current, isSingle, frame);
                // A constructor that binds the focus leaves the context as it was, and its items unused.
                (current, isSingle) = step.FocusSlot >= 0 ? (current, isSingle) : (made, false);
                if (step.IsTuple)
                {
                    continue;
                }
            }
            else if (i >= firstRow)
            {
                rows = EvalRows(run, step, rows, isSingle ? Value.From(ValueList.Sequence(current)) : current, frame);
                continue;
            }
            else
            {
                current = StepRunner.Eval(run, step, current, ref isSingle, i == steps.Length - 1, frame);
            }
            if (!isSingle && current.Count == 0)
            {
                // Nothing was bound yet, so this is no stream of rows but simply nothing.
                return grouping is null ? default : grouping.Eval(run, current, new Frame(frame, new Value[scope.Count]));
            }
        }
        return rows is null ? default : Finish(run, rows, frame);
    }

    private static ValueList EmptyRows() => new(0) { IsSequence = true, IsTupleStream = true };

    private static Value RowOf(Value context, Value[] slots, Scope scope) => new(Value.RowKind, new Row(context, slots, scope));

    private Value Finish(Evaluation run, ValueList rows, Frame? frame)
    {
        if (grouping is not null)
        {
            return grouping.Eval(run, Value.From(rows), frame);
        }
        if (keepRows)
        {
            return Value.From(rows);
        }
        var contexts = ValueList.Sequence(rows.Count);
        contexts.KeepSingleton = keepSingleton;
        foreach (ref readonly var row in rows.Span)
        {
            contexts.Add(((Row)row.Reference!).Context);
        }
        return Settle(Value.From(contexts));
    }

    private ValueList EvalRows(Evaluation run, Step step, ValueList? rows, in Value input, Frame? frame)
    {
        ValueList result;
        if (step.Sort is not null)
        {
            result = rows is not null ? step.Sort.Eval(run, Value.From(rows), frame).List! : Number(run, step, step.Sort.Eval(run, input, frame));
        }
        else
        {
            result = EmptyRows();
            foreach (ref readonly var row in (rows ?? Start(input)).Span)
            {
                run.Step();
                Extend(run, step, (Row)row.Reference!, frame, result);
            }
        }
        foreach (var stage in step.Stages)
        {
            if (stage.Predicate is not null)
            {
                result = stage.Predicate.Apply(run, Value.From(result), frame).List!;
                result.IsTupleStream = true;
                continue;
            }
            for (var i = 0; i < result.Count; i++)
            {
                ((Row)result[i].Reference!).Slots[stage.IndexSlot] = Value.From(i);
            }
        }
        return result;
    }

    private ValueList Start(in Value input)
    {
        var rows = EmptyRows();
        foreach (var item in new Items(input))
        {
            rows.Add(RowOf(item, new Value[scope.Count], scope));
        }
        return rows;
    }

    private ValueList Number(Evaluation run, Step step, in Value sorted)
    {
        var rows = EmptyRows();
        foreach (var item in new Items(sorted))
        {
            run.Step();
            var slots = new Value[scope.Count];
            if (step.IndexSlot >= 0)
            {
                slots[step.IndexSlot] = Value.From(rows.Count);
            }
            rows.Add(RowOf(item, slots, scope));
        }
        return rows;
    }

    private void Extend(Evaluation run, Step step, Row row, Frame? frame, ValueList result)
    {
        var value = step.Node.Eval(run, row.Context, new Frame(frame, row.Slots));
        if (value.IsUndefined)
        {
            return;
        }
        if (value.List is { IsTupleStream: true } inner)
        {
            foreach (ref readonly var item in inner.Span)
            {
                run.Step();
                result.Add(Join(row, (Row)item.Reference!));
            }
            return;
        }
        if (value.Kind != JsonataKind.Array)
        {
            result.Add(Bind(step, row, value, 0));
            return;
        }
        var index = 0;
        foreach (var item in new Items(value))
        {
            run.Step();
            result.Add(Bind(step, row, item, index++));
        }
    }

    private Value Bind(Step step, Row row, in Value item, int index)
    {
        var slots = (Value[])row.Slots.Clone();
        var context = item;
        if (step.FocusSlot >= 0)
        {
            slots[step.FocusSlot] = item.IsUndefined ? Value.BoundUndefined : item;
            context = row.Context;
        }
        if (step.IndexSlot >= 0)
        {
            slots[step.IndexSlot] = Value.From(index);
        }
        if (step.AncestorSlot >= 0)
        {
            slots[step.AncestorSlot] = row.Context;
        }
        return RowOf(context, slots, scope);
    }

    /// <summary>A row of this path continued by a row of a path within the step.</summary>
    private Value Join(Row row, Row inner)
    {
        var slots = (Value[])row.Slots.Clone();
        for (var i = 0; i < inner.Slots.Length; i++)
        {
            var slot = inner.Slots[i].IsUnbound ? -1 : scope.Find(inner.Scope.NameOf(i));
            if (slot >= 0)
            {
                slots[slot] = inner.Slots[i];
            }
        }
        return RowOf(inner.Context, slots, scope);
    }
}
