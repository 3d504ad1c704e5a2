using System.Runtime.InteropServices;

namespace Gateway.Jsonata.Runtime;

/// <summary>Truth and equality of values.</summary>
internal static class Comparison
{
    /// <summary>The truth of a value: empty strings, zero, empty objects, functions, null and arrays without a true item are false.</summary>
    public static bool IsTrue(Evaluation run, in Value value)
    {
        switch (value.Kind)
        {
            case JsonataKind.Boolean:
                return value.IsTrue;
            case JsonataKind.String:
                return value.Reference is string text ? text.Length > 0 : !value.Element.ValueEquals("");
            case JsonataKind.Number:
                return !IsZero(run, value);
            case JsonataKind.Object:
                return value.Map is { } map ? map.Count > 0 : value.Element.GetPropertyCount() > 0;
            case JsonataKind.Array:
                run.EnsureStack();
                foreach (var item in new Items(value))
                {
                    if (IsTrue(run, item))
                    {
                        return true;
                    }
                }
                return false;
            default:
                return false;
        }
    }

    /// <summary>Whether this is a number; one that is not finite is an error wherever a number is looked at.</summary>
    public static bool IsNumber(Evaluation run, in Value value)
    {
        if (value.Kind != JsonataKind.Number)
        {
            return false;
        }
        if (!Numeric.IsFinite(value))
        {
            var number = Numeric.ToDouble(value);
            if (double.IsInfinity(number))
            {
                throw run.Fail("D1001", "the number is out of range");
            }
            return !double.IsNaN(number);
        }
        return true;
    }

    /// <summary>Equality in depth; the order of an object's fields doesn't matter.</summary>
    public static bool DeepEquals(Evaluation run, in Value left, in Value right)
    {
        if (left.Kind != right.Kind)
        {
            return false;
        }
        switch (left.Kind)
        {
            case JsonataKind.Number:
                return NumbersEqual(left, right);
            case JsonataKind.String:
                return TextEquals(left, right);
            case JsonataKind.Boolean:
                return left.IsTrue == right.IsTrue;
            case JsonataKind.Array:
                return ReferenceEquals(left.Reference, right.Reference) && !left.IsElement || ArraysEqual(run, left, right);
            case JsonataKind.Object:
                return ReferenceEquals(left.Reference, right.Reference) && !left.IsElement || ObjectsEqual(run, left, right);
            case JsonataKind.Function:
                return ReferenceEquals(left.Reference, right.Reference);
            default:
                return true;
        }
    }

    public static bool TextEquals(in Value left, in Value right)
    {
        if (left.Reference is string text)
        {
            return right.Reference is string other ? text == other : right.Element.ValueEquals(text);
        }
        if (right.Reference is string known)
        {
            return left.Element.ValueEquals(known);
        }
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(left.Element), otherRaw = JsonMarshal.GetRawUtf8Value(right.Element);
        // Without escapes a text is its bytes.
        return raw.Contains((byte)'\\') || otherRaw.Contains((byte)'\\') ? left.Element.ValueEquals(right.Text) : raw.SequenceEqual(otherRaw);
    }

    /// <summary>Equality by value for primitives and by identity for the rest, as JavaScript's === has it.</summary>
    public static bool Same(in Value left, in Value right)
    {
        if (left.Kind != right.Kind)
        {
            return false;
        }
        return left.Kind switch
        {
            JsonataKind.Number => NumbersEqual(left, right),
            JsonataKind.String => TextEquals(left, right),
            JsonataKind.Boolean => left.IsTrue == right.IsTrue,
            JsonataKind.Null or JsonataKind.Undefined => true,
            _ => !left.IsElement ? ReferenceEquals(left.Reference, right.Reference) : left.Element.Equals(right.Element),
        };
    }

    private static bool NumbersEqual(in Value left, in Value right) =>
        (left.Form != NumberForm.Double || !double.IsNaN(Numeric.ToDouble(left))) && Numeric.Compare(left, right) == 0;

    private static bool IsZero(Evaluation run, in Value value) => value.Form switch
    {
        NumberForm.Inline => value.Bits == 0,
        NumberForm.Decimal => false,
        _ => !IsNumber(run, value) || Numeric.ToDouble(value) == 0,
    };

    private static bool ArraysEqual(Evaluation run, in Value left, in Value right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }
        run.EnsureStack();
        var others = new Items(right);
        foreach (var item in new Items(left))
        {
            run.Step();
            others.MoveNext();
            if (!DeepEquals(run, item, others.Current))
            {
                return false;
            }
        }
        return true;
    }

    private static bool ObjectsEqual(Evaluation run, in Value left, in Value right)
    {
        if (FieldCount(left) != FieldCount(right))
        {
            return false;
        }
        run.EnsureStack();
        var fields = new Fields(left);
        while (fields.MoveNext())
        {
            run.Step();
            var other = right.Field(fields.Name);
            if (other.IsUndefined || !DeepEquals(run, fields.Current, other))
            {
                return false;
            }
        }
        return true;
    }

    private static int FieldCount(in Value value) => value.Map?.Count ?? value.Element.GetPropertyCount();
}
