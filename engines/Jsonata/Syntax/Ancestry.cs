namespace Gateway.Jsonata.Syntax;

/// <summary>Finds, for every <c>%</c>, the step whose context it names, and makes that step remember it.</summary>
internal sealed class Ancestry
{
    private int _parents;

    public Ast NewParent(Ast node)
    {
        node.Slot = new AncestorSlot($"%{_parents++}");
        return node;
    }

    public static SyntaxFailure NoParent(Ast node) =>
        new("S0217", node.Position, "% has no parent here", "use % only within a path, at most as often as there are steps before it");

    /// <summary>Hands the parents a child is still looking for up to its owner.</summary>
    public static void Push(Ast owner, Ast child)
    {
        if (child.SeekingParent is null && child.Type != AstType.Parent)
        {
            return;
        }
        var slots = child.SeekingParent ?? [];
        if (child.Type == AstType.Parent)
        {
            slots.Add(child.Slot!);
        }
        if (owner.SeekingParent is null)
        {
            owner.SeekingParent = slots;
        }
        else
        {
            owner.SeekingParent.AddRange(slots.ToArray());
        }
    }

    /// <summary>Looks back along the path for the parents its last step wants.</summary>
    public static void Resolve(Ast path)
    {
        var last = path.Items[^1];
        var slots = last.SeekingParent ?? [];
        if (last.Type == AstType.Parent)
        {
            slots.Add(last.Slot!);
        }
        for (var i = 0; i < slots.Count; i++)
        {
            var slot = slots[i];
            var index = path.Items.Count - 2;
            while (slot.Level > 0)
            {
                if (index < 0)
                {
                    (path.SeekingParent ??= []).Add(slot);
                    break;
                }
                var step = path.Items[index--];
                // Steps that bind the focus one after another share one context.
                while (index >= 0 && step.Focus is not null && path.Items[index].Focus is not null)
                {
                    step = path.Items[index--];
                }
                Seek(step, slot);
            }
        }
    }

    /// <summary>A parent used in a predicate belongs to the step the predicate is on, or to one before it.</summary>
    public static void ResolveInPredicate(Ast step, Ast predicate)
    {
        if (predicate.SeekingParent is null)
        {
            return;
        }
        foreach (var slot in predicate.SeekingParent)
        {
            if (slot.Level == 1)
            {
                Seek(step, slot);
            }
            else
            {
                slot.Level--;
            }
        }
        Push(step, predicate);
    }

    private static void Seek(Ast node, AncestorSlot slot)
    {
        switch (node.Type)
        {
            case AstType.Name or AstType.Wildcard:
                slot.Level--;
                if (slot.Level == 0)
                {
                    slot.Label = node.Ancestor?.Label ?? slot.Label;
                    node.Ancestor = slot;
                    node.IsTuple = true;
                }
                break;
            case AstType.Parent:
                slot.Level++;
                break;
            case AstType.Block:
                if (node.Items.Count > 0)
                {
                    node.IsTuple = true;
                    Seek(node.Items[^1], slot);
                }
                break;
            case AstType.Path:
                node.IsTuple = true;
                var index = node.Items.Count - 1;
                Seek(node.Items[index--], slot);
                while (slot.Level > 0 && index >= 0)
                {
                    Seek(node.Items[index--], slot);
                }
                break;
            default:
                throw NoParent(node);
        }
    }
}
