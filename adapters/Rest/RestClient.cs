using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Gateway.Adapters.Resilience;
using Gateway.Adapters.Sending;

namespace Gateway.Adapters.Rest;

/// <summary>
/// Speaks to one REST backend over long-lived connections. Sends once, and again only where a credential was refused that has been replaced: then
/// nothing was done. Who may send again otherwise is decided elsewhere.
/// </summary>
internal sealed class RestClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _backend;
    private readonly RestOptions _options;
    private readonly RestDialect _dialect;
    private readonly Credential _credential;
    private readonly TimeProvider _clock;

    public RestClient(string backend, RestOptions options, RestDialect dialect, Credential credential, Outside outside, TimeProvider clock)
    {
        (_backend, _options, _dialect, _credential, _clock) = (backend, options, dialect, credential, clock);
        _http = new HttpClient(outside.Backend(backend, () => credential.Connect(() => LastingConnections.Open(options.ConnectTimeout, options.MaxConnections))))
        {
            BaseAddress = new Uri(options.Root),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = options.MaxAnswerBytes,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Gateway", typeof(RestClient).Assembly.GetName().Version?.ToString(3)));
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        foreach (var (header, value) in options.Headers) _http.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
    }

    /// <param name="operation">For the trace: <c>warehouse-order.create</c>.</param>
    /// <param name="attempt">Ends the request; includes <paramref name="caller"/>.</param>
    /// <param name="caller">The only token whose cancellation is thrown.</param>
    public async ValueTask<RestReply> SendAsync(RestRequest request, string operation, CancellationToken attempt, CancellationToken caller)
    {
        using var span = AdapterTelemetry.Source.StartActivity($"{_backend} {operation}", ActivityKind.Client);
        var (reply, refused) = await OnceAsync(request, span, attempt, caller);
        if (refused is not null && _credential.Renew(refused)) (reply, _) = await OnceAsync(request, span, attempt, caller);
        span?.SetTag("gateway.backend", _backend).SetTag("gateway.outcome", reply.Status.ToString());
        if (!reply.Done) span?.SetStatus(ActivityStatusCode.Error);
        return reply;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>One request, and what the backend was shown where it refused that.</summary>
    private async ValueTask<(RestReply Reply, string? Refused)> OnceAsync(RestRequest request, Activity? span, CancellationToken attempt, CancellationToken caller)
    {
        using var content = request.Effect == Effect.Changes ? new TrackedContent(request.Body, request.Until, _clock) : null;
        var begun = () => content?.Started ?? true;
        try
        {
            var shown = await _credential.ShowAsync(attempt);
            return shown.Trouble is { } trouble ? (RestReply.NotSent(trouble, shown.RetryAfter) with { Away = true }, null) : await ExchangeAsync(request, content, shown.Value, span, attempt);
        }
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return (OutOfTime(request.Effect, begun()), null);
        }
        catch (HttpRequestException) when (content is { IsLate: true })
        {
            return (new RestReply(OperationStatus.TimedOut) { Reason = "the time of the call was over before it was sent: another node may have taken it over" }, null);
        }
        catch (HttpRequestException e)
        {
            return (Broken(request.Effect, begun(), e), null);
        }
    }

    private async Task<(RestReply Reply, string? Refused)> ExchangeAsync(RestRequest request, TrackedContent? content, string? credential, Activity? span, CancellationToken attempt)
    {
        using var message = new HttpRequestMessage(request.Method, request.Path) { Content = content };
        if (_credential.Header is { } header) message.Headers.TryAddWithoutValidation(header, credential);
        if (request.CorrelationId is { } id) message.Headers.TryAddWithoutValidation("X-Correlation-Id", id);
        if (_options.Resilience?.TimeLeftHeader is { } told && request.TimeLeft is { } left) message.Headers.TryAddWithoutValidation(told, TimeLeft.Text(left));
        using var response = await _http.SendAsync(message, attempt);
        span?.SetTag("http.response.status_code", (int)response.StatusCode);
        var body = await response.Content.ReadAsByteArrayAsync(attempt);
        var reply = RestAnswers.Read(_dialect, request.Effect, (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body, RetryAfter.Of(response, _clock));
        return (reply, response.StatusCode == HttpStatusCode.Unauthorized && reply.Status == OperationStatus.NotSent ? credential : null);
    }

    private static RestReply OutOfTime(Effect effect, bool begun) => begun
        ? new RestReply(OperationStatus.TimedOut) { Reason = "no answer in time", BackendFault = true, Transient = effect == Effect.Reads }
        : RestReply.NotSent("no connection in time") with { BackendFault = true, Transient = true };

    private static RestReply Broken(Effect effect, bool begun, HttpRequestException e)
    {
        var reason = RestAnswers.Cut($"{e.HttpRequestError}: {e.Message}");
        if (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded) return RestReply.Unusable($"answer too long: {reason}");
        var reply = !begun || e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            ? RestReply.NotSent(reason) with { Transient = true }
            : effect == Effect.Changes ? new RestReply(OperationStatus.Unknown) { Reason = reason }
            : RestReply.Unusable(reason) with { Transient = true };
        return reply with { BackendFault = true };
    }

    /// <summary>What quotes our own request must not carry a key into a log.</summary>
    public string WithoutKey(string text)
    {
        foreach (var secret in (ReadOnlySpan<Secret?>)[_options.Credential?.Key, _options.Credential?.Basic?.Password, _options.Credential?.Oauth2?.ClientSecret])
            if (secret?.Reveal() is { Length: > 0 } value) text = text.Replace(value, "***", StringComparison.Ordinal);
        return text;
    }
}
