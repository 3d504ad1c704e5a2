using System.Globalization;
using System.Text;
using Gateway.JsonSchema.Compilation;
using Gateway.JsonSchema.Patterns;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>
/// Cuts the pointers of errors at the places that any part of the schema marks with <c>x-sensitive</c>: another part may have found the error,
/// and below such a place even the names of members may be what must not be told.
/// </summary>
internal static class SensitivePlaces
{
    public static IReadOnlyList<SchemaError> Cut(IReadOnlyList<SchemaError> errors, SchemaNode root) =>
        [.. errors.Select(error => Depth(error.InstancePointer, root) is { } depth ? Cut(error, depth) : error)];

    private static SchemaError Cut(SchemaError error, int depth) =>
        error with { InstancePointer = string.Join('/', error.InstancePointer.Split('/').Take(depth + 1)), Sensitive = true };

    /// <summary>How many steps may be told; null when nothing on the way is sensitive.</summary>
    private static int? Depth(string pointer, SchemaNode root)
    {
        string[] steps = PointerText.Steps(Uri.UnescapeDataString(pointer[1..]));
        HashSet<SchemaNode> here = Whole([root]);
        for (int depth = 0; ; depth++)
        {
            if (here.Any(node => node.Sensitive))
                return depth;
            if (depth == steps.Length)
                return null;
            if (here.Any(node => node.Objects?.NameSchema is { } names && Whole([names]).Any(name => name.Sensitive)))
                return depth;
            here = Whole(here.SelectMany(node => Below(node, steps[depth])));
        }
    }

    /// <summary>The schemas, and all that apply to the same value with them.</summary>
    private static HashSet<SchemaNode> Whole(IEnumerable<SchemaNode> schemas)
    {
        HashSet<SchemaNode> whole = [];
        Stack<SchemaNode> open = new(schemas);
        while (open.TryPop(out SchemaNode? next))
        {
            if (!whole.Add(next))
                continue;
            foreach (SchemaNode part in LoopSearch.InPlace(next))
                open.Push(part);
        }
        return whole;
    }

    private static IEnumerable<SchemaNode> Below(SchemaNode node, string step)
    {
        if (node.Objects is { } objects)
        {
            byte[] name = Encoding.UTF8.GetBytes(step);
            if (objects.Names.Find(name) is >= 0 and int slot && objects.Members[slot] is { } member)
                yield return member;
            foreach (PatternMember pattern in objects.Patterns.Where(p => p.Pattern.Matches(name) != PatternResult.NoMatch))
                yield return pattern.Schema;
            if (objects.Additional is { } additional)
                yield return additional;
        }
        if (node.Arrays is { } arrays && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            foreach (SchemaNode item in new[] { arrays.Prefix.ElementAtOrDefault(index), arrays.Rest, arrays.Contains }.OfType<SchemaNode>())
                yield return item;
        }
        foreach (UnevaluatedRule rest in new[] { node.UnevaluatedMembers, node.UnevaluatedItems }.OfType<UnevaluatedRule>())
            yield return rest.Schema;
    }
}
