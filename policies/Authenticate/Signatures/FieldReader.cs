using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Gateway.Policies.Authenticate.Signatures;

/// <summary>
/// Reads a dictionary of structured fields (RFC 9651 section 4.2.2), strictly: what the standard would overwrite, a member or a parameter that
/// comes twice, is malformed here, since two readers could take either. Work is bounded: at most <see cref="MaxMembers"/> members,
/// <see cref="MaxItems"/> items of a list and <see cref="MaxParameters"/> parameters.
/// </summary>
internal ref struct FieldReader
{
    private const int MaxMembers = 16;
    private const int MaxItems = 64;
    private const int MaxParameters = 16;

    private static readonly SearchValues<char> KeyStart = SearchValues.Create("abcdefghijklmnopqrstuvwxyz*");
    private static readonly SearchValues<char> Key = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.*");
    private static readonly SearchValues<char> TokenStart = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*");
    private static readonly SearchValues<char> Token = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~:/");
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private FieldReader(ReadOnlySpan<char> text) => _text = text;

    private readonly ReadOnlySpan<char> Rest => _text[_at..];

    /// <summary>The members of a field, its lines joined by commas; null when it is malformed. An empty field has none.</summary>
    public static IReadOnlyList<FieldMember>? Dictionary(string text)
    {
        var reader = new FieldReader(text.AsSpan().Trim(' '));
        var members = new List<FieldMember>();
        if (reader.Rest.IsEmpty) return members;
        do
        {
            reader.SkipBlanks();
            if (members.Count == MaxMembers || !reader.TryMember(out var member) || members.Exists(m => m.Name == member.Name)) return null;
            members.Add(member);
            reader.SkipBlanks();
        }
        while (reader.Take(','));
        return reader.Rest.IsEmpty ? members : null;
    }

    private bool TryMember([NotNullWhen(true)] out FieldMember? member)
    {
        member = null;
        FieldValue? value = null;
        List<FieldItem>? list = null;
        if (!TryKey(out var name)) return false;
        if (!Take('=')) value = new FieldValue.Flag(true);
        else if (Take('('))
        {
            if (!TryList(out list)) return false;
        }
        else if (!TryValue(out value)) return false;
        if (!TryParameters(out var parameters)) return false;
        member = new FieldMember(name, value, list, parameters);
        return true;
    }

    private bool TryList(out List<FieldItem> items)
    {
        items = [];
        while (true)
        {
            var before = _at;
            while (Take(' '))
            {
            }
            if (Take(')')) return true;
            if (items.Count == MaxItems || (items.Count > 0 && before == _at)) return false;
            if (!TryValue(out var value) || !TryParameters(out var parameters)) return false;
            items.Add(new FieldItem(value, parameters));
        }
    }

    private bool TryParameters(out List<FieldParameter> parameters)
    {
        parameters = [];
        while (Take(';'))
        {
            while (Take(' '))
            {
            }
            FieldValue? value = new FieldValue.Flag(true);
            if (parameters.Count == MaxParameters || !TryKey(out var name) || parameters.Exists(p => p.Name == name)) return false;
            if (Take('=') && !TryValue(out value)) return false;
            parameters.Add(new FieldParameter(name, value!));
        }
        return true;
    }

    private bool TryKey(out string name)
    {
        var starts = !Rest.IsEmpty && KeyStart.Contains(Rest[0]);
        name = starts ? Run(Key).ToString() : "";
        return starts;
    }

    private bool TryValue([NotNullWhen(true)] out FieldValue? value)
    {
        value = Rest switch
        {
            ['"', ..] => Text(),
            [':', ..] => Bytes(),
            ['?', ..] => Flag(),
            ['@', ..] => Date(),
            ['-' or (>= '0' and <= '9'), ..] => Number(),
            [var first, ..] when TokenStart.Contains(first) => new FieldValue.Token(Run(Token).ToString()),
            _ => null,
        };
        return value is not null;
    }

    private FieldValue.Text? Text()
    {
        var value = new System.Text.StringBuilder();
        for (_at++; _at < _text.Length; _at++)
        {
            var next = _text[_at];
            if (next == '"')
            {
                _at++;
                return new FieldValue.Text(value.ToString());
            }
            if (next == '\\' && (++_at == _text.Length || _text[_at] is not ('"' or '\\'))) return null;
            if (_text[_at] is < ' ' or > '~') return null;
            value.Append(_text[_at]);
        }
        return null;
    }

    /// <summary>Base64 with its padding or without, and nothing but that (RFC 9651 section 4.2.7).</summary>
    private FieldValue.Bytes? Bytes()
    {
        _at++;
        var encoded = Run(Base64);
        if (!Take(':')) return null;
        var bytes = new byte[encoded.Length];
        var padded = encoded.ToString().PadRight((encoded.Length + 3) / 4 * 4, '=');
        return Convert.TryFromBase64String(padded, bytes, out var length) ? new FieldValue.Bytes(bytes.AsMemory(0, length)) : null;
    }

    private FieldValue.Flag? Flag()
    {
        _at++;
        return Take('1') ? new FieldValue.Flag(true) : Take('0') ? new FieldValue.Flag(false) : null;
    }

    private FieldValue.Moment? Date()
    {
        _at++;
        return Number() is FieldValue.Whole seconds ? new FieldValue.Moment(seconds.Value) : null;
    }

    private FieldValue? Number()
    {
        var negative = Take('-');
        var whole = Run(Digits);
        if (whole.IsEmpty) return null;
        if (!Take('.')) return whole.Length > 15 ? null : new FieldValue.Whole((negative ? -1 : 1) * long.Parse(whole, CultureInfo.InvariantCulture));
        var fraction = Run(Digits);
        if (whole.Length > 12 || fraction.Length is < 1 or > 3) return null;
        return new FieldValue.Fraction((negative ? -1 : 1) * decimal.Parse($"{whole}.{fraction}", CultureInfo.InvariantCulture));
    }

    private bool Take(char wanted)
    {
        if (Rest.IsEmpty || Rest[0] != wanted) return false;
        _at++;
        return true;
    }

    private ReadOnlySpan<char> Run(SearchValues<char> of)
    {
        var length = Rest.IndexOfAnyExcept(of);
        var run = length < 0 ? Rest : Rest[..length];
        _at += run.Length;
        return run;
    }

    private void SkipBlanks()
    {
        while (Take(' ') || Take('\t'))
        {
        }
    }
}
