using System.Text;

namespace Gateway.JsonSchema.Formats;

/// <summary>RFC 3492, for labels in lower case.</summary>
internal static class Punycode
{
    private const int Base = 36;
    private const int TMin = 1;
    private const int TMax = 26;
    private const int Skew = 38;
    private const int Damp = 700;
    private const int InitialBias = 72;
    private const int InitialN = 128;

    /// <summary>The code points, or null when the text is no Punycode.</summary>
    public static List<int>? Decode(string text)
    {
        int delimiter = text.LastIndexOf('-');
        List<int> output = [];
        for (int i = 0; i < delimiter; i++)
            output.Add(text[i]);
        int n = InitialN;
        int position = 0;
        int bias = InitialBias;
        int at = delimiter < 0 ? 0 : delimiter + 1;
        if (at == text.Length)
            return null;
        while (at < text.Length)
        {
            int before = position;
            if (!TryReadDelta(text, ref at, bias, ref position))
                return null;
            int count = output.Count + 1;
            bias = Adapt(position - before, count, before == 0);
            n += position / count;
            position %= count;
            if (n > 0x10FFFF || n is >= 0xD800 and <= 0xDFFF)
                return null;
            output.Insert(position++, n);
        }
        return output;
    }

    public static string Encode(IReadOnlyList<int> codePoints)
    {
        StringBuilder output = new();
        foreach (int codePoint in codePoints.Where(codePoint => codePoint < InitialN))
            output.Append((char)codePoint);
        int basic = output.Length;
        int handled = basic;
        if (basic > 0)
            output.Append('-');
        int n = InitialN;
        int delta = 0;
        int bias = InitialBias;
        while (handled < codePoints.Count)
        {
            int next = codePoints.Where(codePoint => codePoint >= n).Min();
            delta += (next - n) * (handled + 1);
            n = next;
            foreach (int codePoint in codePoints)
            {
                if (codePoint < n)
                    delta++;
                if (codePoint != n)
                    continue;
                WriteDelta(output, delta, bias);
                bias = Adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled++;
            }
            delta++;
            n++;
        }
        return output.ToString();
    }

    private static bool TryReadDelta(string text, ref int at, int bias, ref int position)
    {
        long weight = 1;
        long value = position;
        for (int k = Base; ; k += Base)
        {
            int digit = at < text.Length ? DigitOf(text[at++]) : -1;
            value += digit * weight;
            if (digit < 0 || value > int.MaxValue)
                return false;
            int threshold = Threshold(k, bias);
            if (digit < threshold)
                break;
            weight *= Base - threshold;
            if (weight > int.MaxValue)
                return false;
        }
        position = (int)value;
        return true;
    }

    private static void WriteDelta(StringBuilder output, int delta, int bias)
    {
        int rest = delta;
        for (int k = Base; ; k += Base)
        {
            int threshold = Threshold(k, bias);
            if (rest < threshold)
                break;
            output.Append(CharacterOf(threshold + ((rest - threshold) % (Base - threshold))));
            rest = (rest - threshold) / (Base - threshold);
        }
        output.Append(CharacterOf(rest));
    }

    private static int Threshold(int k, int bias) => Math.Clamp(k - bias, TMin, TMax);

    private static int Adapt(int delta, int count, bool first)
    {
        int value = first ? delta / Damp : delta / 2;
        value += value / count;
        int k = 0;
        for (; value > (Base - TMin) * TMax / 2; k += Base)
            value /= Base - TMin;
        return k + ((Base - TMin + 1) * value / (value + Skew));
    }

    private static int DigitOf(char c) => c switch
    {
        >= 'a' and <= 'z' => c - 'a',
        >= '0' and <= '9' => c - '0' + 26,
        _ => -1,
    };

    private static char CharacterOf(int digit) => (char)(digit < 26 ? 'a' + digit : '0' + digit - 26);
}
