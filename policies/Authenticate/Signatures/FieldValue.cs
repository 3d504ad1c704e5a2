using System.Globalization;
using System.Text;

namespace Gateway.Policies.Authenticate.Signatures;

/// <summary>A bare item of a structured field (RFC 9651 section 3.3). Display strings are not taken: no field that is read here has one.</summary>
public abstract record FieldValue
{
    /// <summary>Appends the one serialized form of the value (RFC 9651 section 4.1.3.1).</summary>
    public abstract void Write(StringBuilder to);

    /// <summary>An Integer: at most 15 digits.</summary>
    public sealed record Whole(long Value) : FieldValue
    {
        public override void Write(StringBuilder to) => to.Append(CultureInfo.InvariantCulture, $"{Value}");
    }

    /// <summary>A Decimal: at most 12 digits, a point, and one to three more.</summary>
    public sealed record Fraction(decimal Value) : FieldValue
    {
        public override void Write(StringBuilder to) => to.Append(Value.ToString("0.0##", CultureInfo.InvariantCulture));
    }

    /// <summary>A String: printable ASCII.</summary>
    public sealed record Text(string Value) : FieldValue
    {
        public override void Write(StringBuilder to) =>
            to.Append('"').Append(Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
    }

    public sealed record Token(string Value) : FieldValue
    {
        public override void Write(StringBuilder to) => to.Append(Value);
    }

    /// <summary>A Byte Sequence.</summary>
    public sealed record Bytes(ReadOnlyMemory<byte> Value) : FieldValue
    {
        public override void Write(StringBuilder to) => to.Append(':').Append(Convert.ToBase64String(Value.Span)).Append(':');
    }

    /// <summary>A Boolean.</summary>
    public sealed record Flag(bool Value) : FieldValue
    {
        public override void Write(StringBuilder to) => to.Append(Value ? "?1" : "?0");
    }

    /// <summary>A Date: seconds since 1970.</summary>
    public sealed record Moment(long Value) : FieldValue
    {
        public override void Write(StringBuilder to) => to.Append(CultureInfo.InvariantCulture, $"@{Value}");
    }
}

/// <summary>A parameter of an item or of a list.</summary>
public sealed record FieldParameter(string Name, FieldValue Value)
{
    /// <summary>Appends <c>;name=value</c>; a true Boolean is its name alone (RFC 9651 section 4.1.1.2).</summary>
    internal void Write(StringBuilder to)
    {
        to.Append(';').Append(Name);
        if (Value is FieldValue.Flag { Value: true }) return;
        to.Append('=');
        Value.Write(to);
    }
}

/// <summary>An item with its parameters (RFC 9651 section 3.3).</summary>
public sealed record FieldItem(FieldValue Value, IReadOnlyList<FieldParameter> Parameters)
{
    public void Write(StringBuilder to)
    {
        Value.Write(to);
        foreach (var parameter in Parameters) parameter.Write(to);
    }
}

/// <summary>A member of a dictionary (RFC 9651 section 3.2): a value or an inner list, with parameters.</summary>
/// <param name="Value">Null where it is a list.</param>
/// <param name="List">Null where it is a value.</param>
public sealed record FieldMember(string Name, FieldValue? Value, IReadOnlyList<FieldItem>? List, IReadOnlyList<FieldParameter> Parameters)
{
    /// <summary>The value of a parameter; null where there is none of the name.</summary>
    public FieldValue? this[string parameter]
    {
        get
        {
            foreach (var one in Parameters)
            {
                if (one.Name == parameter) return one.Value;
            }
            return null;
        }
    }

    /// <summary>Appends what follows the member's name: the list or the value, and the parameters.</summary>
    public void Write(StringBuilder to)
    {
        if (List is null) Value!.Write(to);
        else WriteList(to, List);
        foreach (var parameter in Parameters) parameter.Write(to);
    }

    private static void WriteList(StringBuilder to, IReadOnlyList<FieldItem> list)
    {
        to.Append('(');
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0) to.Append(' ');
            list[i].Write(to);
        }
        to.Append(')');
    }
}
