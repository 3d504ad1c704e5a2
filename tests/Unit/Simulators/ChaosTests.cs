using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

public sealed class ChaosTests : IAsyncLifetime
{
    private OdooSimulator _odoo = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _odoo = await OdooSimulator.StartAsync();
        _http = new HttpClient { BaseAddress = _odoo.Url };
        _http.DefaultRequestHeaders.Add("Authorization", "Bearer demo-odoo-key");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _odoo.DisposeAsync();
    }

    [Theory]
    [InlineData("error", 0)]
    [InlineData("errorAfterWork", 1)]
    public async Task Errors_answer_the_status_without_or_after_the_work(string mode, int orders)
    {
        await SetAsync($$"""{"mode":"{{mode}}","status":503,"retryAfter":7}""");
        using var response = await LoadAsync("PO-1");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "7"),
            (response.StatusCode, response.Headers.GetValues("Retry-After").Single()));
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(orders, _odoo.Orders.Count);
    }

    [Theory]
    [InlineData("dropBefore", 0)]
    [InlineData("dropAfterWork", 1)]
    [InlineData("down", 0)]
    public async Task Drops_abort_the_connection_without_or_after_the_work(string mode, int orders)
    {
        await SetAsync($$"""{"mode":"{{mode}}"}""");
        await Assert.ThrowsAsync<HttpRequestException>(() => LoadAsync("PO-1"));
        Assert.Equal(orders, _odoo.Orders.Count);
        await SetAsync("""{"mode":"none"}""");
        using var healed = await LoadAsync("PO-1");
        Assert.Equal(HttpStatusCode.OK, healed.StatusCode);
        Assert.Single(_odoo.Orders);
    }

    [Fact]
    public async Task Latency_waits_before_the_work()
    {
        await SetAsync("""{"mode":"latency","milliseconds":150}""");
        var watch = Stopwatch.StartNew();
        using var response = await LoadAsync("PO-1");
        Assert.True(watch.ElapsedMilliseconds >= 140, $"took {watch.ElapsedMilliseconds} ms");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_count_is_spent_and_a_path_spares_the_others()
    {
        await SetAsync("""{"mode":"error","status":500,"count":2,"path":"sale.order/load"}""");
        using var spared = await _http.GetAsync("/web/version", Cancellation);
        Assert.Equal(HttpStatusCode.OK, spared.StatusCode);
        var statuses = new List<int>();
        for (var i = 0; i < 3; i++)
            using (var response = await LoadAsync("PO-1"))
                statuses.Add((int)response.StatusCode);
        Assert.Equal([500, 500, 200], statuses);
    }

    [Fact]
    public async Task A_rate_hits_its_share_evenly()
    {
        await SetAsync("""{"mode":"error","rate":0.25}""");
        var statuses = new List<int>();
        for (var i = 0; i < 8; i++)
            using (var response = await _http.GetAsync("/web/version", Cancellation))
                statuses.Add((int)response.StatusCode);
        Assert.Equal([200, 200, 200, 500, 200, 200, 200, 500], statuses);
    }

    [Fact]
    public async Task A_rate_limit_takes_so_many_a_second_and_tells_the_others_when_to_come_again()
    {
        var clock = new FakeTimeProvider();
        await using var odoo = await OdooSimulator.StartAsync(new OdooSimulatorOptions { Clock = clock });
        odoo.Chaos.Set(ChaosRule.Parse(JsonNode.Parse("""{"mode":"error","status":429,"retryAfter":1,"perSecond":2}""")).Rule!);

        var first = await AskAsync();
        clock.Advance(TimeSpan.FromMilliseconds(600));
        string[] beyond = [await AskAsync(), await AskAsync()];
        clock.Advance(TimeSpan.FromMilliseconds(400));
        string[] later = [await AskAsync(), await AskAsync()];
        clock.Advance(TimeSpan.FromMilliseconds(600));

        Assert.Equal(["200", "200", "429 1", "200", "429 1", "200"], [first, .. beyond, .. later, await AskAsync()]);
        Assert.Equal(2, odoo.Chaos.Hits);

        async Task<string> AskAsync()
        {
            using var answer = await _http.GetAsync(new Uri(odoo.Url, "web/version"), Cancellation);
            return $"{(int)answer.StatusCode} {answer.Headers.RetryAfter}".TrimEnd();
        }
    }

    [Fact]
    public async Task Held_before_works_on_release_even_if_the_caller_has_gone()
    {
        await SetAsync("""{"mode":"hold"}""");
        using var gone = new CancellationTokenSource();
        var call = _http.PostAsJsonAsync("/json/2/sale.order/load", OdooCaller.Order("PO-1"), gone.Token);
        await UntilAsync(() => _odoo.Chaos.Held == 1);
        Assert.Empty(_odoo.Orders);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await SetAsync("""{"mode":"none"}""");
        await UntilAsync(() => _odoo.Orders.Count == 1);
    }

    [Fact]
    public async Task Held_after_has_worked_and_answers_on_release()
    {
        await SetAsync("""{"mode":"holdAfter"}""");
        var call = LoadAsync("PO-1");
        await UntilAsync(() => _odoo.Chaos.Held == 1);
        Assert.Single(_odoo.Orders);
        Assert.False(call.IsCompleted);
        await SetAsync("""{"mode":"none"}""");
        using var response = await call;
        Assert.StartsWith("""{"ids":[1]""", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Held_requests_are_lost_when_the_server_goes_down()
    {
        await SetAsync("""{"mode":"holdBefore"}""");
        var call = LoadAsync("PO-1");
        await UntilAsync(() => _odoo.Chaos.Held == 1);
        await SetAsync("""{"mode":"down"}""");
        await Assert.ThrowsAsync<HttpRequestException>(() => call);
        Assert.Empty(_odoo.Orders);
    }

    [Fact]
    public async Task State_tells_orders_calls_and_the_rule()
    {
        using var loaded = await LoadAsync("PO-1");
        await SetAsync("""{"mode":"latency","milliseconds":5,"path":"load"}""");
        var state = await _http.GetFromJsonAsync<JsonObject>("/_state", Cancellation);
        Assert.Equal((1, 1, 1), ((int)state!["orderCount"]!, (int)state["loadCalls"]!, (int)state["requests"]!));
        Assert.Equal("gw.so_PO-1", (string)state["orders"]![0]!["externalId"]!);
        Assert.Equal("latency", (string)state["chaos"]!["mode"]!);
    }

    [Theory]
    [InlineData("""{"mode":"nonsense"}""")]
    [InlineData("""{"mode":"3"}""")]
    [InlineData("""{"mode":"error","status":200}""")]
    [InlineData("""{"mode":"error","rate":2}""")]
    [InlineData("""{"mode":"error","perSecond":0}""")]
    [InlineData("""[]""")]
    [InlineData("""{bad""")]
    public async Task A_rule_that_makes_no_sense_is_refused(string rule)
    {
        using var response = await _http.PostAsync("/_chaos", new StringContent(rule), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(ChaosMode.None, Assert.Single(_odoo.Chaos.Rules).Mode);
    }

    [Fact]
    public async Task Of_several_rules_a_request_meets_the_first_that_hits_it()
    {
        await SetAsync("""[{"mode":"error","status":502,"path":"load","count":1},{"mode":"error","status":503,"path":"sale.order"},{"mode":"error","status":429,"rate":0.5}]""");

        HttpStatusCode[] loads = [await StatusAsync("sale.order/load"), await StatusAsync("sale.order/load")];
        HttpStatusCode[] others = [await StatusAsync("res.partner/search"), await StatusAsync("res.partner/search"), await StatusAsync("res.partner/search")];

        Assert.Equal([HttpStatusCode.BadGateway, HttpStatusCode.ServiceUnavailable], loads);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], others);
        Assert.Equal([1, 1, 1], _odoo.Chaos.HitsOfEach);
        Assert.Equal(3, (await _http.GetFromJsonAsync<JsonObject>("/_state", Cancellation))!["chaos"]!.AsArray().Count);
        await SetAsync("""{"mode":"none"}""");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("res.partner/search"));
    }

    [Theory]
    [InlineData("""{"params":{"service":"object","method":"execute_kw","args":["demo",2,"demo-odoo-key","res.partner","search",[],{"domain":[]}]}}""", 503)]
    [InlineData("""{"params":{"service":"object","method":"execute_kw","args":["demo",2,"demo-odoo-key","res.partner","search_count",[],{"domain":[]}]}}""", 502)]
    [InlineData("""{"params":{"service":"common","method":"version","args":[]}}""", 200)]
    [InlineData("no JSON", 400)]
    public async Task A_call_over_JSON_RPC_is_hit_by_its_model_and_method(string call, int status)
    {
        await SetAsync("""[{"mode":"error","status":502,"path":"/res.partner/search_count"},{"mode":"error","status":503,"path":"/res.partner/search"}]""");

        using var answer = await _http.PostAsync("/jsonrpc", new StringContent(call, System.Text.Encoding.UTF8, "application/json"), Cancellation);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    private async Task<HttpStatusCode> StatusAsync(string call)
    {
        using var answer = await _http.PostAsJsonAsync($"/json/2/{call}", new JsonObject { ["domain"] = new JsonArray() }, Cancellation);
        return answer.StatusCode;
    }

    private async Task SetAsync(string rule)
    {
        using var response = await _http.PostAsync("/_chaos", new StringContent(rule), Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private Task<HttpResponseMessage> LoadAsync(string reference) =>
        _http.PostAsJsonAsync("/json/2/sale.order/load", OdooCaller.Order(reference), Cancellation);

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; i < 200 && !holds(); i++)
            await Task.Delay(20, Cancellation);
        Assert.True(holds());
    }
}
