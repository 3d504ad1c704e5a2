using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Jsonata.Runtime;

/// <summary>Joins texts without making strings of those that still lie in the input.</summary>
internal ref struct TextBuffer
{
    private Span<char> _characters;
    private char[]? _rented;
    private int _length;

    public TextBuffer(Span<char> initial) => _characters = initial;

    public readonly int Length => _length;

    public readonly ReadOnlySpan<char> Characters => _characters[.._length];

    public void Append(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        text.CopyTo(_characters[_length..]);
        _length += text.Length;
    }

    /// <summary>Appends the text of a string value.</summary>
    public void Append(in Value value)
    {
        if (value.Reference is string text)
        {
            Append(text);
            return;
        }
        var raw = JsonMarshal.GetRawUtf8Value(value.Element)[1..^1];
        if (raw.Contains((byte)'\\'))
        {
            Append(value.Text);
            return;
        }
        Reserve(raw.Length);
        _length += Encoding.UTF8.GetChars(raw, _characters[_length..]);
    }

    public override readonly string ToString() => _characters[.._length].ToString();

    public readonly void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<char>.Shared.Return(_rented);
        }
    }

    private void Reserve(int more)
    {
        if (_length + more <= _characters.Length)
        {
            return;
        }
        var larger = ArrayPool<char>.Shared.Rent(Math.Max(_length + more, _characters.Length * 2));
        _characters[.._length].CopyTo(larger);
        Dispose();
        _rented = larger;
        _characters = larger;
    }
}
