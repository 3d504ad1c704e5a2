using System.Buffers;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary><c>uniqueItems</c>: pairwise for a handful of items, by hash beyond.</summary>
internal static class UniqueItems
{
    private const int Handful = 8;

    /// <summary>Whether no two of the <paramref name="count"/> items of the array at <paramref name="at"/> are equal.</summary>
    public static bool Check(ReadOnlySpan<byte> text, int at, int count, Run run, KeywordSite site)
    {
        Item[] items = ArrayPool<Item>.Shared.Rent(count);
        Span<Item> used = items.AsSpan(0, count);
        at = JsonScan.Next(text, at + 1);
        for (int index = 0; index < count; index++)
        {
            int end = run.Skip(text, at);
            used[index] = new Item(count <= Handful ? 0 : JsonEquality.Hash(text[at..end]), index, at, end);
            at = JsonScan.Next(text, end);
        }
        if (count > Handful)
            used.Sort(static (one, other) => one.Hash.CompareTo(other.Hash));
        (int First, int Second)? pair = FindPair(text, used);
        ArrayPool<Item>.Shared.Return(items);
        if (pair is not { } twins)
            return true;
        return run.Records && run.Fail(site, $"{site.Message}: items {twins.First} and {twins.Second} are the same");
    }

    private static (int First, int Second)? FindPair(ReadOnlySpan<byte> text, ReadOnlySpan<Item> items)
    {
        for (int i = 1; i < items.Length; i++)
        {
            for (int other = i - 1; other >= 0 && items[other].Hash == items[i].Hash; other--)
            {
                if (JsonEquality.AreEqual(text[items[i].Start..items[i].End], text[items[other].Start..items[other].End]))
                    return (Math.Min(items[i].Index, items[other].Index), Math.Max(items[i].Index, items[other].Index));
            }
        }
        return null;
    }

    private readonly record struct Item(int Hash, int Index, int Start, int End);
}
