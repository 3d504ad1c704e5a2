using System.Text.Json;

namespace Gateway.Jsonata.Nodes;

/// <summary>
/// A path of nothing but fields and tests of them, which most are: on plain objects it is read off without a sequence on
/// the way.
/// </summary>
/// <param name="source">The variable it starts at; null for the context.</param>
/// <param name="fields">The steps that are fields.</param>
/// <param name="general">The same path in general.</param>
internal sealed class FieldsNode(Node? source, Step[] fields, PathNode general) : Node
{
    /// <summary>What <see cref="Read"/> says when the path must be walked in general, from its start.</summary>
    private const int Restart = -1;

    /// <summary>Whether a field is tested on the way.</summary>
    private readonly bool _hasTests = Array.Exists(fields, step => step.Stages.Length > 0);

    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        if (source is null)
        {
            return EvalOn(run, input, input, frame);
        }
        return EvalOn(run, source.Eval(run, input, frame), input, frame);
    }

    /// <summary>Stays with the input's elements while it can, of which only the last becomes a value.</summary>
    private Value EvalOn(Evaluation run, in Value start, in Value input, Frame? frame)
    {
        if (_hasTests || start.Kind != JsonataKind.Object || !start.IsElement)
        {
            return EvalStepwise(run, input, frame);
        }
        var element = start.Element;
        for (var i = 0; element.TryGetProperty(fields[i].Name!.Utf8, out var found); i++)
        {
            if (i == fields.Length - 1)
            {
                return Value.From(found);
            }
            if (found.ValueKind == JsonValueKind.Array)
            {
                return EvalFrom(run, Value.From(found), i + 1, frame);
            }
            if (found.ValueKind != JsonValueKind.Object)
            {
                return default;
            }
            element = found;
        }
        return default;
    }

    private Value EvalStepwise(Evaluation run, in Value input, Frame? frame)
    {
        var next = Read(run, input, frame, out var value);
        if (next == fields.Length)
        {
            return value;
        }
        return next == Restart ? general.Eval(run, input, frame) : EvalFrom(run, value, next, frame);
    }

    private Value EvalFrom(Evaluation run, in Value value, int field, Frame? frame) =>
        general.EvalFrom(run, value, field + (source is null ? 0 : 1), frame);

    /// <summary>The value, or the array of the input it stands for, if all fields but the last are those of plain objects.</summary>
    public bool TryRead(Evaluation run, in Value input, Frame? frame, out Value value) =>
        Read(run, input, frame, out value) == fields.Length;

    /// <summary>Reads fields while they are those of objects; gives the next one to apply to the value, or their number.</summary>
    private int Read(Evaluation run, in Value input, Frame? frame, out Value value)
    {
        value = source is null ? input : source.Eval(run, input, frame);
        var next = 0;
        while (value.Kind == JsonataKind.Object)
        {
            var step = fields[next++];
            value = value.Field(step.Name!);
            if (step.Stages.Length > 0)
            {
                if (value.Kind == JsonataKind.Array || run.LooksUpNames)
                {
                    return Restart;
                }
                if (!step.Passes(run, value, frame))
                {
                    break;
                }
            }
            if (next == fields.Length)
            {
                // An array made by the expression may be a sequence, which the general path knows how to settle.
                return value.List is null ? next : Restart;
            }
        }
        if (next < fields.Length && value.Kind == JsonataKind.Array)
        {
            return value.List is null ? next : Restart;
        }
        if (next < fields.Length && fields[next].Stages.Length > 0 && (!value.IsUndefined || (next == 0 && source is null)))
        {
            // The test is made even of the field of what has none, and may fail.
            return Restart;
        }
        value = default;
        return fields.Length;
    }
}

/// <summary>
/// Fields, and an object made of each item they give. As part of the result the objects are written one by one.
/// </summary>
/// <param name="fields">The path up to the objects.</param>
/// <param name="maker">Makes an object of an item.</param>
/// <param name="general">The same path in general.</param>
internal sealed class FieldsToObjectsNode(FieldsNode fields, ObjectNode maker, PathNode general) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        if (!fields.TryRead(run, input, frame, out var value) || value.Kind == JsonataKind.Array)
        {
            return general.Eval(run, input, frame);
        }
        run.Step();
        return value.IsUndefined ? default : maker.Eval(run, value, frame);
    }

    public override Value EvalInto(Evaluation run, in Value input, Frame? frame) => EvalInto(run, input, frame, false);

    public override Value EvalWholeInto(Evaluation run, in Value input, Frame? frame) => EvalInto(run, input, frame, true);

    public override Value EvalItemsInto(Evaluation run, in Value input, Frame? frame)
    {
        if (!fields.TryRead(run, input, frame, out var value))
        {
            return general.Eval(run, input, frame);
        }
        return value.Kind == JsonataKind.Array ? MakeEach(run, value, frame) : Make(run, value, frame);
    }

    private Value EvalInto(Evaluation run, in Value input, Frame? frame, bool isWhole)
    {
        if (!fields.TryRead(run, input, frame, out var value))
        {
            return general.Eval(run, input, frame);
        }
        var count = value.Kind == JsonataKind.Array ? value.Count : 1;
        if (count <= 1)
        {
            return count == 0 ? default : Make(run, value.Kind == JsonataKind.Array ? value.At(0) : value, frame);
        }
        if (!isWhole)
        {
            return general.Eval(run, input, frame);
        }
        run.Output!.StartArray();
        MakeEach(run, value, frame);
        run.Output.EndArray();
        return new Value(Value.WrittenKind);
    }

    private Value Make(Evaluation run, in Value item, Frame? frame)
    {
        run.Step();
        return item.IsUndefined ? default : maker.EvalInto(run, item, frame);
    }

    private Value MakeEach(Evaluation run, in Value items, Frame? frame)
    {
        foreach (var item in new Items(items))
        {
            run.Output!.Put(Make(run, item, frame));
        }
        return default;
    }
}
