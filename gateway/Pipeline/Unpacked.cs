using System.IO.Compression;

namespace Gateway.Pipeline;

/// <summary>
/// A coded body as it unpacks, under a bound of what comes out and of what one byte may become: a bomb ends the request when it has cost no more
/// than that. Broken codings end it too.
/// </summary>
internal sealed class Unpacked : Stream
{
    /// <summary>So much may come out whatever went in: a short text of one letter packs better than any ratio.</summary>
    private const long Free = 64 << 10;

    private readonly Counted _coded;
    private readonly Stream _plain;
    private readonly long _most;
    private readonly int _ratio;
    private long _out;

    private Unpacked(Counted coded, Stream plain, long most, int ratio) => (_coded, _plain, _most, _ratio) = (coded, plain, most, ratio);

    /// <param name="coding"><c>gzip</c>, <c>br</c> or <c>deflate</c> (RFC 9110 section 8.4.1).</param>
    /// <param name="most">Most bytes that may come out.</param>
    /// <param name="ratio">Most bytes that may come out for each that went in.</param>
    public static Unpacked Of(string coding, Stream body, long most, int ratio)
    {
        var coded = new Counted(body);
        return new Unpacked(coded, coding switch
        {
            "gzip" => new GZipStream(coded, CompressionMode.Decompress),
            "br" => new BrotliStream(coded, CompressionMode.Decompress),
            _ => new ZLibStream(coded, CompressionMode.Decompress),
        }, most, ratio);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="BadHttpRequestException">413: more came out than may. 400: the coding is broken.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await _plain.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception broken) when (broken is InvalidDataException or InvalidOperationException)
        {
            throw new BadHttpRequestException("the body is not coded as it says", StatusCodes.Status400BadRequest, broken);
        }
        _out += read;
        if (_out > _most || (_out > Free && _out > _coded.Total * _ratio))
            throw new BadHttpRequestException("the body unpacks to more than may be", StatusCodes.Status413PayloadTooLarge);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _plain.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The body as it was sent, counted.</summary>
    private sealed class Counted(Stream body) : Stream
    {
        public long Total { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            Total += read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
