namespace Gateway.Jsonata.Nodes;

/// <summary>What stands between square brackets: a literal position, or an expression that gives positions or a truth per item.</summary>
internal sealed class Predicate
{
    private readonly Node? _expression;
    private readonly int _index;

    public Predicate(Node expression) => _expression = expression;

    public Predicate(int index) => _index = index;

    /// <summary>Whether it gives a truth per item, unless a binding hides a function it calls.</summary>
    public bool IsTest => _expression is { IsTruth: true };

    /// <summary>Whether an item passes a test.</summary>
    public bool Passes(Evaluation run, in Value item, Frame? frame)
    {
        run.Step();
        return _expression!.Holds(run, item, frame);
    }

    /// <summary>
    /// The items that pass, as a sequence. A single item that is no array may come bare, because nothing downstream can
    /// tell it from a sequence of one.
    /// </summary>
    public Value Apply(Evaluation run, in Value input, Frame? frame)
    {
        if (_expression is null)
        {
            return At(input);
        }
        var isTest = IsTest && !run.LooksUpNames;
        if (input.Kind == JsonataKind.Array)
        {
            return input.List is { IsTupleStream: true } rows ? ApplyToRows(run, rows, frame) : ApplyToItems(run, input, isTest, frame);
        }
        run.Step();
        var times = 1;
        if (isTest ? !_expression.Holds(run, input, frame) : !Passes(run, _expression.Eval(run, input, frame), 0, 1, out times))
        {
            return Value.From(ValueList.Sequence(0));
        }
        return times == 1 && !input.IsUndefined ? input : Repeat(ValueList.Sequence(times), input, times);
    }

    private Value At(in Value input)
    {
        var count = input.Kind == JsonataKind.Array ? input.Count : 1;
        var index = _index < 0 ? count + _index : _index;
        if (index < 0 || index >= count)
        {
            return Value.From(ValueList.Sequence(0));
        }
        var item = input.Kind == JsonataKind.Array ? input.At(index) : input;
        if (input.List is { IsTupleStream: true })
        {
            var row = ValueList.Sequence(item);
            row.IsTupleStream = true;
            return Value.From(row);
        }
        return item.IsUndefined ? Value.From(ValueList.Sequence(0)) : item;
    }

    private Value ApplyToItems(Evaluation run, in Value input, bool isTest, Frame? frame)
    {
        var count = input.Count;
        var passed = ValueList.Sequence(Math.Min(4, count));
        var index = 0;
        foreach (var item in new Items(input))
        {
            run.Step();
            if (isTest)
            {
                if (_expression!.Holds(run, item, frame))
                {
                    passed.Add(item);
                }
            }
            else if (Passes(run, _expression!.Eval(run, item, frame), index++, count, out var times))
            {
                Repeat(passed, item, times);
            }
        }
        return Value.From(passed);
    }

    private Value ApplyToRows(Evaluation run, ValueList rows, Frame? frame)
    {
        var passed = ValueList.Sequence();
        passed.IsTupleStream = true;
        for (var index = 0; index < rows.Count; index++)
        {
            run.Step();
            var row = (Row)rows[index].Reference!;
            var verdict = _expression!.Eval(run, row.Context, new Frame(frame, row.Slots));
            if (Passes(run, verdict, index, rows.Count, out var times))
            {
                Repeat(passed, rows[index], times);
            }
        }
        return Value.From(passed);
    }

    private static Value Repeat(ValueList target, in Value item, int times)
    {
        for (var i = 0; i < times; i++)
        {
            target.Add(item);
        }
        return Value.From(target);
    }

    /// <summary>A number passes the item at that position, an array of numbers the items at those; anything else passes by its truth.</summary>
    private static bool Passes(Evaluation run, in Value verdict, int index, int count, out int times)
    {
        times = 1;
        if (Comparison.IsNumber(run, verdict))
        {
            return Position(verdict, count) == index;
        }
        if (verdict.Kind != JsonataKind.Array || !HoldsOnlyNumbers(run, verdict))
        {
            return Comparison.IsTrue(run, verdict);
        }
        times = 0;
        foreach (var position in new Items(verdict))
        {
            run.Step();
            times += Position(position, count) == index ? 1 : 0;
        }
        return times > 0;
    }

    private static bool HoldsOnlyNumbers(Evaluation run, in Value array)
    {
        foreach (var item in new Items(array))
        {
            if (!Comparison.IsNumber(run, item))
            {
                return false;
            }
        }
        return true;
    }

    private static double Position(in Value number, int count)
    {
        var position = Math.Floor(Numeric.ToDouble(number));
        return position < 0 ? count + position : position;
    }
}

/// <summary>Predicates on anything but a step of a path.</summary>
internal sealed class FilterNode(Node inner, Predicate[] predicates) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var value = inner.Eval(run, input, frame);
        foreach (var predicate in predicates)
        {
            value = predicate.Apply(run, value, frame);
        }
        return Settle(KeepArray && value.Kind != JsonataKind.Array ? Value.From(ValueList.Sequence(value)) : value);
    }
}
