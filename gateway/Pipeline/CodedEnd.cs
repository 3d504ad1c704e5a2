using System.Buffers.Binary;
using System.IO.Hashing;

namespace Gateway.Pipeline;

/// <summary>
/// The last bytes of a coded body, in which its sender says what all of it was. Decoders of the framework take a body that breaks off for whole; only
/// by these it is known that it is, and that nothing comes behind it.
/// </summary>
internal abstract class CodedEnd
{
    /// <summary>Takes what came out.</summary>
    public abstract void Add(ReadOnlySpan<byte> plain);

    /// <summary>Whether these last eight bytes of what went in are the end of what came out.</summary>
    public abstract bool Is(ReadOnlySpan<byte> last);

    /// <summary>RFC 1952 section 2.3.1: CRC-32 and length, of one member.</summary>
    public sealed class Gzip : CodedEnd
    {
        private readonly Crc32 _crc = new();
        private uint _length;

        public override void Add(ReadOnlySpan<byte> plain)
        {
            _crc.Append(plain);
            _length = unchecked(_length + (uint)plain.Length);
        }

        public override bool Is(ReadOnlySpan<byte> last) =>
            BinaryPrimitives.ReadUInt32LittleEndian(last) == _crc.GetCurrentHashAsUInt32() && BinaryPrimitives.ReadUInt32LittleEndian(last[4..]) == _length;
    }

    /// <summary>RFC 1950 section 2.2: Adler-32.</summary>
    public sealed class Zlib : CodedEnd
    {
        private const uint Base = 65521;

        /// <summary>So many bytes can be added before a sum leaves 32 bits.</summary>
        private const int Most = 5552;

        private uint _sum = 1;
        private uint _sums;

        public override void Add(ReadOnlySpan<byte> plain)
        {
            for (; !plain.IsEmpty; plain = plain[Math.Min(Most, plain.Length)..])
            {
                foreach (var one in plain[..Math.Min(Most, plain.Length)])
                {
                    _sum += one;
                    _sums += _sum;
                }
                _sum %= Base;
                _sums %= Base;
            }
        }

        public override bool Is(ReadOnlySpan<byte> last) => BinaryPrimitives.ReadUInt32BigEndian(last[4..]) == (_sums << 16 | _sum);
    }
}
