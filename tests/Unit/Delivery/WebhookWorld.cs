using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Gateway.Delivery.Storage;
using Gateway.Delivery.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>One request as an endpoint got it.</summary>
public sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, string Body, DateTimeOffset At)
{
    public string Id => Headers[WebhookSignature.IdHeader];

    public bool IsSigned(string secret) => WebhookSignature.Verify(
        Id, Headers[WebhookSignature.TimestampHeader], Encoding.UTF8.GetBytes(Body), Headers[WebhookSignature.SignatureHeader], [secret], At);
}

/// <summary>A real store, a real endpoint on loopback, the two readers between them, and a clock that only the test moves.</summary>
public sealed class WebhookWorld : IAsyncDisposable
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    public const string Trace = "0af7651916cd43dd8448eb211c80319c";

    private static readonly WebhookReach Loopback = new(Http: true, [IPNetwork.Parse("127.0.0.0/8")], [new PortRange(1, 65535)]);

    private readonly string _root = Directory.CreateTempSubdirectory("gateway-webhooks-").FullName;
    private readonly HttpMessageInvoker _http = WebhookCall.NewInvoker(() => Loopback, () => Loopback);
    private readonly WebApplication _endpoint;
    private readonly IStore _inner;
    private (WebhookFanOut FanOut, EndpointsHere Here)? _running;

    private WebhookWorld()
    {
        _inner = Gateway.Delivery.Storage.Stores.All[0].Create(new StoreOptions
        {
            DataDirectory = _root,
            Protection = new EphemeralDataProtectionProvider(),
            Clock = Clock,
        });
        Store = FlakyStore.Around(_inner);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _endpoint = builder.Build();
        _endpoint.Run(ReceiveAsync);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));

    public IStore Store { get; }

    public ConcurrentQueue<Received> Requests { get; } = [];

    /// <summary>What the endpoint does by path, for each request in turn; 204 where nothing is said.</summary>
    public ConcurrentDictionary<string, Func<HttpContext, Task>> Behaviour { get; } = new();

    public List<Subscription> Subscriptions { get; } = [];

    public ConcurrentQueue<string> Log { get; } = [];

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<WebhookWorld> NewAsync()
    {
        var world = new WebhookWorld();
        await world._inner.OpenAsync(Cancellation);
        await world._endpoint.StartAsync(Cancellation);
        return world;
    }

    public Subscription Subscribe(string name, string tenant = "acme", params TimeSpan[] schedule)
    {
        var subscription = new Subscription(name, tenant, new Uri($"{_endpoint.Urls.Single()}/{name}"), ["order.created"])
        {
            Secrets = [new Secret("secret://env/HOOK", Secret)],
            Schedule = schedule,
        };
        Subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>One that a partner has made itself.</summary>
    public async Task<StoredSubscription> MakeAsync(string name, Func<SubscriptionTerms, SubscriptionTerms> terms, string tenant = "acme")
    {
        var made = new StoredSubscription("sub_" + name, tenant, name)
        {
            Terms = terms(new SubscriptionTerms($"{_endpoint.Urls.Single()}/{name}", ["order.created"], [Secret])),
            ChangedBy = "int_1",
            CreatedAt = Clock.GetUtcNow(),
            ChangedAt = Clock.GetUtcNow(),
        };
        Assert.Equal(SubscriptionAdded.Added, await _inner.AddSubscriptionAsync(made, 20, Cancellation));
        return (await _inner.FindSubscriptionAsync(tenant, made.Id, Cancellation))!;
    }

    public async Task StartAsync()
    {
        var logs = LoggerFactory.Create(logging => logging.AddProvider(new QueueLogs(Log)).SetMinimumLevel(LogLevel.Information));
        var book = new SubscriptionBook(Store, () => [.. Subscriptions], Clock, logs.CreateLogger<SubscriptionBook>());
        await book.FollowAsync(Cancellation);
        var here = new EndpointsHere(Store, book, _http, Clock, new Random(7), logs.CreateLogger<EndpointsHere>());
        var fanOut = new WebhookFanOut(Store, book, Clock, logs.CreateLogger<WebhookFanOut>(), _ => here.Wake());
        _running = (fanOut, here);
        await here.StartAsync(Cancellation);
        await fanOut.StartAsync(Cancellation);
    }

    /// <summary>What this node holds.</summary>
    public EndpointsHere Here => _running!.Value.Here;

    public async Task StopAsync()
    {
        if (_running is not { } services) return;
        _running = null;
        await services.FanOut.StopAsync(Cancellation);
        await services.Here.StopAsync(Cancellation);
    }

    public async Task HappenAsync(string id, string type = "order.created", string tenant = "acme", string key = "p")
    {
        var now = Clock.GetUtcNow();
        var intent = new Intent
        {
            Id = id,
            Tenant = tenant,
            Consumer = "shop",
            Route = "orders.create",
            Backend = "odoo",
            Operation = "odoo/order.create",
            ExternalId = "gw." + id,
            Fingerprint = "f",
            ObjectId = "o-" + id,
            Canonical = "{}"u8.ToArray(),
            Input = "{}"u8.ToArray(),
            CorrelationId = "c-" + id,
            Revision = "r1",
            CreatedAt = now,
            OverAt = now,
            LeaseOwner = "p1",
            LeaseUntil = now,
        };
        await _inner.BeginAsync(intent, Cancellation);
        await _inner.CompleteAsync(new Completion(intent, new OperationResult(OperationStatus.Done))
        {
            Event = new NewEvent("e-" + id, tenant, type, "/orders", intent.ObjectId, key, now, Encoding.UTF8.GetBytes("""{"total":1.10}"""))
            {
                TraceParent = $"00-{Trace}-b7ad6b7169203331-01",
                CorrelationId = intent.CorrelationId,
            },
        }, Cancellation);
    }

    /// <summary>Waits for something that must come without the clock moving.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        var started = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(started.Elapsed < TimeSpan.FromSeconds(60), what);
            await Task.Delay(10, Cancellation);
        }
    }

    public static Task EventuallyAsync(Func<bool> holds, string what) => EventuallyAsync(() => Task.FromResult(holds()), what);

    /// <summary>Moves the clock in small steps until something holds.</summary>
    public Task AdvanceUntilAsync(Func<Task<bool>> holds, TimeSpan step, string what) => EventuallyAsync(async () =>
    {
        if (await holds()) return true;
        Clock.Advance(step);
        return false;
    }, what);

    public async Task<EventDelivery?> OneAsync(string subscription) =>
        (await _inner.DeliveriesAsync(null, 1000, Cancellation)).SingleOrDefault(d => d.Subscription == subscription);

    public Task UntilStateAsync(string subscription, DeliveryState state) =>
        AdvanceUntilAsync(async () => (await OneAsync(subscription))?.State == state, TimeSpan.FromMilliseconds(500), $"{subscription} is {state}");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _endpoint.StopAsync(Cancellation);
        await _endpoint.DisposeAsync();
        _http.Dispose();
        await _inner.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.TrimStart('/');
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        Requests.Enqueue(new Received(path, context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), body, Clock.GetUtcNow()));
        context.Response.StatusCode = 204;
        if (Behaviour.TryGetValue(path, out var behave)) await behave(context);
    }

    private sealed class QueueLogs(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? error, Func<TState, Exception?, string> format) =>
            lines.Enqueue($"{level}: {format(state, error)}");
    }
}
