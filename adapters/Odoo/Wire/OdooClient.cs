using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Gateway.Adapters.Resilience;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>One call of JSON-2: <c>POST /json/2/MODEL/METHOD</c>.</summary>
/// <param name="Effect">What the method does; decides what a lost answer means.</param>
/// <param name="Body">The method's arguments by name, with <c>ids</c> and <c>context</c> where it takes them: a JSON object.</param>
internal sealed record OdooRequest(string Model, string Method, Effect Effect, ReadOnlyMemory<byte> Body)
{
    public string? CorrelationId { get; init; }

    /// <summary>How long somebody waits for it still.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>From here on it is not sent any more.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>
/// Speaks JSON-2 to one database over long-lived connections. Sends once, and again only where Odoo refused a key that has been replaced: then
/// it has done nothing. Who may send again otherwise is decided elsewhere.
/// </summary>
internal sealed class OdooClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _backend;
    private readonly OdooOptions _options;
    private readonly Credential _credential;
    private readonly TimeProvider _clock;

    public OdooClient(string backend, OdooOptions options, Credential credential, Outside outside, TimeProvider clock)
    {
        (_backend, _options, _credential, _clock) = (backend, options, credential, clock);
        _http = new HttpClient(outside.Backend(backend, () => credential.Connect(() => Connections(options))))
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
        var (reply, refused) = await OnceAsync(request, span, deadline, caller);
        if (refused is not null && _credential.Renew(refused)) (reply, _) = await OnceAsync(request, span, deadline, caller);
        span?.SetTag("gateway.backend", _backend).SetTag("gateway.outcome", reply.Status.ToString());
        if (!reply.Done)
            span?.SetStatus(ActivityStatusCode.Error);
        return reply.Done ? reply : WithoutKey(reply);
    }

    /// <summary>One call, and what Odoo was shown where it refused that.</summary>
    private async ValueTask<(OdooReply Reply, string? Refused)> OnceAsync(OdooRequest request, Activity? span, CancellationToken deadline, CancellationToken caller)
    {
        using var content = new TrackedContent(request, _clock);
        try
        {
            var shown = await _credential.ShowAsync(deadline);
            return shown.Trouble is { } trouble
                ? (OdooReply.NotSent(trouble) with { RetryAfter = shown.RetryAfter }, null)
                : await ExchangeAsync(request, content, shown.Value, span, deadline);
        }
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return (OutOfTime(request.Effect, content.Started, deadline.IsCancellationRequested), null);
        }
        catch (HttpRequestException) when (content.IsLate)
        {
            return (TooLate, null);
        }
        catch (HttpRequestException e)
        {
            return (Broken(request.Effect, content.Started, e), null);
        }
    }

    private async Task<(OdooReply Reply, string? Refused)> ExchangeAsync(OdooRequest request, TrackedContent content, string? credential, Activity? span, CancellationToken deadline)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"{request.Model}/{request.Method}") { Content = content };
        if (_credential.Header is { } header) message.Headers.TryAddWithoutValidation(header, credential);
        if (request.CorrelationId is { } id)
            message.Headers.TryAddWithoutValidation("X-Request-Id", id);
        if (_options.Resilience?.TimeLeftHeader is { } told && request.TimeLeft is { } left)
            message.Headers.TryAddWithoutValidation(told, TimeLeft.Text(left));
        using var response = await _http.SendAsync(message, deadline);
        span?.SetTag("http.response.status_code", (int)response.StatusCode);
        var body = await response.Content.ReadAsByteArrayAsync(deadline);
        var reply = OdooErrors.Read(request.Effect, (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body,
            response.Headers.RetryAfter?.Delta);
        return (reply, response.StatusCode == HttpStatusCode.Unauthorized && reply.Status == OperationStatus.NotSent ? credential : null);
    }

    private static SocketsHttpHandler Connections(OdooOptions options) => new()
    {
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
        MaxConnectionsPerServer = options.MaxConnections,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
    };

    /// <summary>Without one byte of the body sent Odoo can have done nothing, whatever the connection's state.</summary>
    private static OdooReply OutOfTime(Effect effect, bool started, bool deadlinePassed)
    {
        if (!started)
            return OdooReply.NotSent(deadlinePassed ? "no time left to connect" : "connect timeout") with { BackendFault = true, Transient = true };
        return new OdooReply(OperationStatus.TimedOut)
        {
            Detail = effect == Effect.Changes ? OdooReply.NotKnown : "The order system did not answer in time.",
            Reason = "no answer in time",
            BackendFault = true,
            // Where only the attempt's time is over, and not the call's, a read is worth another one.
            Transient = effect == Effect.Reads,
        };
    }

    /// <summary>Nothing was sent now; what another node has sent meanwhile, nobody here knows.</summary>
    private static OdooReply TooLate => new(OperationStatus.TimedOut)
    {
        Detail = OdooReply.NotKnown,
        Reason = "the time of the call was over before it was sent: another node may have taken it over",
    };

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
        var key = _options.Credential?.Key?.Reveal() ?? "";
        return key.Length == 0 ? reply : reply with
        {
            Detail = reply.Detail.Replace(key, "***", StringComparison.Ordinal),
            Reason = reply.Reason?.Replace(key, "***", StringComparison.Ordinal),
        };
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A JSON body that knows whether it began to leave, and does not when it is too late for that: the connection is there by then.</summary>
    private sealed class TrackedContent : HttpContent
    {
        private static readonly MediaTypeHeaderValue Json = new("application/json");

        private readonly ReadOnlyMemory<byte> _json;
        private readonly DateTimeOffset? _until;
        private readonly TimeProvider _clock;
        private volatile bool _started;
        private volatile bool _late;

        public TrackedContent(OdooRequest request, TimeProvider clock)
        {
            (_json, _until, _clock) = (request.Body, request.Until, clock);
            Headers.ContentType = Json;
        }

        public bool Started => _started;

        public bool IsLate => _late;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellation)
        {
            if (_clock.GetUtcNow() >= _until)
            {
                _late = true;
                throw new IOException("It is too late to send this.");
            }
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
