namespace Gateway.Jsonata.Nodes;

/// <summary>A step of a path with its predicates.</summary>
internal sealed class Step
{
    public required Node Node { get; init; }

    /// <summary>Set when the step only reads a field, which most do.</summary>
    public PropertyName? Name { get; init; }

    /// <summary>Set instead of a field or an expression when the step orders what came before.</summary>
    public SortStep? Sort { get; init; }

    public StepStage[] Stages { get; init; } = [];

    /// <summary>Whether its predicates, if it has any, give truths and never positions.</summary>
    public bool HasOnlyTests => !Array.Exists(Stages, stage => stage.Predicate is not { IsTest: true });

    /// <summary>An array constructor at the start, evaluated once and not per item.</summary>
    public bool IsConstructed { get; init; }

    /// <summary>From this step on the path carries rows.</summary>
    public bool IsTuple { get; init; }

    public int FocusSlot { get; init; } = -1;

    public int IndexSlot { get; init; } = -1;

    public int AncestorSlot { get; init; } = -1;

    /// <summary>Whether one item that is no array passes predicates that are all tests.</summary>
    public bool Passes(Evaluation run, in Value item, Frame? frame)
    {
        foreach (var stage in Stages)
        {
            if (!stage.Predicate!.Passes(run, item, frame))
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>A predicate, or the slot that takes each row's position.</summary>
internal readonly record struct StepStage(Predicate? Predicate, int IndexSlot);

/// <summary>Steps applied one after the other, each to every item the one before gave, the results flattened.</summary>
internal sealed class PathNode(Step[] steps, bool startsWithVariable, bool keepSingleton, Grouping? grouping) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame) => EvalFrom(run, input, 0, frame);

    /// <summary>Applies the steps from one on to what those before it gave.</summary>
    public Value EvalFrom(Evaluation run, in Value input, int first, Frame? frame)
    {
        var current = input;
        var isSingle = (startsWithVariable && first == 0) || input.Kind != JsonataKind.Array;
        for (var i = first; i < steps.Length; i++)
        {
            var step = steps[i];
            if (i == 0 && step.IsConstructed)
            {
                current = StepRunner.EvalConstructed(run, step, current, isSingle, frame);
                isSingle = false;
            }
            else
            {
                current = StepRunner.Eval(run, step, current, ref isSingle, i == steps.Length - 1, frame);
            }
            if (!isSingle && current.Count == 0)
            {
                // An empty array stays one at the end of the path or when written out; else it is a sequence of nothing.
                current = i < steps.Length - 1 && !(i == 0 && step.IsConstructed) ? Value.From(ValueList.Sequence(0)) : current;
                break;
            }
        }
        return Finish(run, current, isSingle, frame);
    }

    private Value Finish(Evaluation run, Value current, bool isSingle, Frame? frame)
    {
        if (keepSingleton)
        {
            current = StepRunner.KeepSingleton(current, isSingle);
            isSingle = false;
        }
        if (grouping is not null)
        {
            return grouping.Eval(run, isSingle && current.Kind == JsonataKind.Array ? Value.From(ValueList.Sequence(current)) : current, frame);
        }
        return isSingle ? KeepArray ? Value.From(new ValueList([current]) { IsSequence = true, KeepSingleton = true }) : current : Settle(current);
    }
}

/// <summary>Applies one step to one item or to an array of them.</summary>
internal static class StepRunner
{
    /// <param name="run">The evaluation.</param>
    /// <param name="step">The step.</param>
    /// <param name="input">The item, or the array of items.</param>
    /// <param name="isSingle">Whether the input is one item, even if that is an array; then whether the result is.</param>
    /// <param name="isLast">At the end of a path, the one array a step gives stays as it is.</param>
    /// <param name="frame">The variables in scope.</param>
    public static Value Eval(Evaluation run, Step step, in Value input, ref bool isSingle, bool isLast, Frame? frame)
    {
        if (step.Sort is not null)
        {
            var sorted = step.Sort.Eval(run, isSingle ? Value.From(ValueList.Sequence(input)) : input, frame);
            sorted = Filter(run, step, sorted, frame);
            isSingle = sorted.Kind != JsonataKind.Array;
            return sorted;
        }
        if (isSingle)
        {
            run.Step();
            return OfOne(EvalItem(run, step, input, frame), isLast, out isSingle);
        }
        Value only = default;
        ValueList? all = null;
        var count = input.Count;
        foreach (var item in new Items(input))
        {
            run.Step();
            var result = EvalItem(run, step, item, frame);
            if (result.IsUndefined)
            {
                continue;
            }
            if (only.IsUndefined)
            {
                only = result;
                continue;
            }
            if (all is null)
            {
                all = ValueList.Sequence(count);
                Flatten(all, only);
            }
            Flatten(all, result);
        }
        if (all is null)
        {
            return OfOne(only, isLast, out isSingle);
        }
        return Value.From(all);
    }

    /// <summary>Evaluates an array constructor at the start of a path, once for all items; what gives no array has no items to go on with.</summary>
    public static Value EvalConstructed(Evaluation run, Step step, in Value input, bool isSingle, Frame? frame)
    {
        var made = step.Node.Eval(run, isSingle ? Value.From(ValueList.Sequence(input)) : input, frame);
        return made.Kind == JsonataKind.Array ? made : Value.From(ValueList.Sequence(0));
    }

    /// <summary>Marks the result of a path that <c>[]</c> asks to stay an array.</summary>
    public static Value KeepSingleton(in Value current, bool isSingle)
    {
        if (isSingle || current.List is { IsConstructed: true, IsSequence: false })
        {
            return Value.From(new ValueList([current]) { IsSequence = true, KeepSingleton = true });
        }
        if (current.List is { IsSequence: true, KeepSingleton: false } list)
        {
            // A copy, for the list may belong to a variable that others read.
            var copy = new ValueList(list.Span.ToArray()) { IsSequence = true, KeepSingleton = true, IsTupleStream = list.IsTupleStream };
            return Value.From(copy);
        }
        return current;
    }

    private static Value EvalItem(Evaluation run, Step step, in Value item, Frame? frame)
    {
        var result = step.Name is not null && item.Kind == JsonataKind.Object ? item.Field(step.Name) : step.Node.Eval(run, item, frame);
        return step.Stages.Length == 0 ? result : Filter(run, step, result, frame);
    }

    private static Value Filter(Evaluation run, Step step, Value value, Frame? frame)
    {
        foreach (var stage in step.Stages)
        {
            value = stage.Predicate!.Apply(run, value, frame);
        }
        return value;
    }

    private static Value OfOne(in Value result, bool isLast, out bool isSingle)
    {
        if (result.IsUndefined)
        {
            isSingle = false;
            return Value.From(ValueList.Sequence(0));
        }
        isSingle = result.Kind != JsonataKind.Array || (!isLast && result.List is { IsConstructed: true });
        if (result.List is { IsSequence: true, KeepSingleton: true } kept)
        {
            // The mark belongs to the inner expression; this path's own result starts without it.
            return Value.From(new ValueList(kept.Span.ToArray()) { IsSequence = true });
        }
        return result;
    }

    private static void Flatten(ValueList target, in Value result)
    {
        if (result.Kind != JsonataKind.Array || result.List is { IsConstructed: true })
        {
            target.Add(result);
        }
        else
        {
            target.AddRange(result);
        }
    }
}
