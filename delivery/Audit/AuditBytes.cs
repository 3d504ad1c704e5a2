using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Gateway.Delivery.Audit;

/// <summary>
/// Bytes as they are written, a call a part; what is written here a <see cref="BinaryReader"/> reads. A stream and a
/// <see cref="BinaryWriter"/> on it would be the larger half of what a record costs.
/// </summary>
internal sealed class AuditBytes(int capacity)
{
    /// <summary>Longest bytes of one UTF-16 unit in UTF-8.</summary>
    private const int LongestUnit = 3;

    private const int LongestNumber = 10;

    /// <summary>A trace id (W3C Trace Context, section 3.2.2.3), which most correlation ids are.</summary>
    private const int TraceIdLength = 32;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private byte[] _bytes = new byte[capacity];
    private int _length;

    public byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();

    public void Byte(byte value)
    {
        Room(1)[0] = value;
        _length++;
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Seven bits a byte, lowest first, as <see cref="BinaryReader.Read7BitEncodedInt"/> reads them.</summary>
    public void Number(ulong value)
    {
        var room = Room(LongestNumber);
        var at = 0;
        for (; value > 0x7F; value >>= 7) room[at++] = (byte)(value | 0x80);
        room[at++] = (byte)value;
        _length += at;
    }

    /// <summary>A number that may be below zero: those near zero are short.</summary>
    public void Signed(long value) => Number((ulong)((value << 1) ^ (value >> 63)));

    public static long Signed(BinaryReader from)
    {
        var value = (ulong)from.Read7BitEncodedInt64();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(Room(sizeof(double)), value);
        _length += sizeof(double);
    }

    public void Text(string text)
    {
        // Where the length takes a byte at most, the text can be written behind it at once.
        if (text.Length * LongestUnit <= 0x7F)
        {
            var room = Room(1 + text.Length * LongestUnit);
            var written = Encoding.UTF8.GetBytes(text, room[1..]);
            room[0] = (byte)written;
            _length += 1 + written;
            return;
        }
        var length = Encoding.UTF8.GetByteCount(text);
        Number((ulong)length);
        Encoding.UTF8.GetBytes(text, Room(length));
        _length += length;
    }

    /// <summary>A text that may be missing.</summary>
    public void Optional(string? text)
    {
        Byte(text is null ? (byte)0 : (byte)1);
        if (text is not null) Text(text);
    }

    public static string? Optional(BinaryReader from) => from.ReadBoolean() ? from.ReadString() : null;

    /// <summary>Whether a text can be written by <see cref="TraceId(string)"/>.</summary>
    public static bool IsTraceId(string text) => text.Length == TraceIdLength && !text.AsSpan().ContainsAnyExcept(HexDigits);

    public void TraceId(string hex)
    {
        Convert.FromHexString(hex, Room(TraceIdLength / 2), out _, out var written);
        _length += written;
    }

    public static string TraceId(BinaryReader from) => Convert.ToHexStringLower(from.ReadBytes(TraceIdLength / 2));

    private Span<byte> Room(int size)
    {
        if (_bytes.Length - _length < size) Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + size));
        return _bytes.AsSpan(_length);
    }
}
