using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>One call of JSON-2: <c>POST /json/2/MODEL/METHOD</c>.</summary>
/// <param name="Effect">What the method does; decides what a lost answer means.</param>
/// <param name="Body">The method's arguments by name, with <c>ids</c> and <c>context</c> where it takes them: a JSON object.</param>
internal sealed record OdooRequest(string Model, string Method, Effect Effect, ReadOnlyMemory<byte> Body)
{
    public string? CorrelationId { get; init; }
}

/// <summary>Speaks JSON-2 to one database over long-lived connections. Sends once; who may send again is decided elsewhere.</summary>
internal sealed class OdooClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _backend;
    private readonly OdooOptions _options;
    private readonly AuthenticationHeaderValue _credential;

    public OdooClient(string backend, OdooOptions options, Outside outside)
    {
        _backend = backend;
        _options = options;
        _credential = new AuthenticationHeaderValue("bearer", options.Credential.Reveal());
        var connections = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
            MaxConnectionsPerServer = options.MaxConnections,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
        };
        _http = new HttpClient(outside.Backend(backend, connections))
        {
            BaseAddress = new Uri(options.Url.AbsoluteUri.TrimEnd('/') + "/json/2/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = options.MaxAnswerBytes,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Gateway", typeof(OdooClient).Assembly.GetName().Version?.ToString(3)));
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        _http.DefaultRequestHeaders.Add("X-Odoo-Database", options.Database);
    }

    /// <param name="deadline">Ends the call; includes <paramref name="caller"/>.</param>
    /// <param name="caller">The only token whose cancellation is thrown.</param>
    public async ValueTask<OdooReply> SendAsync(OdooRequest request, CancellationToken deadline, CancellationToken caller)
    {
        using var span = AdapterTelemetry.Source.StartActivity($"{_backend} {request.Model}.{request.Method}", ActivityKind.Client);
        using var content = new TrackedContent(request.Body);
        OdooReply reply;
        try
        {
            reply = await ExchangeAsync(request, content, span, deadline);
        }
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            reply = OutOfTime(request.Effect, content.Started, deadline.IsCancellationRequested);
        }
        catch (HttpRequestException e)
        {
            reply = Broken(request.Effect, content.Started, e);
        }
        span?.SetTag("gateway.backend", _backend).SetTag("gateway.outcome", reply.Status.ToString());
        if (!reply.Done)
            span?.SetStatus(ActivityStatusCode.Error);
        return reply.Done ? reply : WithoutKey(reply);
    }

    private async Task<OdooReply> ExchangeAsync(OdooRequest request, TrackedContent content, Activity? span, CancellationToken deadline)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"{request.Model}/{request.Method}") { Content = content };
        message.Headers.Authorization = _credential;
        if (request.CorrelationId is { } id)
            message.Headers.TryAddWithoutValidation("X-Request-Id", id);
        using var response = await _http.SendAsync(message, deadline);
        span?.SetTag("http.response.status_code", (int)response.StatusCode);
        var body = await response.Content.ReadAsByteArrayAsync(deadline);
        return OdooErrors.Read(request.Effect, (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body,
            response.Headers.RetryAfter?.Delta);
    }

    /// <summary>Without one byte of the body sent Odoo can have done nothing, whatever the connection's state.</summary>
    private static OdooReply OutOfTime(Effect effect, bool started, bool deadlinePassed)
    {
        if (!started)
            return OdooReply.NotSent(deadlinePassed ? "no time left to connect" : "connect timeout") with { BackendFault = true, Transient = !deadlinePassed };
        return new OdooReply(OperationStatus.TimedOut)
        {
            Detail = effect == Effect.Changes ? OdooReply.NotKnown : "The order system did not answer in time.",
            Reason = "no answer in time",
            BackendFault = true,
        };
    }

    private static OdooReply Broken(Effect effect, bool started, HttpRequestException e)
    {
        var reason = OdooErrors.Cut($"{e.HttpRequestError}: {e.Message}");
        if (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
            return OdooReply.Unusable($"answer too long: {reason}");
        if (!started)
            return OdooReply.NotSent(reason) with { BackendFault = true, Transient = true };
        var reply = effect == Effect.Changes ? OdooReply.Unknown(reason) : OdooReply.Unusable(reason);
        return reply with { BackendFault = true, Transient = effect == Effect.Reads };
    }

    /// <summary>A message that quotes our own request must not carry the key into a log.</summary>
    private OdooReply WithoutKey(OdooReply reply)
    {
        var key = _options.Credential.Reveal();
        return key.Length == 0 ? reply : reply with
        {
            Detail = reply.Detail.Replace(key, "***", StringComparison.Ordinal),
            Reason = reply.Reason?.Replace(key, "***", StringComparison.Ordinal),
        };
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A JSON body that knows whether it began to leave.</summary>
    private sealed class TrackedContent : HttpContent
    {
        private static readonly MediaTypeHeaderValue Json = new("application/json");

        private readonly ReadOnlyMemory<byte> _json;
        private volatile bool _started;

        public TrackedContent(ReadOnlyMemory<byte> json)
        {
            _json = json;
            Headers.ContentType = Json;
        }

        public bool Started => _started;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellation)
        {
            _started = true;
            return stream.WriteAsync(_json, cancellation).AsTask();
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = _json.Length;
            return true;
        }
    }
}
