using System.Globalization;
using System.Text;

namespace Gateway.Jsonata.Library;

/// <summary>
/// <c>$formatNumber</c>: decimal pictures (XPath functions 3.1, 4.7). The order in which faults are looked for decides
/// which of several is reported.
/// </summary>
internal sealed class NumberPicture
{
    private readonly NumberSymbols _symbols;
    private readonly string _picture;
    private readonly string _prefix;
    private readonly string _suffix;
    private readonly string _active;
    private readonly string _mantissa;
    private readonly string? _exponent;
    private readonly string _integer;
    private readonly string _fraction;

    private NumberPicture(string picture, NumberSymbols symbols)
    {
        _picture = picture;
        _symbols = symbols;
        var first = 0;
        while (first < picture.Length && !symbols.IsActive(picture[first]))
        {
            first++;
        }
        var last = picture.Length - 1;
        while (last >= 0 && !symbols.IsActive(picture[last]))
        {
            last--;
        }
        _prefix = first < picture.Length ? picture[..first] : "";
        _suffix = last >= 0 ? picture[(last + 1)..] : "";
        _active = picture[_prefix.Length..Math.Max(_prefix.Length, picture.Length - _suffix.Length)];
        var mark = picture.IndexOf(symbols.Exponent, _prefix.Length, StringComparison.Ordinal);
        if (mark < 0 || mark > picture.Length - _suffix.Length)
        {
            _mantissa = _active;
        }
        else
        {
            _mantissa = _active[..Math.Min(mark, _active.Length)];
            _exponent = _active[Math.Min(mark + 1, _active.Length)..];
        }
        var point = _mantissa.IndexOf(symbols.Point, StringComparison.Ordinal);
        _integer = point < 0 ? _mantissa : _mantissa[..point];
        _fraction = point < 0 ? _suffix : _mantissa[(point + 1)..];
    }

    public static string Format(Evaluation run, in Value value, string picture, in Value options)
    {
        var symbols = new NumberSymbols(options);
        var parts = picture.Split(symbols.Pattern);
        if (parts.Length > 2)
        {
            throw run.Fail("D3080", "the picture has more than two parts");
        }
        var positive = new NumberPicture(parts[0], symbols);
        var negative = parts.Length > 1 ? new NumberPicture(parts[1], symbols) : positive;
        positive.Check(run);
        negative.Check(run);
        var number = Numeric.ToDouble(value);
        if (number >= 0)
        {
            return positive.Apply(run, value, "");
        }
        return negative.Apply(run, value, parts.Length > 1 ? "" : symbols.Minus);
    }

    private void Check(Evaluation run)
    {
        var fault = Fault();
        if (fault.Code is not null)
        {
            throw run.Fail(fault.Code, $"the picture '{_picture}' {fault.Message}");
        }
    }

    /// <summary>The last fault found counts.</summary>
    private (string? Code, string Message) Fault()
    {
        var s = _symbols;
        (string? Code, string Message) fault = default;
        var point = _picture.IndexOf(s.Point, StringComparison.Ordinal);
        Note(point != _picture.LastIndexOf(s.Point, StringComparison.Ordinal), "D3081", "has more than one decimal separator");
        Note(HasTwo(s.Percent), "D3082", "has more than one percent sign");
        Note(HasTwo(s.PerMille), "D3083", "has more than one per-mille sign");
        Note(Has(s.Percent) && Has(s.PerMille), "D3084", "has both a percent and a per-mille sign");
        Note(!_mantissa.Any(c => s.IsDigit(c) || s.IsOptional(c)), "D3085", "has no digit");
        Note(_active.Any(c => !s.IsActive(c) && !s.Exponent.Contains(c)), "D3086", "has other characters between its digits");
        if (point >= 0)
        {
            Note(IsGroup(point - 1) || IsGroup(point + 1), "D3087", "has a grouping separator beside the decimal separator");
        }
        else
        {
            Note(_integer.EndsWith(s.Group, StringComparison.Ordinal), "D3088", "has a grouping separator at the end of its whole part");
        }
        Note(Has(s.Group + s.Group), "D3089", "has two grouping separators in a row");
        var optional = _integer.IndexOf(s.Optional, StringComparison.Ordinal);
        Note(optional >= 0 && _integer[..optional].Any(s.IsDigit), "D3090", "has a required digit before an optional one in its whole part");
        optional = _fraction.LastIndexOf(s.Optional, StringComparison.Ordinal);
        Note(optional >= 0 && _fraction[optional..].Any(s.IsDigit), "D3091", "has a required digit after an optional one in its fraction");
        Note(_exponent is { Length: > 0 } && (Has(s.Percent) || Has(s.PerMille)), "D3092", "has both an exponent and a percent or per-mille sign");
        Note(_exponent is not null && (_exponent.Length == 0 || !_exponent.All(s.IsDigit)), "D3093", "has an exponent that is not all digits");
        return fault;

        void Note(bool isFault, string code, string message) => fault = isFault ? (code, message) : fault;
    }

    private bool Has(string symbol) => _picture.Contains(symbol, StringComparison.Ordinal);

    private bool HasTwo(string symbol) => _picture.IndexOf(symbol, StringComparison.Ordinal) != _picture.LastIndexOf(symbol, StringComparison.Ordinal);

    private bool IsGroup(int at) => at >= 0 && at < _picture.Length && _symbols.Group == _picture[at].ToString();

    private string Apply(Evaluation run, in Value value, string sign)
    {
        var s = _symbols;
        var scaled = Has(s.Percent) ? Times(run, value, 100) : Has(s.PerMille) ? Times(run, value, 1000) : value;
        var (minWhole, minFraction, maxFraction) = Sizes();
        int? exponent = null;
        if (_exponent is not null)
        {
            var mantissa = Normalize(Numeric.ToDouble(scaled), _integer.Count(s.IsDigit), out var power);
            exponent = power;
            scaled = Numeric.FromDouble(mantissa);
        }
        var text = Digits(Rounding.Round(scaled, Value.From(maxFraction), run.Exact), maxFraction);
        var point = text.IndexOf('.');
        var whole = (point < 0 ? text : text[..point]).TrimStart('0').PadLeft(minWhole, '0');
        var fraction = (point < 0 ? "" : text[(point + 1)..]).TrimEnd('0').PadRight(minFraction, '0');
        var result = new StringBuilder(sign).Append(_prefix).Append(GroupWhole(s.Localize(whole)));
        if (Has(s.Point) && fraction.Length > 0)
        {
            result.Append(s.Point).Append(GroupFraction(s.Localize(fraction)));
        }
        if (exponent is { } e)
        {
            var digits = Math.Abs(e).ToString(CultureInfo.InvariantCulture).PadLeft(_exponent!.Count(s.IsDigit), '0');
            result.Append(s.Exponent).Append(e < 0 ? s.Minus : "").Append(s.Localize(digits));
        }
        return result.Append(_suffix).ToString();
    }

    private static Value Times(Evaluation run, in Value value, int factor) =>
        Arithmetic.Apply(ArithmeticOperator.Multiply, value, Value.From(factor), run.Exact);

    private static string Digits(in Value value, int places)
    {
        if (value.Form != NumberForm.Double && Numeric.TryGetDecimal(value, out var number))
        {
            return Math.Abs(number).ToString($"F{places}", CultureInfo.InvariantCulture);
        }
        return Math.Abs(Numeric.ToDouble(value)).ToString($"F{places}", CultureInfo.InvariantCulture);
    }

    private (int MinWhole, int MinFraction, int MaxFraction) Sizes()
    {
        var s = _symbols;
        var minWhole = _integer.Count(s.IsDigit);
        var minFraction = _fraction.Count(s.IsDigit);
        var maxFraction = _fraction.Count(c => s.IsDigit(c) || s.IsOptional(c));
        if (minWhole == 0 && maxFraction == 0)
        {
            if (_exponent is null)
            {
                minWhole = 1;
            }
            else
            {
                minFraction = maxFraction = 1;
            }
        }
        if (_exponent is not null && minWhole == 0 && _integer.Contains(s.Optional, StringComparison.Ordinal))
        {
            minWhole = 1;
        }
        if (minWhole == 0 && minFraction == 0)
        {
            minFraction = 1;
        }
        return (minWhole, minFraction, maxFraction);
    }

    private static double Normalize(double value, int wholeDigits, out int exponent)
    {
        exponent = 0;
        if (value == 0 || !double.IsFinite(value))
        {
            return value;
        }
        double most = Math.Pow(10, wholeDigits), least = Math.Pow(10, wholeDigits - 1);
        while (Math.Abs(value) < least)
        {
            value *= 10;
            exponent--;
        }
        while (Math.Abs(value) > most)
        {
            value /= 10;
            exponent++;
        }
        return value;
    }

    private string GroupWhole(string digits)
    {
        var positions = GroupPositions(_integer, fromRight: true);
        var interval = RegularInterval(positions);
        var result = new StringBuilder(digits);
        if (interval > 0)
        {
            for (var at = digits.Length - interval; at > 0; at -= interval)
            {
                result.Insert(at, _symbols.Group);
            }
            return result.ToString();
        }
        foreach (var position in positions.Order())
        {
            if (digits.Length - position > 0)
            {
                result.Insert(digits.Length - position, _symbols.Group);
            }
        }
        return result.ToString();
    }

    /// <summary>In a fraction only the first separator counts, as in jsonata.js.</summary>
    private string GroupFraction(string digits)
    {
        var position = GroupPositions(_fraction, fromRight: false).FirstOrDefault();
        return position > 0 && position < digits.Length ? digits.Insert(position, _symbols.Group) : digits;
    }

    /// <summary>How many digits lie right of each grouping separator, or left of it in a fraction.</summary>
    private List<int> GroupPositions(string part, bool fromRight)
    {
        var positions = new List<int>();
        for (var at = part.IndexOf(_symbols.Group, StringComparison.Ordinal); at >= 0; at = part.IndexOf(_symbols.Group, at + 1, StringComparison.Ordinal))
        {
            positions.Add((fromRight ? part[at..] : part[..at]).Count(c => _symbols.IsDigit(c) || _symbols.IsOptional(c)));
        }
        return positions;
    }

    /// <summary>The distance separators repeat at when they do so evenly, else 0.</summary>
    internal static int RegularInterval(IReadOnlyList<int> positions)
    {
        if (positions.Count == 0)
        {
            return 0;
        }
        var factor = positions.Aggregate((a, b) =>
        {
            while (b != 0)
            {
                (a, b) = (b, a % b);
            }
            return a;
        });
        for (var i = 1; i <= positions.Count; i++)
        {
            if (!positions.Contains(i * factor))
            {
                return 0;
            }
        }
        return factor;
    }
}

/// <summary>The characters a picture is written in, as the options set them.</summary>
internal sealed class NumberSymbols
{
    private readonly char _zero;

    public NumberSymbols(in Value options)
    {
        Point = Option(options, "decimal-separator", ".");
        Group = Option(options, "grouping-separator", ",");
        Exponent = Option(options, "exponent-separator", "e");
        Minus = Option(options, "minus-sign", "-");
        Percent = Option(options, "percent", "%");
        PerMille = Option(options, "per-mille", "\u2030");
        Optional = Option(options, "digit", "#");
        Pattern = Option(options, "pattern-separator", ";");
        _zero = Option(options, "zero-digit", "0")[0];
    }

    public string Point { get; }

    public string Group { get; }

    public string Exponent { get; }

    public string Minus { get; }

    public string Percent { get; }

    public string PerMille { get; }

    public string Optional { get; }

    public string Pattern { get; }

    public bool IsDigit(char c) => c >= _zero && c < _zero + 10;

    public bool IsOptional(char c) => Optional == c.ToString();

    /// <summary>Whether a character is part of the number rather than of the text around it; the exponent sign can be both.</summary>
    public bool IsActive(char c)
    {
        var text = c.ToString();
        return IsDigit(c) || ((text == Point || text == Group || text == Optional || text == Pattern) && text != Exponent);
    }

    public string Localize(string digits) =>
        _zero == '0' ? digits : string.Concat(digits.Select(c => char.IsAsciiDigit(c) ? (char)(c - '0' + _zero) : c));

    private static string Option(in Value options, string name, string usual) =>
        options.Kind == JsonataKind.Object && options[name].AsString() is { Length: > 0 } text ? text : usual;
}
