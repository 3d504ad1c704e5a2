using System.Buffers;
using System.Runtime.CompilerServices;

namespace Gateway.JsonSchema.Values;

/// <summary>
/// Equality of JSON values as JSON Schema has it (core, section 4.2.2): numbers by value, strings by code points, objects without
/// regard to the order of members. Values are spans of JSON text. What is nested too deeply to compare counts as different.
/// </summary>
internal static class JsonEquality
{
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.SequenceEqual(right))
            return true;
        switch (left[0])
        {
            case (byte)'"':
                return right[0] == '"' && TextEquals(left[1..^1], right[1..^1]);
            case (byte)'[':
                return right[0] == '[' && RuntimeHelpers.TryEnsureSufficientExecutionStack() && ArraysEqual(left, right);
            case (byte)'{':
                return right[0] == '{' && RuntimeHelpers.TryEnsureSufficientExecutionStack() && ObjectsEqual(left, right);
            case (byte)'t' or (byte)'f' or (byte)'n':
                return false;
            default:
                return JsonScan.KindOf(right[0]) == System.Text.Json.JsonValueKind.Number && new JsonNumber(left).CompareTo(new JsonNumber(right)) == 0;
        }
    }

    /// <summary>A hash that equal values share, seeded per process.</summary>
    public static int Hash(ReadOnlySpan<byte> value)
    {
        HashCode hash = default;
        switch (value[0])
        {
            case (byte)'"':
                AddText(ref hash, value[1..^1]);
                break;
            case (byte)'[' when RuntimeHelpers.TryEnsureSufficientExecutionStack():
                for (int at = JsonScan.Next(value, 1); value[at] != ']'; at = JsonScan.Next(value, at))
                    hash.Add(Hash(Take(value, ref at)));
                break;
            case (byte)'{' when RuntimeHelpers.TryEnsureSufficientExecutionStack():
                hash.Add(HashMembers(value));
                break;
            case (byte)'t' or (byte)'f' or (byte)'n' or (byte)'[' or (byte)'{':
                hash.Add(value[0]);
                break;
            default:
                new JsonNumber(value).AddTo(ref hash);
                break;
        }
        return hash.ToHashCode();
    }

    private static int HashMembers(ReadOnlySpan<byte> value)
    {
        int sum = 0;
        for (int at = JsonScan.Next(value, 1); value[at] != '}'; at = JsonScan.Next(value, at))
        {
            HashCode hash = default;
            AddText(ref hash, Take(value, ref at)[1..^1]);
            at = JsonScan.MemberValue(value, at);
            hash.Add(Hash(Take(value, ref at)));
            sum += hash.ToHashCode();
        }
        return sum;
    }

    private static bool ArraysEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int here = JsonScan.Next(left, 1);
        int there = JsonScan.Next(right, 1);
        while (left[here] != ']' && right[there] != ']')
        {
            if (!AreEqual(Take(left, ref here), Take(right, ref there)))
                return false;
            here = JsonScan.Next(left, here);
            there = JsonScan.Next(right, there);
        }
        return left[here] == right[there];
    }

    private static bool ObjectsEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Member[] lefts = ReadMembers(left, out int count);
        Member[] rights = ReadMembers(right, out int otherCount);
        bool equal = count == otherCount;
        for (int i = 0; equal && i < count; i++)
            equal = HasEqual(left, lefts[i], right, rights.AsSpan(0, count), i);
        ArrayPool<Member>.Shared.Return(lefts);
        ArrayPool<Member>.Shared.Return(rights);
        return equal;
    }

    // Sorted by the hash of their names, equal members mostly have equal indexes.
    private static bool HasEqual(ReadOnlySpan<byte> left, Member member, ReadOnlySpan<byte> right, ReadOnlySpan<Member> others, int index)
    {
        int first = index;
        while (first > 0 && others[first - 1].Hash == member.Hash)
            first--;
        for (int i = first; i < others.Length && others[i].Hash == member.Hash; i++)
        {
            if (TextEquals(member.NameIn(left), others[i].NameIn(right)))
                return AreEqual(member.ValueIn(left), others[i].ValueIn(right));
        }
        return false;
    }

    private static Member[] ReadMembers(ReadOnlySpan<byte> value, out int count)
    {
        Member[] members = ArrayPool<Member>.Shared.Rent(JsonScan.Count(value, 0));
        count = 0;
        for (int at = JsonScan.Next(value, 1); value[at] != '}'; at = JsonScan.Next(value, at))
        {
            int nameStart = at;
            ReadOnlySpan<byte> name = Take(value, ref at);
            HashCode hash = default;
            AddText(ref hash, name[1..^1]);
            int valueStart = JsonScan.MemberValue(value, at);
            at = JsonScan.Skip(value, valueStart);
            members[count++] = new Member(hash.ToHashCode(), nameStart + 1, name.Length - 2, valueStart, at);
        }
        members.AsSpan(0, count).Sort(static (one, other) => one.Hash.CompareTo(other.Hash));
        return members;
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> text, ref int at)
    {
        int start = at;
        at = JsonScan.Skip(text, at);
        return text[start..at];
    }

    private static bool TextEquals(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (!JsonText.IsEscaped(left) && !JsonText.IsEscaped(right))
            return left.SequenceEqual(right);
        byte[] leftBuffer = ArrayPool<byte>.Shared.Rent(left.Length);
        byte[] rightBuffer = ArrayPool<byte>.Shared.Rent(right.Length);
        ReadOnlySpan<byte> leftText = leftBuffer.AsSpan(0, JsonText.Unescape(left, leftBuffer));
        bool equal = leftText.SequenceEqual(rightBuffer.AsSpan(0, JsonText.Unescape(right, rightBuffer)));
        ArrayPool<byte>.Shared.Return(leftBuffer);
        ArrayPool<byte>.Shared.Return(rightBuffer);
        return equal;
    }

    private static void AddText(ref HashCode hash, ReadOnlySpan<byte> raw)
    {
        if (!JsonText.IsEscaped(raw))
        {
            hash.AddBytes(raw);
            return;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        hash.AddBytes(buffer.AsSpan(0, JsonText.Unescape(raw, buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private readonly record struct Member(int Hash, int NameStart, int NameLength, int ValueStart, int ValueEnd)
    {
        public ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> text) => text.Slice(NameStart, NameLength);

        public ReadOnlySpan<byte> ValueIn(ReadOnlySpan<byte> text) => text[ValueStart..ValueEnd];
    }
}
