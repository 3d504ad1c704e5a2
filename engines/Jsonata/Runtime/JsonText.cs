using System.Text;
using System.Text.Json;

namespace Gateway.Jsonata.Runtime;

/// <summary>Values as JSON: the text <c>$string</c> gives, and the result that is written out.</summary>
internal static class JsonText
{
    /// <summary>Levels of nesting that are written; Utf8JsonWriter refuses more.</summary>
    private const int MaxNesting = 900;

    /// <summary>The string a value is cast to; undefined must be handled by the caller.</summary>
    public static string Of(Evaluation run, in Value value, bool pretty = false)
    {
        switch (value.Kind)
        {
            case JsonataKind.String:
                return value.Text;
            case JsonataKind.Function:
                return "";
            case JsonataKind.Number:
                if (!Numeric.IsFinite(value))
                {
                    throw run.Fail("D3001", "the number is infinite or none at all and has no text");
                }
                return NumberText.ForString(value, run.Exact);
            case JsonataKind.Boolean:
                return value.IsTrue ? "true" : "false";
        }
        var text = new StringBuilder();
        Append(run, value.List is { IsOuterWrapper: true } wrapper ? wrapper[0] : value, text, pretty, 0);
        return text.ToString();
    }

    /// <summary>A rendering for people, without limits or errors.</summary>
    public static string Lenient(in Value value) =>
        Of(new Evaluation(JsonataOptions.Default, new JsonataBindings(default), default), value);

    /// <summary>Writes a value that is not undefined.</summary>
    public static void Write(Evaluation run, in Value value, Utf8JsonWriter output, long limit)
    {
        switch (value.Kind)
        {
            case JsonataKind.Boolean:
                output.WriteBooleanValue(value.IsTrue);
                break;
            case JsonataKind.Number:
                WriteNumber(run, value, output);
                break;
            case JsonataKind.String:
                WriteString(value, output);
                break;
            case JsonataKind.Array:
                WriteArray(run, value, output, limit);
                break;
            case JsonataKind.Object:
                WriteObject(run, value, output, limit);
                break;
            case JsonataKind.Function:
                output.WriteStringValue("");
                break;
            default:
                output.WriteNullValue();
                break;
        }
    }

    private static void WriteString(in Value value, Utf8JsonWriter output)
    {
        if (value.IsElement)
        {
            try
            {
                value.Element.WriteTo(output);
                return;
            }
            catch (InvalidOperationException)
            {
                // Half a surrogate pair: the writer puts the replacement character in its place.
            }
        }
        output.WriteStringValue(value.Text);
    }

    private static void WriteNumber(Evaluation run, in Value value, Utf8JsonWriter output)
    {
        switch (value.Form)
        {
            case NumberForm.Inline when value.Scale == 0:
                output.WriteNumberValue(value.Bits);
                break;
            case NumberForm.Inline:
                Span<byte> digits = stackalloc byte[NumberText.InlineLength];
                output.WriteRawValue(digits[..NumberText.FormatInline(value, digits)], skipInputValidation: true);
                break;
            case NumberForm.Decimal:
                output.WriteNumberValue((decimal)value.Reference!);
                break;
            case NumberForm.Raw:
                value.Element.WriteTo(output);
                break;
            default:
                var real = Numeric.ToDouble(value);
                if (!double.IsFinite(real))
                {
                    throw Failed("D1001", "the result holds a number that is out of range");
                }
                output.WriteRawValue(NumberText.Format(real), skipInputValidation: true);
                break;
        }
    }

    private static void WriteArray(Evaluation run, in Value value, Utf8JsonWriter output, long limit)
    {
        CheckLimits(run, output, limit);
        if (value.List is not { } list)
        {
            value.Element.WriteTo(output);
            return;
        }
        output.WriteStartArray();
        foreach (ref readonly var item in list.Span)
        {
            Write(run, item, output, limit);
            CheckSize(run, output, limit);
        }
        output.WriteEndArray();
    }

    private static void WriteObject(Evaluation run, in Value value, Utf8JsonWriter output, long limit)
    {
        CheckLimits(run, output, limit);
        if (value.Map is not { } map)
        {
            value.Element.WriteTo(output);
            return;
        }
        output.WriteStartObject();
        var values = map.Values;
        for (var i = 0; i < values.Length; i++)
        {
            if (!values[i].IsUndefined)
            {
                if (map.Shared is { } names)
                {
                    output.WritePropertyName(names.Encoded[i]);
                }
                else
                {
                    output.WritePropertyName(map.Names[i]);
                }
                Write(run, values[i], output, limit);
                CheckSize(run, output, limit);
            }
        }
        output.WriteEndObject();
    }

    public static void CheckSize(Evaluation run, Utf8JsonWriter output, long limit)
    {
        if (output.BytesCommitted + output.BytesPending > limit)
        {
            throw Failed("D2015", $"the result takes more than the {run.Options.MaxOutputBytes} bytes allowed");
        }
    }

    public static void CheckLimits(Evaluation run, Utf8JsonWriter output, long limit)
    {
        CheckSize(run, output, limit);
        if (output.CurrentDepth > MaxNesting)
        {
            throw Failed("U1001", $"the result nests more than {MaxNesting} levels");
        }
        run.EnsureStack();
    }

    /// <summary>An error of the result as a whole, which is at no place of the source.</summary>
    private static JsonataFailure Failed(string code, string message) => new(code, message, 0);

    private static void Append(Evaluation run, in Value value, StringBuilder text, bool pretty, int level)
    {
        run.Step();
        if (text.Length > run.Options.MaxOutputBytes)
        {
            run.ChargeText(text.Length);
        }
        switch (value.Kind)
        {
            case JsonataKind.Boolean:
                text.Append(value.IsTrue ? "true" : "false");
                break;
            case JsonataKind.Number:
                text.Append(Comparison.IsNumber(run, value) ? NumberText.ForString(value, run.Exact) : "null");
                break;
            case JsonataKind.String:
                Quote(value.Text, text);
                break;
            case JsonataKind.Array:
                AppendArray(run, value, text, pretty, level + 1);
                break;
            case JsonataKind.Object:
                AppendObject(run, value, text, pretty, level + 1);
                break;
            case JsonataKind.Function:
                text.Append("\"\"");
                break;
            default:
                text.Append("null");
                break;
        }
    }

    private static void AppendArray(Evaluation run, in Value value, StringBuilder text, bool pretty, int level)
    {
        run.EnsureStack();
        text.Append('[');
        var first = true;
        foreach (var item in new Items(value))
        {
            Separate(text, pretty, level, ref first);
            Append(run, item, text, pretty, level);
        }
        Close(text, pretty, level, first, ']');
    }

    private static void AppendObject(Evaluation run, in Value value, StringBuilder text, bool pretty, int level)
    {
        run.EnsureStack();
        text.Append('{');
        var first = true;
        var fields = new Fields(value);
        while (fields.MoveNext())
        {
            var field = fields.Current;
            if (!field.IsUndefined)
            {
                Separate(text, pretty, level, ref first);
                Quote(fields.Name, text);
                text.Append(pretty ? ": " : ":");
                Append(run, field, text, pretty, level);
            }
        }
        Close(text, pretty, level, first, '}');
    }

    private static void Separate(StringBuilder text, bool pretty, int level, ref bool first)
    {
        if (!first)
        {
            text.Append(',');
        }
        first = false;
        if (pretty)
        {
            text.Append('\n').Append(' ', level * 2);
        }
    }

    private static void Close(StringBuilder text, bool pretty, int level, bool isEmpty, char bracket)
    {
        if (pretty && !isEmpty)
        {
            text.Append('\n').Append(' ', (level - 1) * 2);
        }
        text.Append(bracket);
    }

    /// <summary>A JSON string that escapes only what must be (ECMA-262, QuoteJSONString).</summary>
    private static void Quote(string value, StringBuilder text)
    {
        text.Append('"');
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            switch (c)
            {
                case '"' or '\\':
                    text.Append('\\').Append(c);
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case var _ when char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]):
                    text.Append(c).Append(value[++i]);
                    break;
                case var _ when c < ' ' || char.IsSurrogate(c):
                    text.Append("\\u").Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }
        text.Append('"');
    }
}
