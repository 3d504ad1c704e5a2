using System.Buffers;

namespace Gateway.Pipeline;

/// <summary>
/// Stands in the place of the caller while YARP copies a backend's answer that a contract looks at. It keeps the answer back until it was
/// judged, or, where the contract only reports, lets it pass and keeps a copy.
/// </summary>
internal sealed class AnswerCapture(HttpResponse response, bool passesOn) : Stream
{
    /// <summary>Longest answer that is kept, bytes.</summary>
    public const int MaxBytes = 16 << 20;

    private readonly Stream _caller = response.Body;
    private ArrayBufferWriter<byte>? _kept = new();

    /// <summary>The answer was longer than can be looked at.</summary>
    public bool IsTooLong => _kept is null;

    /// <summary>The whole body, when it was not too long.</summary>
    public ReadOnlyMemory<byte> Body => _kept?.WrittenMemory ?? default;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Puts a capture between YARP and the caller; to be ended with <see cref="End"/>.</summary>
    public static void Begin(HttpContext http, bool passesOn)
    {
        var capture = new AnswerCapture(http.Response, passesOn);
        http.Response.Body = capture;
        http.Features.Set(capture);
    }

    /// <summary>The caller is the caller again.</summary>
    public static AnswerCapture? End(HttpContext http)
    {
        if (http.Features.Get<AnswerCapture>() is not { } capture) return null;
        http.Response.Body = capture._caller;
        return capture;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_kept is not null && _kept.WrittenCount + (long)buffer.Length > MaxBytes)
        {
            _kept = null;
            if (!passesOn) throw new IOException("the answer is too long to be looked at");
        }
        if (_kept is not null) _kept.Write(buffer.Span);
        if (passesOn) await _caller.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => passesOn ? _caller.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
