using System.Buffers.Text;
using System.Globalization;
using System.Numerics;

namespace Gateway.JsonSchema.Values;

/// <summary>
/// A JSON number token (RFC 8259 section 6) read as an exact decimal of any size: sign, digits without leading and trailing
/// zeros, power of ten.
/// </summary>
internal readonly ref struct JsonNumber
{
    // A number of that many digits, times ten, still fits into 64 bits.
    private const int MaxLongDigits = 18;

    // The digits of the token from the first to the last that is not zero; a decimal point may stand among them.
    private readonly ReadOnlySpan<byte> _digits;
    private readonly bool _negative;

    public JsonNumber(ReadOnlySpan<byte> token)
    {
        _negative = token[0] == (byte)'-';
        ReadOnlySpan<byte> body = _negative ? token[1..] : token;
        int e = body.IndexOfAny((byte)'e', (byte)'E');
        long exponent = e < 0 ? 0 : ReadExponent(body[(e + 1)..]);
        if (e >= 0)
            body = body[..e];
        int point = body.IndexOf((byte)'.');
        int pointAt = point < 0 ? body.Length : point;
        int first = body.IndexOfAnyInRange((byte)'1', (byte)'9');
        if (first < 0)
        {
            _negative = false;
            return;
        }
        int last = body.LastIndexOfAnyInRange((byte)'1', (byte)'9');
        _digits = body[first..(last + 1)];
        DigitCount = _digits.Length - (first < pointAt && pointAt < last ? 1 : 0);
        Exponent = exponent + (last < pointAt ? pointAt - last - 1 : pointAt - last);
    }

    /// <summary>How many digits there are; 0 for zero.</summary>
    public int DigitCount { get; }

    /// <summary>The value is the digits times ten to this power.</summary>
    public long Exponent { get; }

    public bool IsZero => DigitCount == 0;

    public bool IsInteger => IsZero || Exponent >= 0;

    public int CompareTo(JsonNumber other)
    {
        if (Sign != other.Sign)
            return Sign.CompareTo(other.Sign);
        int magnitude = CompareMagnitude(other);
        return _negative ? -magnitude : magnitude;
    }

    /// <summary>Whether this is an integer times <paramref name="divisor"/>, exactly.</summary>
    public bool IsMultipleOf(JsonNumber divisor)
    {
        if (IsZero)
            return true;
        long power = Exponent - divisor.Exponent;
        // The digits end in a nonzero digit, so a smaller power of ten can never divide evenly.
        if (power < 0)
            return false;
        if (divisor.DigitCount <= MaxLongDigits)
            return RemainderOf(divisor.LongMantissa(), power) == 0;
        BigInteger modulus = divisor.Mantissa();
        BigInteger remainder = Mantissa() % modulus * BigInteger.ModPow(10, power, modulus);
        return (remainder % modulus).IsZero;
    }

    /// <summary>Equal numbers have equal hashes, however they are written.</summary>
    public void AddTo(ref HashCode hash)
    {
        hash.Add(Sign);
        hash.Add(IsZero ? 0 : Exponent);
        foreach (byte digit in _digits)
        {
            if (digit != (byte)'.')
                hash.Add(digit);
        }
    }

    /// <summary>The value when it is an integer in the range of <see cref="int"/>.</summary>
    public bool TryGetInt32(out int value)
    {
        value = 0;
        if (!IsInteger || DigitCount + Exponent > 10)
            return false;
        BigInteger exact = Mantissa() * BigInteger.Pow(10, (int)Exponent) * Sign;
        if (exact > int.MaxValue || exact < int.MinValue)
            return false;
        value = (int)exact;
        return true;
    }

    // Digit by digit and then by repeated squaring: neither a long number nor a large exponent costs memory.
    private ulong RemainderOf(ulong modulus, long power)
    {
        ulong remainder = 0;
        foreach (byte digit in _digits)
        {
            if (digit != (byte)'.')
                remainder = ((remainder * 10) + digit - '0') % modulus;
        }
        UInt128 square = 10 % modulus;
        for (; power > 0 && remainder != 0; power >>= 1)
        {
            if ((power & 1) != 0)
                remainder = (ulong)(remainder * square % modulus);
            square = square * square % modulus;
        }
        return remainder;
    }

    private ulong LongMantissa()
    {
        ulong value = 0;
        foreach (byte digit in _digits)
        {
            if (digit != (byte)'.')
                value = (value * 10) + digit - '0';
        }
        return value;
    }

    private int Sign => IsZero ? 0 : _negative ? -1 : 1;

    private int CompareMagnitude(JsonNumber other)
    {
        int order = (DigitCount + Exponent).CompareTo(other.DigitCount + other.Exponent);
        if (order != 0)
            return order;
        int here = 0;
        int there = 0;
        while (here < _digits.Length && there < other._digits.Length)
        {
            if (_digits[here] == (byte)'.')
                here++;
            if (other._digits[there] == (byte)'.')
                there++;
            order = _digits[here++].CompareTo(other._digits[there++]);
            if (order != 0)
                return order;
        }
        return DigitCount.CompareTo(other.DigitCount);
    }

    private BigInteger Mantissa()
    {
        Span<char> text = _digits.Length <= 256 ? stackalloc char[256] : new char[_digits.Length];
        int length = 0;
        foreach (byte digit in _digits)
        {
            if (digit != (byte)'.')
                text[length++] = (char)digit;
        }
        return length == 0 ? BigInteger.Zero : BigInteger.Parse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    // Beyond 18 digits all exponents count as equally far away; no document can spell out the difference.
    private static long ReadExponent(ReadOnlySpan<byte> text)
    {
        bool minus = text[0] == (byte)'-';
        if (text[0] is (byte)'-' or (byte)'+')
            text = text[1..];
        text = text.TrimStart((byte)'0');
        long value = 1_000_000_000_000_000_000;
        if (text.Length == 0)
            value = 0;
        else if (text.Length <= 18)
            Utf8Parser.TryParse(text, out value, out _);
        return minus ? -value : value;
    }
}
