using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Jsonata.Syntax;

/// <summary>Cuts source into tokens, one at a time, because what a slash means depends on where it stands.</summary>
internal sealed class Lexer(string source)
{
    private const string Blanks = " \t\n\r\v";
    private static readonly SearchValues<char> NameEnd = SearchValues.Create(Blanks + ".[]{}(),@#;:?+-*/%|=<>^&!~");
    private static readonly string[] Pairs = ["..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??"];

    private int _at;

    /// <param name="afterOperand">Whether a slash divides here; elsewhere it opens a regular expression.</param>
    public Token Next(bool afterOperand)
    {
        SkipBlanks();
        if (_at >= source.Length)
        {
            return new(TokenType.End, "", source.Length);
        }
        var start = _at;
        var c = source[start];
        if (c == '/' && !afterOperand)
        {
            return ScanRegex();
        }
        foreach (var pair in Pairs)
        {
            if (string.CompareOrdinal(source, start, pair, 0, 2) == 0)
            {
                _at += 2;
                return new(TokenType.Operator, pair, start);
            }
        }
        if (NameEnd.Contains(c))
        {
            _at++;
            return new(TokenType.Operator, c.ToString(), start);
        }
        return c switch
        {
            '"' or '\'' => ScanString(c),
            >= '0' and <= '9' => ScanNumber(),
            '`' => ScanQuotedName(),
            _ => ScanName(),
        };
    }

    private void SkipBlanks()
    {
        while (_at < source.Length)
        {
            if (Blanks.Contains(source[_at]))
            {
                _at++;
            }
            else if (source[_at] == '/' && _at + 1 < source.Length && source[_at + 1] == '*')
            {
                var end = source.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                if (end < 0)
                {
                    throw new SyntaxFailure("S0106", _at, "the comment is not closed", "end it with */");
                }
                _at = end + 2;
            }
            else
            {
                return;
            }
        }
    }

    private Token ScanRegex()
    {
        var start = _at++;
        var depth = 0;
        for (; _at < source.Length; _at++)
        {
            switch (source[_at])
            {
                case '/' when depth == 0 && !IsEscaped(_at):
                    return EndRegex(start);
                case '(' or '[' or '{' when source[_at - 1] != '\\':
                    depth++;
                    break;
                case ')' or ']' or '}' when source[_at - 1] != '\\':
                    depth--;
                    break;
            }
        }
        throw new SyntaxFailure("S0302", start, "the regular expression has no closing slash", "end it with / and escape slashes inside as \\/");
    }

    private Token EndRegex(int start)
    {
        var pattern = source[(start + 1).._at++];
        if (pattern.Length == 0)
        {
            throw new SyntaxFailure("S0301", start, "the regular expression is empty", "write a pattern between the slashes");
        }
        var flags = _at;
        while (_at < source.Length && source[_at] is 'i' or 'm')
        {
            _at++;
        }
        return new(TokenType.Regex, $"{pattern}/{source[flags.._at]}", start);
    }

    private bool IsEscaped(int position)
    {
        var slashes = 0;
        while (source[position - slashes - 1] == '\\')
        {
            slashes++;
        }
        return slashes % 2 == 1;
    }

    private Token ScanString(char quote)
    {
        var start = _at++;
        var text = new StringBuilder();
        for (; _at < source.Length; _at++)
        {
            var c = source[_at];
            if (c == quote)
            {
                _at++;
                return new(TokenType.String, text.ToString(), start);
            }
            text.Append(c == '\\' ? ScanEscape() : c);
        }
        throw new SyntaxFailure("S0101", start, "the string is not closed", $"end it with {quote}");
    }

    private char ScanEscape()
    {
        var start = _at++;
        var c = _at < source.Length ? source[_at] : '\0';
        switch (c)
        {
            case '"' or '\\' or '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                var digits = source.AsSpan(_at + 1, Math.Min(4, source.Length - _at - 1));
                if (digits.Length < 4 || !ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                {
                    throw new SyntaxFailure("S0104", start, "\\u is not followed by four hexadecimal digits", "write a character as \\u00e9, for example");
                }
                _at += 4;
                return (char)code;
            default:
                throw new SyntaxFailure("S0103", start, $"\\{c} is no escape sequence", "use one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
        }
    }

    private Token ScanNumber()
    {
        var start = _at;
        if (source[_at] == '0')
        {
            _at++;
        }
        else
        {
            SkipDigits();
        }
        if (_at + 1 < source.Length && source[_at] == '.' && char.IsAsciiDigit(source[_at + 1]))
        {
            _at++;
            SkipDigits();
        }
        if (_at < source.Length && source[_at] is 'e' or 'E')
        {
            var digits = _at + 1 < source.Length && source[_at + 1] is '+' or '-' ? _at + 2 : _at + 1;
            if (digits < source.Length && char.IsAsciiDigit(source[digits]))
            {
                _at = digits;
                SkipDigits();
            }
        }
        var text = source[start.._at];
        if (!double.IsFinite(double.Parse(text, CultureInfo.InvariantCulture)))
        {
            throw new SyntaxFailure("S0102", start, $"the number {text} is out of range", "use a number below 1.8e308");
        }
        return new(TokenType.Number, text, start);
    }

    private void SkipDigits()
    {
        while (_at < source.Length && char.IsAsciiDigit(source[_at]))
        {
            _at++;
        }
    }

    private Token ScanQuotedName()
    {
        var start = _at;
        var end = source.IndexOf('`', start + 1);
        if (end < 0)
        {
            throw new SyntaxFailure("S0105", start, "the quoted name is not closed", "end it with a backquote");
        }
        _at = end + 1;
        return new(TokenType.Name, source[(start + 1)..end], start);
    }

    private Token ScanName()
    {
        var start = _at;
        var length = source.AsSpan(start).IndexOfAny(NameEnd);
        _at = length < 0 ? source.Length : start + length;
        var text = source[start.._at];
        return text switch
        {
            ['$', ..] => new(TokenType.Variable, text[1..], start),
            "and" or "or" or "in" => new(TokenType.Operator, text, start),
            "true" or "false" or "null" => new(TokenType.Literal, text, start),
            _ => new(TokenType.Name, text, start),
        };
    }
}
