using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Gateway.JsonSchema.Values;

/// <summary>
/// Equality of JSON values as JSON Schema has it (core, section 4.2.2): numbers by value, strings by code points, objects without regard
/// to the order of members. What is nested too deeply to compare counts as different.
/// </summary>
internal static class JsonEquality
{
    public static bool AreEqual(JsonElement left, JsonElement right)
    {
        JsonValueKind kind = left.ValueKind;
        if (kind != right.ValueKind)
            return false;
        return kind switch
        {
            JsonValueKind.String => TextEquals(JsonText.Raw(left), JsonText.Raw(right)),
            JsonValueKind.Number => new JsonNumber(JsonMarshal.GetRawUtf8Value(left)).CompareTo(new JsonNumber(JsonMarshal.GetRawUtf8Value(right))) == 0,
            JsonValueKind.Array => RuntimeHelpers.TryEnsureSufficientExecutionStack() && ArraysEqual(left, right),
            JsonValueKind.Object => RuntimeHelpers.TryEnsureSufficientExecutionStack() && ObjectsEqual(left, right),
            _ => true,
        };
    }

    /// <summary>A hash that equal values share, seeded per process.</summary>
    public static int Hash(JsonElement value)
    {
        HashCode hash = default;
        hash.Add((int)value.ValueKind);
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                AddText(ref hash, JsonText.Raw(value));
                break;
            case JsonValueKind.Number:
                new JsonNumber(JsonMarshal.GetRawUtf8Value(value)).AddTo(ref hash);
                break;
            case JsonValueKind.Array when RuntimeHelpers.TryEnsureSufficientExecutionStack():
                foreach (JsonElement item in value.EnumerateArray())
                    hash.Add(Hash(item));
                break;
            case JsonValueKind.Object when RuntimeHelpers.TryEnsureSufficientExecutionStack():
                hash.Add(HashMembers(value));
                break;
        }
        return hash.ToHashCode();
    }

    private static int HashMembers(JsonElement value)
    {
        int sum = 0;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            HashCode hash = default;
            AddText(ref hash, JsonMarshal.GetRawUtf8PropertyName(member));
            hash.Add(Hash(member.Value));
            sum += hash.ToHashCode();
        }
        return sum;
    }

    private static bool ArraysEqual(JsonElement left, JsonElement right)
    {
        if (left.GetArrayLength() != right.GetArrayLength())
            return false;
        JsonElement.ArrayEnumerator others = right.EnumerateArray();
        foreach (JsonElement item in left.EnumerateArray())
        {
            others.MoveNext();
            if (!AreEqual(item, others.Current))
                return false;
        }
        return true;
    }

    private static bool ObjectsEqual(JsonElement left, JsonElement right)
    {
        if (left.GetPropertyCount() != right.GetPropertyCount())
            return false;
        // Members mostly stand in the same order; only where they do not is a search needed.
        JsonElement.ObjectEnumerator others = right.EnumerateObject();
        foreach (JsonProperty member in left.EnumerateObject())
        {
            others.MoveNext();
            ReadOnlySpan<byte> name = JsonMarshal.GetRawUtf8PropertyName(member);
            JsonProperty other = others.Current;
            if (!TextEquals(name, JsonMarshal.GetRawUtf8PropertyName(other)) && !TryFind(right, name, out other))
                return false;
            if (!AreEqual(member.Value, other.Value))
                return false;
        }
        return true;
    }

    private static bool TryFind(JsonElement container, ReadOnlySpan<byte> name, out JsonProperty found)
    {
        foreach (JsonProperty member in container.EnumerateObject())
        {
            if (TextEquals(name, JsonMarshal.GetRawUtf8PropertyName(member)))
            {
                found = member;
                return true;
            }
        }
        found = default;
        return false;
    }

    private static bool TextEquals(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        bool leftEscaped = JsonText.IsEscaped(left);
        bool rightEscaped = JsonText.IsEscaped(right);
        if (!leftEscaped && !rightEscaped)
            return left.SequenceEqual(right);
        byte[] leftBuffer = ArrayPool<byte>.Shared.Rent(left.Length);
        byte[] rightBuffer = ArrayPool<byte>.Shared.Rent(right.Length);
        bool equal = leftBuffer.AsSpan(0, JsonText.Unescape(left, leftBuffer)).SequenceEqual(rightBuffer.AsSpan(0, JsonText.Unescape(right, rightBuffer)));
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
}
