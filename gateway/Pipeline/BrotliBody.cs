using System.IO.Compression;
using Coding = System.Buffers.OperationStatus;

namespace Gateway.Pipeline;

/// <summary>A body coded as Brotli (RFC 7932), which says itself where it ends. The framework's stream takes one that breaks off for whole.</summary>
internal sealed class BrotliBody(Stream coded) : ReadOnlyStream
{
    private readonly byte[] _came = new byte[4096];
    private BrotliDecoder _decoder;
    private int _from;
    private int _to;
    private bool _begun;
    private bool _ended;

    /// <returns>0 at its end, or where nothing came at all.</returns>
    /// <exception cref="InvalidDataException">It is no Brotli, breaks off, or something comes behind it.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_ended && !buffer.IsEmpty)
        {
            var status = _decoder.Decompress(_came.AsSpan(_from, _to - _from), buffer.Span, out var consumed, out var written);
            _from += consumed;
            _ended = status == Coding.Done;
            if (status == Coding.InvalidData || (_ended && _from < _to)) throw new InvalidDataException();
            if (written > 0) return written;
            if (_ended) break;
            (_from, _to) = (0, await coded.ReadAsync(_came, cancellationToken));
            if (_to == 0) return _begun ? throw new InvalidDataException() : 0;
            _begun = true;
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _decoder.Dispose();
        base.Dispose(disposing);
    }
}
