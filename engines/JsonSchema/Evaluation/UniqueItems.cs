using System.Buffers;
using System.Text.Json;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary><c>uniqueItems</c>: pairwise for a handful of items, by hash beyond.</summary>
internal static class UniqueItems
{
    private const int Handful = 8;

    public static bool Check(JsonElement array, int count, Run run, KeywordSite site)
    {
        JsonElement[] items = ArrayPool<JsonElement>.Shared.Rent(count);
        int index = 0;
        foreach (JsonElement item in array.EnumerateArray())
            items[index++] = item;
        (int First, int Second)? pair = count <= Handful ? FindPair(items, count) : FindPairByHash(items, count);
        ArrayPool<JsonElement>.Shared.Return(items, clearArray: true);
        if (pair is not { } twins)
            return true;
        return run.Records && run.Fail(site, $"{site.Message}: items {twins.First} and {twins.Second} are the same");
    }

    private static (int First, int Second)? FindPair(JsonElement[] items, int count)
    {
        for (int second = 1; second < count; second++)
        {
            for (int first = 0; first < second; first++)
            {
                if (JsonEquality.AreEqual(items[first], items[second]))
                    return (first, second);
            }
        }
        return null;
    }

    private static (int First, int Second)? FindPairByHash(JsonElement[] items, int count)
    {
        int[] hashes = ArrayPool<int>.Shared.Rent(count);
        int[] order = ArrayPool<int>.Shared.Rent(count);
        for (int i = 0; i < count; i++)
        {
            hashes[i] = JsonEquality.Hash(items[i]);
            order[i] = i;
        }
        hashes.AsSpan(0, count).Sort(order.AsSpan(0, count));
        (int First, int Second)? pair = null;
        for (int start = 0; start < count && pair is null; start++)
        {
            for (int other = start + 1; other < count && hashes[other] == hashes[start] && pair is null; other++)
            {
                if (JsonEquality.AreEqual(items[order[start]], items[order[other]]))
                    pair = (Math.Min(order[start], order[other]), Math.Max(order[start], order[other]));
            }
        }
        ArrayPool<int>.Shared.Return(hashes);
        ArrayPool<int>.Shared.Return(order);
        return pair;
    }
}
