using System.IO.Compression;

namespace Gateway.Pipeline;

/// <summary>
/// A coded body as it unpacks, under a bound of what comes out and of what one byte may become: a bomb ends the request when it has cost no more
/// than that. Codings that are broken end it too, and so do those that break off or have something behind them: half a body is not a whole one.
/// </summary>
internal sealed class Unpacked : ReadOnlyStream
{
    /// <summary>So much may come out whatever went in: a short text of one letter packs better than any ratio.</summary>
    private const long Free = 64 << 10;

    private readonly Counted _coded;
    private readonly Stream _plain;
    private readonly CodedEnd? _end;
    private readonly long _most;
    private readonly int _ratio;
    private long _out;
    private bool _ended;

    private Unpacked(Counted coded, Stream plain, CodedEnd? end, long most, int ratio) => (_coded, _plain, _end, _most, _ratio) = (coded, plain, end, most, ratio);

    /// <param name="coding"><c>gzip</c>, <c>br</c> or <c>deflate</c> (RFC 9110 section 8.4.1).</param>
    /// <param name="most">Most bytes that may come out.</param>
    /// <param name="ratio">Most bytes that may come out for each that went in.</param>
    public static Unpacked Of(string coding, Stream body, long most, int ratio)
    {
        var coded = new Counted(body);
        var (plain, end) = coding switch
        {
            "gzip" => ((Stream)new GZipStream(coded, CompressionMode.Decompress), (CodedEnd?)new CodedEnd.Gzip()),
            "br" => (new BrotliBody(coded), null),
            _ => (new ZLibStream(coded, CompressionMode.Decompress), new CodedEnd.Zlib()),
        };
        return new Unpacked(coded, plain, end, most, ratio);
    }

    /// <exception cref="BadHttpRequestException">413: more came out than may. 400: the coding is broken.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await _plain.ReadAsync(buffer, cancellationToken);
            if (read == 0 && !buffer.IsEmpty) await EndAsync(cancellationToken);
        }
        catch (Exception broken) when (broken is InvalidDataException or InvalidOperationException)
        {
            throw new BadHttpRequestException("the body is not coded as it says", StatusCodes.Status400BadRequest, broken);
        }
        _out += read;
        if (_out > _most || (_out > Free && _out > _coded.Total * _ratio))
            throw new BadHttpRequestException("the body unpacks to more than may be", StatusCodes.Status413PayloadTooLarge);
        _end?.Add(buffer.Span[..read]);
        return read;
    }

    /// <summary>Some coders make nothing of nothing, so a body without a byte is empty.</summary>
    private async ValueTask EndAsync(CancellationToken cancellation)
    {
        if (_ended || _coded.Total == 0) return;
        if (await _coded.ReadAsync(new byte[1], cancellation) > 0 || (_end is not null && !_end.Is(_coded.Last))) throw new InvalidDataException();
        _ended = true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _plain.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The body as it was sent, counted.</summary>
    private sealed class Counted(Stream body) : ReadOnlyStream
    {
        private readonly byte[] _last = new byte[8];

        public long Total { get; private set; }

        /// <summary>Its last eight bytes so far; zeros before its first.</summary>
        public ReadOnlySpan<byte> Last => _last;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            Total += read;
            Remember(buffer.Span[..read]);
            return read;
        }

        private void Remember(ReadOnlySpan<byte> came)
        {
            var some = came[^Math.Min(came.Length, _last.Length)..];
            _last.AsSpan(some.Length).CopyTo(_last);
            some.CopyTo(_last.AsSpan(_last.Length - some.Length));
        }
    }
}
