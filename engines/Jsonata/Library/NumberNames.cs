using System.Text;

namespace Gateway.Jsonata.Library;

/// <summary>Whole numbers as English words, Roman numerals and spreadsheet letters, and back.</summary>
internal static class NumberNames
{
    private static readonly string[] Small =
    [
        "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
        "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
    ];

    private static readonly string[] SmallOrdinals =
    [
        "Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth",
        "Eleventh", "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth",
    ];

    private static readonly string[] Tens = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"];
    private static readonly string[] Magnitudes = ["Thousand", "Million", "Billion", "Trillion"];
    private static readonly Dictionary<string, double> Values = WordValues();

    private static readonly (int Value, string Text)[] Roman =
    [
        (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
        (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ];

    public static string WordsPattern { get; } = $"(?:{string.Join('|', Values.Keys)}|and|[\\-, ])+";

    public static string ToWords(Evaluation run, double value, bool ordinal)
    {
        var words = new StringBuilder();
        AppendWords(run, words, value, false, ordinal);
        return words.ToString();
    }

    public static double FromWords(string text)
    {
        var segments = new Stack<double>();
        segments.Push(0);
        foreach (var part in text.Replace(" and ", " ").Split([' ', '-', ',', '\\'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Values.TryGetValue(part, out var value))
            {
                return double.NaN;
            }
            if (value >= 100)
            {
                segments.Push(segments.Pop() * value);
                continue;
            }
            var top = segments.Pop();
            if (top >= 1000)
            {
                segments.Push(top);
                top = 0;
            }
            segments.Push(top + value);
        }
        return segments.Sum();
    }

    public static string ToRoman(Evaluation run, double value)
    {
        // A numeral grows with its number, a thousandth of it in length.
        run.ChargeText((long)Math.Min(value / 1000, int.MaxValue));
        var result = new StringBuilder();
        foreach (var (unit, text) in Roman)
        {
            for (; value >= unit; value -= unit)
            {
                result.Append(text);
            }
        }
        return result.ToString();
    }

    public static double FromRoman(string text)
    {
        double total = 0, most = 1;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            double value = text[i] switch { 'M' => 1000, 'D' => 500, 'C' => 100, 'L' => 50, 'X' => 10, 'V' => 5, 'I' => 1, _ => double.NaN };
            if (value < most)
            {
                total -= value;
            }
            else
            {
                most = value;
                total += value;
            }
        }
        return total;
    }

    public static string ToLetters(Evaluation run, double value, char first)
    {
        run.Step();
        var result = "";
        for (; value > 0; value = Math.Floor((value - 1) / 26))
        {
            result = (char)(((value - 1) % 26) + first) + result;
        }
        return result;
    }

    public static double FromLetters(string text, char first)
    {
        double total = 0;
        foreach (var c in text)
        {
            total = (total * 26) + (c - first + 1);
        }
        return total;
    }

    private static Dictionary<string, double> WordValues()
    {
        var values = new Dictionary<string, double>();
        for (var i = 0; i < Small.Length; i++)
        {
            values[Small[i].ToLowerInvariant()] = i;
            values[SmallOrdinals[i].ToLowerInvariant()] = i;
        }
        for (var i = 0; i < Tens.Length; i++)
        {
            var word = Tens[i].ToLowerInvariant();
            values[word] = (i + 2) * 10;
            values[word[..^1] + "ieth"] = (i + 2) * 10;
        }
        values["hundred"] = 100;
        values["hundredth"] = 100;
        for (var i = 0; i < Magnitudes.Length; i++)
        {
            var word = Magnitudes[i].ToLowerInvariant();
            values[word] = Math.Pow(10, (i + 1) * 3);
            values[word + "th"] = values[word];
        }
        return values;
    }

    /// <param name="run">The evaluation.</param>
    /// <param name="words">Receives them.</param>
    /// <param name="value">The number.</param>
    /// <param name="follows">Whether larger units stand before it.</param>
    /// <param name="ordinal">Whether the last word is an ordinal.</param>
    private static void AppendWords(Evaluation run, StringBuilder words, double value, bool follows, bool ordinal)
    {
        run.Step();
        if (value < 20)
        {
            words.Append(follows ? " and " : "").Append((ordinal ? SmallOrdinals : Small)[(int)value]);
        }
        else if (value < 100)
        {
            words.Append(follows ? " and " : "").Append(Tens[(int)(value / 10) - 2]);
            if (value % 10 > 0)
            {
                words.Append('-');
                AppendWords(run, words, value % 10, false, ordinal);
            }
            else if (ordinal)
            {
                words.Length--;
                words.Append("ieth");
            }
        }
        else if (value < 1000)
        {
            words.Append(follows ? ", " : "").Append(Small[(int)(value / 100)]).Append(" Hundred");
            AppendRest(run, words, value % 100, ordinal);
        }
        else
        {
            // Beyond the largest word its multiples are counted: a thousand trillion.
            var magnitude = Math.Min((int)Math.Floor(Math.Log10(value) / 3), Magnitudes.Length);
            var factor = Math.Pow(10, magnitude * 3);
            words.Append(follows ? ", " : "");
            AppendWords(run, words, Math.Floor(value / factor), false, false);
            words.Append(' ').Append(Magnitudes[magnitude - 1]);
            AppendRest(run, words, value - (Math.Floor(value / factor) * factor), ordinal);
        }
    }

    private static void AppendRest(Evaluation run, StringBuilder words, double rest, bool ordinal)
    {
        if (rest > 0)
        {
            AppendWords(run, words, rest, true, ordinal);
        }
        else if (ordinal)
        {
            words.Append("th");
        }
    }
}
