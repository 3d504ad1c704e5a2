namespace Gateway.Jsonata.Nodes;

/// <summary><c>| pattern | update, deletions |</c>: a function that copies an object and changes what the pattern matches.</summary>
internal sealed class TransformNode(Node pattern, Node update, Node? deletions, Node clone, (int Whole, int Update, int Deletions) positions) : Node
{
    private static readonly Signature Signature = Signature.Known("<(oa):o>");

    public override Value Eval(Evaluation run, in Value input, Frame? frame) =>
        Value.From(new NativeFunction("transform", Signature, 1, (evaluation, arguments) => Transform(evaluation, arguments[0], frame)));

    private Value Transform(Evaluation run, in Value source, Frame? frame)
    {
        if (source.IsUndefined)
        {
            return default;
        }
        if (clone.Eval(run, source, frame).Function is not { } copier)
        {
            throw new JsonataFailure("T2013", "a transform copies with $clone, which is bound to something that is no function", positions.Whole, "|");
        }
        var copy = Sequences.Settle(copier.Invoke(run, [source], Value.Null), false);
        var matches = pattern.Eval(run, copy, frame);
        if (matches.IsUndefined)
        {
            return copy;
        }
        if (matches.Kind != JsonataKind.Array)
        {
            Change(run, matches, frame);
            return copy;
        }
        foreach (var match in new Items(matches))
        {
            run.Step();
            Change(run, match, frame);
        }
        return copy;
    }

    private void Change(Evaluation run, in Value match, Frame? frame)
    {
        var target = match.Map is { IsFrozen: false } map ? map : null;
        var changes = update.Eval(run, match, frame);
        if (!changes.IsUndefined)
        {
            if (changes.Kind != JsonataKind.Object)
            {
                throw new JsonataFailure("T2011", "the update of a transform must be an object", positions.Update, "|");
            }
            var fields = new Fields(changes);
            while (fields.MoveNext())
            {
                target?[fields.Name] = fields.Current;
            }
        }
        var doomed = deletions?.Eval(run, match, frame) ?? default;
        if (doomed.IsUndefined)
        {
            return;
        }
        foreach (var name in doomed.Kind == JsonataKind.Array ? doomed.ToList() : [doomed])
        {
            if (name.Kind != JsonataKind.String)
            {
                throw new JsonataFailure("T2012", "the deletions of a transform must be a string or an array of strings", positions.Deletions, "|");
            }
        }
        foreach (var name in doomed.Kind == JsonataKind.Array ? doomed.ToList() : [doomed])
        {
            target?.Remove(name.Text);
        }
    }
}
