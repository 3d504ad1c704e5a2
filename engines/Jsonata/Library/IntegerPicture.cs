using System.Globalization;
using System.Text;

namespace Gateway.Jsonata.Library;

internal enum IntegerStyle : byte
{
    Digits,
    Letters,
    Roman,
    Words,

    /// <summary>Any other character: a numbering XPath leaves to implementations, and this one doesn't have.</summary>
    Unknown,
}

internal enum LetterCase : byte
{
    Lower,
    Upper,
    Title,
}

/// <summary>A picture of a whole number (XPath functions 3.1, 4.6.1): digits, letters, Roman numerals or English words.</summary>
internal sealed class IntegerPicture
{
    private static readonly int[] Zeros =
    [
        0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
        0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
        0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    ];

    private readonly string _token;
    private readonly List<(int Position, string Text)> _separators = [];
    private int _zero = -1;

    private IntegerPicture(string token) => _token = token;

    public IntegerStyle Style { get; private set; }

    public LetterCase Case { get; private set; }

    public bool IsOrdinal { get; private set; }

    /// <summary>Least digits to show.</summary>
    public int MinDigits { get; set; }

    public int OptionalDigits { get; private set; }

    /// <summary>How many digits to read when another number follows at once.</summary>
    public int ReadWidth { get; set; }

    /// <summary>The distance evenly repeated separators have, else 0.</summary>
    public int Interval { get; private set; }

    public string? FirstSeparator => _separators.Count > 0 ? _separators[0].Text : null;

    public static IntegerPicture Parse(Evaluation run, string picture)
    {
        var semicolon = picture.LastIndexOf(';');
        var token = semicolon < 0 ? picture : picture[..semicolon];
        var result = new IntegerPicture(token) { IsOrdinal = semicolon >= 0 && picture.AsSpan(semicolon + 1).StartsWith("o") };
        (result.Style, result.Case) = token switch
        {
            "A" => (IntegerStyle.Letters, LetterCase.Upper),
            "a" => (IntegerStyle.Letters, LetterCase.Lower),
            "I" => (IntegerStyle.Roman, LetterCase.Upper),
            "i" => (IntegerStyle.Roman, LetterCase.Lower),
            "W" => (IntegerStyle.Words, LetterCase.Upper),
            "Ww" => (IntegerStyle.Words, LetterCase.Title),
            "w" => (IntegerStyle.Words, LetterCase.Lower),
            _ => (IntegerStyle.Digits, LetterCase.Lower),
        };
        if (result.Style == IntegerStyle.Digits)
        {
            result.ReadDigits(run);
        }
        return result;
    }

    public string Format(Evaluation run, double value)
    {
        var magnitude = Math.Abs(value);
        var text = Style switch
        {
            IntegerStyle.Letters => NumberNames.ToLetters(run, magnitude, Case == LetterCase.Upper ? 'A' : 'a'),
            IntegerStyle.Roman => Cased(NumberNames.ToRoman(run, magnitude)),
            IntegerStyle.Words => Cased(NumberNames.ToWords(run, magnitude, IsOrdinal)),
            IntegerStyle.Digits => FormatDigits(run, magnitude),
            _ => throw Unknown(run),
        };
        return value < 0 ? "-" + text : text;
    }

    /// <summary>Reads a number written this way; NaN when it is none.</summary>
    public double Read(Evaluation run, string text)
    {
        switch (Style)
        {
            case IntegerStyle.Letters:
                return NumberNames.FromLetters(text, Case == LetterCase.Upper ? 'A' : 'a');
            case IntegerStyle.Roman:
                return NumberNames.FromRoman(Case == LetterCase.Upper ? text : text.ToUpperInvariant());
            case IntegerStyle.Words:
                return NumberNames.FromWords(text.ToLowerInvariant());
            case IntegerStyle.Digits:
                return ReadDigits(text);
            default:
                throw Unknown(run);
        }
    }

    /// <summary>A regular expression for numbers written this way.</summary>
    public string ToPattern(Evaluation run) => Style switch
    {
        IntegerStyle.Letters => Case == LetterCase.Upper ? "[A-Z]+" : "[a-z]+",
        IntegerStyle.Roman => Case == LetterCase.Upper ? "[MDCLXVI]+" : "[mdclxvi]+",
        IntegerStyle.Words => NumberNames.WordsPattern,
        IntegerStyle.Digits => $"[0-9]{(ReadWidth > 0 ? $"{{{ReadWidth}}}" : "+")}{(IsOrdinal ? "(?:th|st|nd|rd)" : "")}",
        _ => throw Unknown(run),
    };

    private JsonataFailure Unknown(Evaluation run) => run.Fail("D3130", $"whole numbers cannot be written or read as '{_token}'");

    private string Cased(string text) => Case switch
    {
        LetterCase.Upper => text.ToUpperInvariant(),
        LetterCase.Lower => text.ToLowerInvariant(),
        _ => text,
    };

    private void ReadDigits(Evaluation run)
    {
        var position = 0;
        foreach (var rune in _token.EnumerateRunes().Reverse())
        {
            var family = Array.FindIndex(Zeros, zero => rune.Value >= zero && rune.Value <= zero + 9);
            if (family >= 0)
            {
                if (_zero >= 0 && _zero != Zeros[family])
                {
                    throw run.Fail("D3131", $"the picture '{_token}' mixes digits of different scripts");
                }
                _zero = Zeros[family];
                MinDigits++;
                position++;
            }
            else if (rune.Value == '#')
            {
                OptionalDigits++;
                position++;
            }
            else
            {
                _separators.Add((position, rune.ToString()));
            }
        }
        if (MinDigits == 0)
        {
            Style = IntegerStyle.Unknown;
        }
        if (_separators.TrueForAll(s => s.Text == _separators[0].Text))
        {
            Interval = NumberPicture.RegularInterval(_separators.ConvertAll(s => s.Position));
        }
    }

    private string FormatDigits(Evaluation run, double value)
    {
        run.ChargeText(MinDigits);
        var digits = NumberText.Format(value).PadLeft(MinDigits, '0');
        var result = new StringBuilder();
        for (var i = 0; i < digits.Length; i++)
        {
            var right = digits.Length - i;
            if (i > 0)
            {
                AppendSeparators(result, right);
            }
            result.Append(_zero == '0' ? digits[i] : (char)(digits[i] - '0' + _zero));
        }
        if (IsOrdinal)
        {
            var isTeen = digits.Length > 1 && digits[^2] == '1';
            result.Append(digits[^1] switch
            {
                '1' when !isTeen => "st",
                '2' when !isTeen => "nd",
                '3' when !isTeen => "rd",
                _ => "th",
            });
        }
        return result.ToString();
    }

    private void AppendSeparators(StringBuilder result, int digitsRight)
    {
        if (Interval > 0)
        {
            result.Append(digitsRight % Interval == 0 ? _separators[0].Text : "");
            return;
        }
        foreach (var (position, text) in _separators)
        {
            result.Append(position == digitsRight ? text : "");
        }
    }

    private double ReadDigits(string text)
    {
        var digits = IsOrdinal ? text[..Math.Max(0, text.Length - 2)] : text;
        // jsonata.js strips commas where separators repeat evenly, whichever character the picture uses.
        foreach (var separator in Interval > 0 ? [","] : _separators.ConvertAll(s => s.Text))
        {
            digits = digits.Replace(separator, "");
        }
        if (_zero != '0')
        {
            digits = string.Concat(digits.Select(c => (char)(c - _zero + '0')));
        }
        var trimmed = digits.TrimStart();
        var length = trimmed.Length > 0 && trimmed[0] is '-' or '+' ? 1 : 0;
        while (length < trimmed.Length && char.IsAsciiDigit(trimmed[length]))
        {
            length++;
        }
        return double.TryParse(trimmed.AsSpan(0, length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;
    }
}
