using System.Net;
using System.Net.Http.Headers;

namespace Gateway.Adapters.Sending;

/// <summary>
/// The body of a change, which knows whether it began to leave, and does not when it is too late for that: the connection is there by then.
/// </summary>
internal sealed class TrackedContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ReadOnlyMemory<byte> _json;
    private readonly DateTimeOffset? _until;
    private readonly TimeProvider _clock;
    private volatile bool _started;
    private volatile bool _late;

    /// <param name="json">Empty where a change has no body.</param>
    /// <param name="until">From here on it does not leave any more (<see cref="OperationCall.Until"/>).</param>
    public TrackedContent(ReadOnlyMemory<byte> json, DateTimeOffset? until, TimeProvider clock)
    {
        (_json, _until, _clock) = (json, until, clock);
        if (json.Length > 0) Headers.ContentType = Json;
    }

    /// <summary>Without one byte of it sent, the backend can have done nothing.</summary>
    public bool Started => _started;

    public bool IsLate => _late;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_clock.GetUtcNow() >= _until)
        {
            _late = true;
            throw new IOException("It is too late to send this.");
        }
        _started = true;
        return stream.WriteAsync(_json, cancellationToken).AsTask();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = _json.Length;
        return true;
    }
}
