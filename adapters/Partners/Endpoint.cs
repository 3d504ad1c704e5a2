using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Adapters.Resilience;
using Gateway.Adapters.Sending;

namespace Gateway.Adapters.Partners;

/// <summary>One partner's endpoint: its connections, credential and circuit.</summary>
internal sealed class Endpoint : IAsyncDisposable
{
    private readonly EndpointOptions _options;
    private readonly TimeProvider _clock;
    private readonly string? _timeLeft;
    private readonly HttpClient _http;

    public Endpoint(PartnerBackend backend, string partner, EndpointOptions options, Credential credential, Outside outside, Action<CircuitPosition> circuitMoved)
    {
        (_options, Credential, _clock, _timeLeft) = (options, credential, backend.Clock, backend.Options.Resilience?.TimeLeftHeader);
        Attempts = new Attempts<PartnerReply>(backend.Name, backend.Options.Resilience ?? new ResilienceOptions(), backend.Clock, circuitMoved, partner);
        _http = new HttpClient(outside.Backend(backend.Name, () => credential.Connect(() => Connections(backend.Options.AllowInside))))
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = backend.Options.MaxAnswerBytes,
        };
    }

    public Credential Credential { get; }

    public Attempts<PartnerReply> Attempts { get; }

    public bool ReadsBack => _options.ReadBack is not null;

    /// <summary>Sends the document, once for each call of this.</summary>
    public ValueTask<PartnerReply> SendAsync(OperationCall call, byte[] body, Deadline deadline) => Attempts.OnceAsync(async attempt =>
    {
        var url = _options.Method == EndpointMethod.Put ? At($"/{Uri.EscapeDataString(call.ExternalId ?? "")}") : _options.Url;
        var method = _options.Method == EndpointMethod.Put ? HttpMethod.Put : HttpMethod.Post;
        var reply = await WithCredentialAsync(() => new HttpRequestMessage(method, url) { Content = new TrackedContent(body, call.Until, _clock) }, call, PartnerReply.OfDocument, attempt, deadline);
        // What nobody knows may be sent again only where a repeat does nothing again.
        return reply.MayHaveHappened ? reply with { Transient = _options.KnowsRepeats && !reply.Busy } : reply;
    }, deadline, Effect.Changes);

    /// <summary>Asks what became of a document.</summary>
    public ValueTask<PartnerReply> FindAsync(OperationCall call, Deadline deadline) => Attempts.OnceAsync(async attempt =>
    {
        var url = At(_options.ReadBack!.Replace("{id}", Uri.EscapeDataString(call.ExternalId ?? ""), StringComparison.Ordinal));
        var reply = await WithCredentialAsync(() => new HttpRequestMessage(HttpMethod.Get, url), call, PartnerReply.OfQuestion, attempt, deadline);
        // A question changes nothing: what is not known now can't be asked.
        return reply.MayHaveHappened ? PartnerReply.NotSent(reply.Reason ?? "", null) with { BackendFault = reply.BackendFault, Transient = true } : reply;
    }, deadline);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Credential.DisposeAsync();
    }

    private delegate PartnerReply Reading(int status, ReadOnlyMemory<byte> record, TimeSpan? retryAfter);

    /// <summary>A refused credential that has been replaced is worth one more call: nothing was done by the first.</summary>
    private async ValueTask<PartnerReply> WithCredentialAsync(Func<HttpRequestMessage> make, OperationCall call, Reading read, CancellationToken attempt, Deadline deadline)
    {
        var (reply, shown) = await ExchangeAsync(make, call, read, attempt, deadline);
        return reply.CredentialRefused && shown is not null && Credential.Renew(shown) ? (await ExchangeAsync(make, call, read, attempt, deadline)).Reply : reply;
    }

    private async ValueTask<(PartnerReply Reply, string? Shown)> ExchangeAsync(Func<HttpRequestMessage> make, OperationCall call, Reading read, CancellationToken attempt, Deadline deadline)
    {
        using var message = make();
        var content = message.Content as TrackedContent;
        try
        {
            var shown = await Credential.ShowAsync(attempt);
            if (shown.Trouble is { } trouble) return (PartnerReply.NotSent(trouble, shown.RetryAfter), null);
            Head(message.Headers, call, shown.Value, deadline.Left);
            using var answer = await _http.SendAsync(message, attempt);
            var body = await answer.Content.ReadAsByteArrayAsync(attempt);
            return (read((int)answer.StatusCode, RecordOf(body), RetryAfter.Of(answer, _clock)), shown.Value);
        }
        catch (OperationCanceledException) when (deadline.Caller.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return (content is { Started: false } ? PartnerReply.NotSent("no time left to connect", null) with { BackendFault = true, Transient = true } : PartnerReply.Lost(OperationStatus.TimedOut, "no answer in time"), null);
        }
        catch (HttpRequestException) when (content is { IsLate: true })
        {
            return (PartnerReply.Lost(OperationStatus.TimedOut, "the time of the call was over before it was sent: another node may have taken it over") with { BackendFault = false }, null);
        }
        catch (HttpRequestException broken)
        {
            return (content is { Started: false } ? PartnerReply.NotSent($"{broken.HttpRequestError}", null) with { BackendFault = true, Transient = true } : PartnerReply.Lost(OperationStatus.Unknown, $"{broken.HttpRequestError}"), null);
        }
    }

    private void Head(HttpRequestHeaders headers, OperationCall call, string? credential, TimeSpan left)
    {
        headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        // A string of structured fields (RFC 9651), as the draft wants it.
        if (call.ExternalId is { } id) headers.TryAddWithoutValidation("Idempotency-Key", $"\"{id}\"");
        if (call.CorrelationId is { } correlation) headers.TryAddWithoutValidation("X-Correlation-Id", correlation);
        if (_timeLeft is not null) headers.TryAddWithoutValidation(_timeLeft, TimeLeft.Text(left));
        if (Credential.Header is { } header) headers.TryAddWithoutValidation(header, credential);
    }

    private Uri At(string path) => new(_options.Url.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);

    /// <summary>What is no JSON is taken for nothing said: the status tells what was done.</summary>
    private static ReadOnlyMemory<byte> RecordOf(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return body;
        }
        catch (JsonException)
        {
            return "{}"u8.ToArray();
        }
    }

    /// <summary>No proxy, no redirection, no cookies; and, unless it is allowed, no address of our own network, whatever a name leads to.</summary>
    private static SocketsHttpHandler Connections(bool allowInside) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AutomaticDecompression = DecompressionMethods.All,
        ConnectCallback = allowInside ? null : PublicAddresses.ConnectAsync,
    };
}
