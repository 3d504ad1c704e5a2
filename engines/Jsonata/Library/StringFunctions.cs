using System.Text;

namespace Gateway.Jsonata.Library;

/// <summary>Strings. Lengths and positions count code points, as JSONata does.</summary>
internal static class StringFunctions
{
    public static readonly BuiltIn[] All =
    [
        new("string", "<x-b?:s>", 1, String),
        new("length", "<s-:n>", 1, Length),
        new("substring", "<s-nn?:s>", 3, Substring),
        new("substringBefore", "<s-s:s>", 2, (_, a) => Cut(a[0], a[1], true)),
        new("substringAfter", "<s-s:s>", 2, (_, a) => Cut(a[0], a[1], false)),
        new("lowercase", "<s-:s>", 1, (run, a) => Convert(run, a[0], static text => text.ToLowerInvariant())),
        new("uppercase", "<s-:s>", 1, (run, a) => Convert(run, a[0], ToUpper)),
        new("trim", "<s-:s>", 1, (run, a) => Convert(run, a[0], Trim)),
        new("pad", "<s-ns?:s>", 3, Pad),
        new("join", "<a<s>s?:s>", 2, Join),
    ];

    private const string Blanks = " \t\n\r";

    public static int CountCodePoints(string text)
    {
        var count = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1]))
            {
                count--;
            }
        }
        return count;
    }

    private static Value String(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        if (a[0].Kind == JsonataKind.String)
        {
            return a[0];
        }
        var text = JsonText.Of(run, a[0], a.Length > 1 && a[1].IsTrue);
        run.ChargeText(text.Length);
        return Value.From(text);
    }

    private static Value Length(Evaluation run, ReadOnlySpan<Value> a) =>
        a[0].IsUndefined ? default : Value.From(CountCodePoints(a[0].Text));

    private static Value Substring(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var text = a[0].Text;
        run.ChargeText(text.Length);
        var count = CountCodePoints(text);
        var start = a[1].IsUndefined ? double.NaN : Numeric.ToDouble(a[1]);
        if (count + start < 0)
        {
            start = 0;
        }
        double end = count;
        if (a.Length > 2 && !a[2].IsUndefined)
        {
            var length = Numeric.ToDouble(a[2]);
            if (length <= 0)
            {
                return Value.EmptyString;
            }
            end = start >= 0 ? start + length : count + start + length;
        }
        return Value.From(Slice(text, count, SliceIndex(start, count), SliceIndex(end, count)));
    }

    private static int SliceIndex(double position, int count)
    {
        var whole = Math.Truncate(position);
        return double.IsNaN(whole) ? 0 : (int)Math.Clamp(whole < 0 ? count + whole : whole, 0, count);
    }

    private static string Slice(string text, int count, int start, int end)
    {
        if (end <= start)
        {
            return "";
        }
        return count == text.Length ? text[start..end] : text[UnitIndex(text, start)..UnitIndex(text, end)];
    }

    /// <summary>Where the code point with this number begins.</summary>
    private static int UnitIndex(string text, int codePoint)
    {
        var at = 0;
        for (; codePoint > 0; codePoint--)
        {
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        }
        return at;
    }

    private static Value Cut(in Value source, in Value mark, bool before)
    {
        if (source.IsUndefined)
        {
            return default;
        }
        var text = source.Text;
        var sought = mark.IsUndefined ? "undefined" : mark.Text;
        var at = text.IndexOf(sought, StringComparison.Ordinal);
        if (at < 0)
        {
            return source;
        }
        return Value.From(before ? text[..at] : text[(at + sought.Length)..]);
    }

    private static Value Convert(Evaluation run, in Value source, Func<string, string> conversion)
    {
        if (source.IsUndefined)
        {
            return default;
        }
        var text = source.Text;
        run.ChargeText(text.Length);
        return Value.From(conversion(text));
    }

    /// <summary>Upper case where one letter may become two (Unicode SpecialCasing), which .NET leaves alone.</summary>
    private static string ToUpper(string text) =>
        text.ToUpperInvariant().Replace("ß", "SS").Replace("ﬀ", "FF").Replace("ﬁ", "FI").Replace("ﬂ", "FL").Replace("ŉ", "ʼN");

    private static string Trim(string text)
    {
        var inner = text.AsSpan().Trim(Blanks);
        if (inner.IndexOfAny("\t\n\r") < 0 && inner.IndexOf("  ") < 0)
        {
            return inner.Length == text.Length ? text : inner.ToString();
        }
        var result = new StringBuilder(inner.Length);
        foreach (var c in inner)
        {
            var isBlank = Blanks.Contains(c);
            if (!isBlank || result[^1] != ' ')
            {
                result.Append(isBlank ? ' ' : c);
            }
        }
        return result.ToString();
    }

    private static Value Pad(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var text = a[0].Text;
        var fill = a.Length > 2 && !a[2].IsUndefined && a[2].Text.Length > 0 ? a[2].Text : " ";
        var width = a[1].IsUndefined ? 0 : Math.Truncate(Numeric.ToDouble(a[1]));
        var missing = Math.Abs(width) - CountCodePoints(text);
        if (missing <= 0)
        {
            return a[0];
        }
        run.ChargeText((long)Math.Min(missing, int.MaxValue) + text.Length);
        if (fill.Length == 1)
        {
            var total = text.Length + (int)missing;
            return Value.From(width > 0 ? text.PadRight(total, fill[0]) : text.PadLeft(total, fill[0]));
        }
        var padding = new StringBuilder((int)missing);
        var left = (int)missing;
        while (left > 0)
        {
            foreach (var rune in fill.EnumerateRunes())
            {
                if (left-- > 0)
                {
                    padding.Append(rune);
                }
            }
        }
        return Value.From(width > 0 ? text + padding : padding + text);
    }

    private static Value Join(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var separator = a.Length > 1 && !a[1].IsUndefined ? a[1].Text : "";
        using var result = new TextBuffer(stackalloc char[256]);
        var first = true;
        foreach (var item in new Items(a[0]))
        {
            run.Step();
            if (!first)
            {
                result.Append(separator);
            }
            first = false;
            result.Append(item);
            if (result.Length > run.Options.MaxOutputBytes)
            {
                break;
            }
        }
        run.ChargeText(result.Length);
        return Value.From(result.ToString());
    }
}
