namespace Gateway.Jsonata.Nodes;

/// <summary><c>[item, …]</c></summary>
/// <param name="items">The items; arrays among their values are flattened.</param>
/// <param name="isArray">Which of them are written as arrays themselves and stay such.</param>
/// <param name="isConstructed">Whether it is a step whose result stays whole.</param>
internal sealed class ArrayNode(Node[] items, bool[] isArray, bool isConstructed) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        run.Charge(items.Length);
        var list = new ValueList(items.Length) { IsConstructed = isConstructed };
        for (var i = 0; i < items.Length; i++)
        {
            var value = items[i].Eval(run, input, frame);
            if (value.IsUndefined)
            {
                continue;
            }
            if (isArray[i] || value.Kind != JsonataKind.Array)
            {
                list.Add(value);
            }
            else
            {
                run.Charge(value.Count);
                list.AddRange(value);
            }
        }
        return Value.From(list);
    }

    public override Value EvalWholeInto(Evaluation run, in Value input, Frame? frame)
    {
        run.Charge(items.Length);
        var output = run.Output!;
        output.StartArray();
        for (var i = 0; i < items.Length; i++)
        {
            var value = isArray[i] ? items[i].EvalWholeInto(run, input, frame) : items[i].EvalItemsInto(run, input, frame);
            if (isArray[i] || value.Kind != JsonataKind.Array)
            {
                output.Put(value);
                continue;
            }
            run.Charge(value.Count);
            foreach (var item in new Items(value))
            {
                output.PutItem(item);
            }
        }
        output.EndArray();
        return new Value(Value.WrittenKind);
    }
}
