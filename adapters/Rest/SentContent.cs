using System.Net;
using System.Net.Http.Headers;

namespace Gateway.Adapters.Rest;

/// <summary>A change's body, which knows whether it began to leave, and does not when it is too late for that: the connection is there by then.</summary>
internal sealed class SentContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly RestRequest _request;
    private readonly TimeProvider _clock;
    private volatile bool _started;
    private volatile bool _late;

    public SentContent(RestRequest request, TimeProvider clock)
    {
        (_request, _clock) = (request, clock);
        if (request.Body.Length > 0) Headers.ContentType = Json;
    }

    /// <summary>Without one byte of it sent, the backend can have done nothing.</summary>
    public bool Started => _started;

    public bool IsLate => _late;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_clock.GetUtcNow() >= _request.Until)
        {
            _late = true;
            throw new IOException("It is too late to send this.");
        }
        _started = true;
        return stream.WriteAsync(_request.Body, cancellationToken).AsTask();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = _request.Body.Length;
        return true;
    }
}
