using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Gateway.Adapters.Partners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Unit.Adapters.Partners;

/// <summary>Documents to a partner's own API, over real sockets: what is sent, and what each answer means.</summary>
public sealed class DocumentSendTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<(string Line, string? Key, string? Credential, string Body)> _asked = [];
    private Func<HttpContext, int, Task> _answer = static (http, _) => http.Response.WriteAsync("""{ "number": "A-1" }""");
    private WebApplication _app = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            _asked.Enqueue(($"{http.Request.Method} {http.Request.Path}", http.Request.Headers["Idempotency-Key"], http.Request.Headers.Authorization, await reader.ReadToEndAsync(Cancellation)));
            await _answer(http, _asked.Count);
        });
        await _app.StartAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_document_goes_whole_to_its_partner_with_a_key_and_the_credential()
    {
        await using var backend = Open(e => e with { Credential = new CredentialOptions { Key = new Secret("secret://env/X", "key-for-tests") } });

        var result = await SendAsync(backend);

        Assert.Equal((OperationStatus.Done, "doc_1", """{ "number": "A-1" }"""), (result.Status, result.Reference, System.Text.Encoding.UTF8.GetString(result.Record.Span)));
        Assert.Equal([("POST /api/notices", "\"doc_1\"", "Bearer key-for-tests", """{"n":1.10}""")], _asked);
    }

    [Fact]
    public async Task Put_names_the_document_in_the_path()
    {
        await using var backend = Open(e => e with { Method = EndpointMethod.Put });

        await SendAsync(backend);

        Assert.Equal("PUT /api/notices/doc_1", Assert.Single(_asked).Line);
    }

    [Theory]
    [InlineData(201, OperationStatus.Done)]
    [InlineData(400, OperationStatus.Refused)]
    [InlineData(422, OperationStatus.Refused)]
    [InlineData(401, OperationStatus.NotSent)]
    [InlineData(403, OperationStatus.NotSent)]
    [InlineData(429, OperationStatus.NotSent)]
    [InlineData(409, OperationStatus.Unknown)]
    [InlineData(408, OperationStatus.Unknown)]
    [InlineData(500, OperationStatus.Unknown)]
    [InlineData(503, OperationStatus.Unknown)]
    [InlineData(307, OperationStatus.Unusable)]
    public async Task What_an_answer_says_of_the_document(int status, OperationStatus expected)
    {
        _answer = (http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "http://127.0.0.1:1/elsewhere";
            return Task.CompletedTask;
        };
        await using var backend = Open(e => e with { ReadBack = "/{id}", KnowsRepeats = false });

        Assert.Equal(expected, (await SendAsync(backend)).Status);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task A_lost_answer_is_asked_for_again_under_the_same_key_where_the_partner_knows_repeats()
    {
        _answer = (http, count) => count == 1 ? Reset(http) : http.Response.WriteAsync("{}");
        await using var backend = Open(e => e);

        Assert.Equal(OperationStatus.Done, (await SendAsync(backend)).Status);
        Assert.Equal(["\"doc_1\"", "\"doc_1\""], _asked.Select(a => a.Key));
    }

    [Fact]
    public async Task Where_a_repeat_might_do_it_twice_it_is_sent_once_and_found_by_the_read_back()
    {
        _answer = (http, _) => http.Request.Method == "POST" ? Reset(http) : http.Response.WriteAsync("""{ "number": "A-1" }""");
        await using var backend = Open(e => e with { KnowsRepeats = false, ReadBack = "/by-key/{id}" });

        var sent = await SendAsync(backend);
        var found = await ReadBackAsync(backend);

        Assert.Equal((OperationStatus.Unknown, OperationStatus.Done), (sent.Status, found.Status));
        Assert.Equal(["POST /api/notices", "GET /api/notices/by-key/doc_1"], _asked.Select(a => a.Line));
    }

    [Theory]
    [InlineData(404, OperationStatus.NotFound)]
    [InlineData(410, OperationStatus.NotFound)]
    [InlineData(401, OperationStatus.NotSent)]
    [InlineData(500, OperationStatus.NotSent)]
    [InlineData(302, OperationStatus.NotSent)]
    public async Task Only_a_404_or_410_is_certain_that_nothing_arrived(int status, OperationStatus expected)
    {
        _answer = (http, _) =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        await using var backend = Open(e => e with { KnowsRepeats = false, ReadBack = "/{id}" });

        Assert.Equal(expected, (await ReadBackAsync(backend)).Status);
    }

    [Fact]
    public async Task A_partner_that_hangs_is_not_waited_for_beyond_the_time_and_its_circuit_is_its_own()
    {
        _answer = (http, _) => http.Request.Path.StartsWithSegments("/api/slow") ? Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default) : http.Response.WriteAsync("{}");
        await using var backend = Open(e => e, o => o with { Timeout = TimeSpan.FromMilliseconds(200), Resilience = new ResilienceOptions { Retries = 0, Circuit = new CircuitOptions { MinimumCalls = 2 } } });
        backend.AddEndpoint("slow", Endpoint with { Url = new Uri(new Uri(_app.Urls.Single()), "/api/slow") });

        for (var i = 0; i < 2; i++) Assert.Equal(OperationStatus.TimedOut, (await SendAsync(backend, "slow")).Status);

        Assert.Equal(OperationStatus.NotSent, (await SendAsync(backend, "slow")).Status);
        Assert.Equal(OperationStatus.Done, (await SendAsync(backend)).Status);
        Assert.Equal([("acme", CircuitPosition.Closed), ("slow", CircuitPosition.Open), ("slow, changes", CircuitPosition.Open)], backend.Circuits.Select(c => (c.Destination, c.Position)));
    }

    [Fact]
    public async Task A_partner_that_answers_questions_and_fails_at_documents_is_asked_and_sent_no_more()
    {
        _answer = (http, _) =>
        {
            http.Response.StatusCode = http.Request.Method == "POST" ? 500 : 404;
            return Task.CompletedTask;
        };
        await using var backend = Open(e => e with { KnowsRepeats = false, ReadBack = "/{id}" },
            o => o with { Resilience = new ResilienceOptions { Retries = 0, Circuit = new CircuitOptions { FailureRatio = 0.6, MinimumCalls = 4 } } });
        for (var i = 0; i < 4; i++)
            Assert.Equal((OperationStatus.NotFound, OperationStatus.Unknown), ((await ReadBackAsync(backend)).Status, (await SendAsync(backend)).Status));

        var sent = await SendAsync(backend);
        var found = await ReadBackAsync(backend);

        // Half of all calls failed, which is below the ratio; of the documents, all did.
        Assert.Equal((OperationStatus.NotSent, true, OperationStatus.NotFound), (sent.Status, sent.BackendIsAway, found.Status));
        Assert.Equal([("acme", CircuitPosition.Closed), ("acme, changes", CircuitPosition.Open)], backend.Circuits.Select(c => (c.Destination, c.Position)));
        Assert.Equal(4, _asked.Count(a => a.Line.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_partner_is_told_how_long_somebody_still_waits_where_that_is_declared(bool declared)
    {
        var told = new ConcurrentQueue<string>();
        _answer = (http, _) =>
        {
            told.Enqueue(http.Request.Headers["X-Time-Left"].ToString());
            return http.Response.WriteAsync("{}");
        };
        await using var backend = Open(e => e with { ReadBack = "/{id}" }, o => o with { Timeout = TimeSpan.FromSeconds(9), Resilience = new ResilienceOptions { TimeLeftHeader = declared ? "X-Time-Left" : null } });

        await SendAsync(backend);
        await ReadBackAsync(backend);

        Assert.Equal(2, told.Count);
        if (declared) Assert.All(told, left => Assert.InRange(int.Parse(left, System.Globalization.CultureInfo.InvariantCulture), 1, 9000));
        else Assert.All(told, Assert.Empty);
    }

    [Fact]
    public async Task A_partner_without_an_endpoint_is_told_so_and_nothing_is_sent()
    {
        await using var backend = Open(e => e);

        Assert.Equal(OperationStatus.Refused, (await SendAsync(backend, "globex")).Status);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task A_name_that_leads_into_the_own_network_is_not_connected_to()
    {
        await using var backend = Open(e => e with { Url = new Uri(_app.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal)) },
            o => o with { AllowInside = false, Resilience = new ResilienceOptions { Retries = 0 } });

        Assert.Equal(OperationStatus.NotSent, (await SendAsync(backend)).Status);
        Assert.Empty(_asked);
    }

    [Theory]
    [InlineData("93.184.215.14", true)]
    [InlineData("2606:2800:21f:cb07:6820:80da:af6b:8b2c", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    public void Only_addresses_of_the_public_internet_are_outside(string address, bool expected) =>
        Assert.Equal(expected, PublicAddresses.IsPublic(IPAddress.Parse(address)));

    private EndpointOptions Endpoint => new() { Url = new Uri(new Uri(_app.Urls.Single()), "/api/notices"), KnowsRepeats = true };

    private Backend Open(Func<EndpointOptions, EndpointOptions> endpoint, Func<PartnerOptions, PartnerOptions>? change = null)
    {
        var options = new PartnerOptions
        {
            Adapter = "partner",
            Url = new Uri("https://endpoints.invalid"),
            AllowInside = true,
            Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
        };
        var backend = new PartnerAdapter(NullLoggerFactory.Instance, Outside.World).Open("notices", change?.Invoke(options) ?? options, TimeProvider.System);
        backend.AddEndpoint("acme", endpoint(Endpoint));
        return backend;
    }

    private static ValueTask<OperationResult> SendAsync(Backend backend, string partner = "acme") => backend.Operations["document.send"].CallAsync(CallOf(partner), Cancellation);

    private static ValueTask<OperationResult> ReadBackAsync(Backend backend) => backend.Operations["document.send"].ReadBackAsync(CallOf("acme"), Cancellation);

    private static OperationCall CallOf(string partner) => new(JsonSerializer.Deserialize<JsonElement>("""{"n":1.10}"""), new Partner(partner, partner)) { ExternalId = "doc_1" };

    private static Task Reset(HttpContext http)
    {
        http.Abort();
        return Task.CompletedTask;
    }
}
