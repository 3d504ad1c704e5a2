using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Gateway.Delivery.Events;

namespace Gateway.Delivery.Webhooks;

/// <summary>How one POST ended. Status is 0 and Error says why when there was no answer.</summary>
internal sealed record WebhookAnswer(int Status, string? Error, TimeSpan? RetryAfter, TimeSpan Duration)
{
    /// <summary>What was said both ways, without secrets; null where nothing was sent.</summary>
    public AttemptDetails? Details { get; init; }

    /// <summary>In the words of <see cref="DeliveryCause"/>; null where it arrived.</summary>
    public string? Cause { get; init; }

    public bool Delivered => Status is >= 200 and <= 299;

    /// <summary>The endpoint asks never to be called again (Standard Webhooks, "410 Gone").</summary>
    public bool Gone => Status == (int)HttpStatusCode.Gone;

    /// <summary>It says that the endpoint itself does not work, not that it refuses this one event.</summary>
    public bool IsOutage => Status is 0 or (int)HttpStatusCode.RequestTimeout or (int)HttpStatusCode.TooManyRequests or >= 500;
}

/// <summary>One signed POST of one event to one endpoint.</summary>
internal sealed class WebhookCall(HttpMessageInvoker http, TimeProvider clock)
{
    private static readonly ProductInfoHeaderValue UserAgent = new("gateway-webhooks", null);

    /// <summary>
    /// What deliveries are sent with: no redirects, no cookies, no proxy, nowhere but where webhooks may go, and of an answer's body no more than is read to keep the connection.
    /// The trace is continued by this class, from the event, so the client's own propagation is off.
    /// </summary>
    /// <param name="reach">Where webhooks may go now; asked for with every connection, and with what is sent over it.</param>
    /// <param name="own">Where those may go that partners have made themselves. No connection is used for both: one that operators let in leads nobody else inside.</param>
    /// <param name="resolve">What names of hosts stand for; DNS where nothing is given.</param>
    public static HttpMessageInvoker NewInvoker(Func<WebhookReach> reach, Func<WebhookReach> own, ResolveHost? resolve = null)
    {
        resolve ??= Dns.GetHostAddressesAsync;
        return new HttpMessageInvoker(new SeparateWays(NewHandler(reach, resolve), NewHandler(own, resolve)));
    }

    private static SocketsHttpHandler NewHandler(Func<WebhookReach> reach, ResolveHost resolve) => new()
    {
        ConnectCallback = new EndpointConnection(reach, resolve).ConnectAsync,
        // A proxy would be where the connection goes.
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        // Endpoints move: a connection is not kept for ever, so that DNS is asked again.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseDrainSize = 16 * 1024,
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
    };

    /// <exception cref="OperationCanceledException">The process stops; the delivery is sent again after it starts.</exception>
    public async Task<WebhookAnswer> PostAsync(EventDelivery delivery, Subscription subscription, StoredEvent stored, CancellationToken stopping)
    {
        ActivityContext.TryParse(stored.Event.TraceParent, null, isRemote: true, out var trace);
        using var activity = Telemetry.Source.StartActivity("webhook.deliver", ActivityKind.Client, trace);
        activity?.SetTag("gateway.tenant", delivery.Tenant).SetTag("gateway.subscription", delivery.Subscription)
            .SetTag("gateway.attempt", delivery.Attempts + 1).SetTag("messaging.message.id", delivery.Id)
            .SetTag("server.address", subscription.Url.Host).SetTag("http.request.method", "POST");

        var answer = await SendAsync(delivery, subscription, stored, activity?.Id ?? stored.Event.TraceParent, stopping);

        if (answer.Status > 0) activity?.SetTag("http.response.status_code", answer.Status);
        if (!answer.Delivered) activity?.SetStatus(ActivityStatusCode.Error, answer.Error);
        Telemetry.AttemptDuration.Record(answer.Duration.TotalSeconds);
        return answer;
    }

    private async Task<WebhookAnswer> SendAsync(
        EventDelivery delivery, Subscription subscription, StoredEvent stored, string? traceParent, CancellationToken stopping)
    {
        var started = clock.GetTimestamp();
        using var late = new CancellationTokenSource(subscription.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, late.Token);
        HttpRequestMessage? request = null;
        try
        {
            request = NewRequest(delivery, subscription, stored, traceParent);
            using var response = await http.SendAsync(request, either.Token);
            var (status, duration) = ((int)response.StatusCode, clock.GetElapsedTime(started));
            return new WebhookAnswer(status, status is >= 200 and <= 299 ? null : Describe(status), RetryAfter(response), duration)
            {
                Cause = status is >= 200 and <= 299 ? null : DeliveryCause.OfStatus(status),
                Details = new AttemptDetails(AttemptText.Of(request), await AttemptText.OfAsync(response, clock, either.Token)),
            };
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            return NoAnswer($"no answer within {subscription.Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s", DeliveryCause.Timeout);
        }
        catch (HttpRequestException error)
        {
            return NoAnswer(error.InnerException?.Message ?? error.Message, EndpointConnection.CauseOf(error));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // A secret that is not base64, an event that is not JSON: our own fault, but it must end as an attempt that an operator sees.
            return NoAnswer($"the gateway could not send it: {error.Message}", DeliveryCause.NotSendable);
        }
        finally
        {
            request?.Dispose();
        }

        WebhookAnswer NoAnswer(string why, string cause) =>
            new(0, why, null, clock.GetElapsedTime(started)) { Cause = cause, Details = request is null ? null : new AttemptDetails(AttemptText.Of(request), null) };
    }

    private HttpRequestMessage NewRequest(EventDelivery delivery, Subscription subscription, StoredEvent stored, string? traceParent)
    {
        var isBinary = subscription.Mode == WebhookMode.Binary;
        var body = isBinary ? stored.Event.Data : Envelope.Write(stored);
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, subscription.Url) { Content = new ReadOnlyMemoryContent(body) };
        request.Options.Set(SeparateWays.IsOwn, subscription.Id is not null);
        request.Content.Headers.ContentType = isBinary ? new MediaTypeHeaderValue(Envelope.DataType) : new MediaTypeHeaderValue(Envelope.ContentType, "utf-8");
        if (isBinary)
            foreach (var (name, value) in Envelope.Headers(stored)) request.Headers.Add(name, value);
        request.Headers.UserAgent.Add(UserAgent);
        request.Headers.Add(WebhookSignature.IdHeader, delivery.Id);
        request.Headers.Add(WebhookSignature.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.SignatureHeader,
            SigningSecret.Sign(delivery.Id, timestamp, body.Span, subscription.SecretsAt(clock.GetUtcNow()).Select(secret => secret.Reveal())));
        if (traceParent is not null) request.Headers.Add("traceparent", traceParent);
        return request;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } at } => at - clock.GetUtcNow(),
        _ => null,
    };

    private static string Describe(int status) => status switch
    {
        410 => "HTTP 410: the endpoint is gone and asks not to be called again",
        >= 300 and <= 399 => $"HTTP {status}: redirects are not followed",
        _ => $"HTTP {status}",
    };
}
