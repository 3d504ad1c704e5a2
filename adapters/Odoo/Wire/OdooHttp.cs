using System.Diagnostics;
using System.Net.Http.Headers;
using Gateway.Adapters.Resilience;
using Gateway.Adapters.Sending;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>One exchange over HTTP.</summary>
/// <param name="Path">Below the backend's address, without a slash before it.</param>
/// <param name="Effect">What it does; decides what a lost answer means.</param>
/// <param name="Body">What is posted, JSON; empty: it is a GET.</param>
internal sealed record OdooPost(string Path, Effect Effect, ReadOnlyMemory<byte> Body)
{
    public string? CorrelationId { get; init; }

    /// <summary>How long somebody waits for it still.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>From here on it is not sent any more.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The header that carries <see cref="Shown"/>; null where none does.</summary>
    public string? Header { get; init; }

    public string? Shown { get; init; }
}

/// <summary>An answer as HTTP brought it.</summary>
/// <param name="Media">Media type, without parameters; null without one.</param>
/// <param name="RetryAfter">Its Retry-After, from now on; null without one.</param>
internal sealed record OdooAnswer(int Status, string? Media, byte[] Body, TimeSpan? RetryAfter)
{
    public bool IsJson => Media == "application/json";
}

/// <summary>Long-lived connections to one Odoo. Tells what has certainly not been sent from what may have arrived.</summary>
internal sealed class OdooHttp : IDisposable
{
    private readonly HttpClient _http;
    private readonly TimeProvider _clock;
    private readonly string? _timeLeftHeader;

    public OdooHttp(string backend, OdooOptions options, Credential credential, Outside outside, TimeProvider clock)
    {
        (_clock, _timeLeftHeader) = (clock, options.Resilience?.TimeLeftHeader);
        _http = new HttpClient(outside.Backend(backend, () => credential.Connect(() => LastingConnections.Open(options.ConnectTimeout, options.MaxConnections))))
        {
            BaseAddress = new Uri(options.Url.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = options.MaxAnswerBytes,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Gateway", typeof(OdooHttp).Assembly.GetName().Version?.ToString(3)));
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        _http.DefaultRequestHeaders.Add("X-Odoo-Database", options.Database);
    }

    /// <summary>The answer, whatever its status; a failure where none came.</summary>
    /// <param name="deadline">Ends the exchange; includes <paramref name="caller"/>.</param>
    /// <param name="caller">The only token whose cancellation is thrown.</param>
    public async ValueTask<Lookup<OdooAnswer>> SendAsync(OdooPost post, CancellationToken deadline, CancellationToken caller)
    {
        using var content = new TrackedContent(post.Body, post.Until, _clock);
        try
        {
            return await ExchangeAsync(post, content, deadline);
        }
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return OutOfTime(post.Effect, content.Started, deadline.IsCancellationRequested);
        }
        catch (HttpRequestException) when (content.IsLate)
        {
            return TooLate;
        }
        catch (HttpRequestException e)
        {
            return Broken(post.Effect, content.Started, e);
        }
    }

    private async Task<OdooAnswer> ExchangeAsync(OdooPost post, TrackedContent content, CancellationToken deadline)
    {
        using var message = post.Body.IsEmpty ? new HttpRequestMessage(HttpMethod.Get, post.Path) : new HttpRequestMessage(HttpMethod.Post, post.Path) { Content = content };
        if (post.Header is { } header) message.Headers.TryAddWithoutValidation(header, post.Shown);
        if (post.CorrelationId is { } id)
            message.Headers.TryAddWithoutValidation("X-Request-Id", id);
        if (_timeLeftHeader is { } told && post.TimeLeft is { } left)
            message.Headers.TryAddWithoutValidation(told, TimeLeft.Text(left));
        using var response = await _http.SendAsync(message, deadline);
        if (Activity.Current is { } span && span.Source == AdapterTelemetry.Source)
            span.SetTag("http.response.status_code", (int)response.StatusCode);
        var body = await response.Content.ReadAsByteArrayAsync(deadline);
        return new OdooAnswer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body, RetryAfter.Of(response, _clock));
    }

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

    public void Dispose() => _http.Dispose();
}
