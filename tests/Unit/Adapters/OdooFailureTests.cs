using System.Net;
using System.Net.Sockets;
using Gateway.Adapters.Odoo;
using Gateway.Simulators;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Gateway.OperationStatus;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>What a call did when the connection, the clock or the caller fails it.</summary>
public sealed class OdooFailureTests
{
    private const string Load = "sale.order/load";

    [Fact]
    public async Task A_refused_connection_was_not_sent()
    {
        await using var backend = OdooBench.Open(NobodyListens());

        var result = await backend.Operations["order.create"].CallAsync(OdooBench.Call(OdooBench.Order(), "so_1"), TestContext.Current.CancellationToken);

        Assert.Equal(NotSent, result.Status);
        Assert.DoesNotContain("127.0.0.1", result.Detail, StringComparison.Ordinal);
        Assert.Equal(NotSent, (await backend.Operations["order.create"].ReadBackAsync(OdooBench.Call(OdooBench.Order(), "so_1"), TestContext.Current.CancellationToken)).Status);
        Assert.Equal(NotSent, (await backend.Operations["item.read"].CallAsync(
            new OperationCall(OdooBench.Json("""{"sku":"A"}"""), OdooBench.Acme), TestContext.Current.CancellationToken)).Status);
    }

    [Theory]
    [InlineData("42", true)]
    [InlineData("S00042", false)]
    [InlineData("042", false)]
    [InlineData("0", false)]
    [InlineData("-1", false)]
    [InlineData("99999999999", false)]
    [InlineData("", false)]
    public async Task A_reference_is_a_database_id(string reference, bool right)
    {
        await using var backend = OdooBench.Open(NobodyListens());

        var wrong = backend.Operations["order.create"].WrongReference(reference);

        Assert.Equal(right, wrong is null);
        if (!right) Assert.Contains("database id", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_host_was_not_sent()
    {
        await using var backend = OdooBench.Open(new Uri("http://no-such-host.invalid/"));

        var result = await backend.Operations["order.create"].CallAsync(OdooBench.Call(OdooBench.Order(), "so_1"), TestContext.Current.CancellationToken);

        Assert.Equal(NotSent, result.Status);
        Assert.DoesNotContain("invalid", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_the_operators_business()
    {
        await using var bench = await OdooBench.StartAsync(options => options with { Credential = new CredentialOptions { Key = new Secret("secret://demo/x", "wrong-key-1234") } });

        var result = await bench.CreateAsync(OdooBench.Order());

        Assert.Equal(NotSent, result.Status);
        Assert.Contains("credential", result.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-key-1234", result.Reason + result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_was_replaced_in_its_file_is_shown_as_soon_as_Odoo_refuses_the_old_one()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "withdrawn-key", TestContext.Current.CancellationToken);
            // On a clock that stands still the file is looked at by who was refused alone.
            var clock = new FakeTimeProvider();
            await using var bench = await OdooBench.StartAsync(options => options with { Credential = new CredentialOptions { Key = new FileSecret("secret://file/x", file, clock) } });
            Assert.Equal(NotSent, (await bench.CreateAsync(OdooBench.Order())).Status);

            await File.WriteAllTextAsync(file, "demo-odoo-key", TestContext.Current.CancellationToken);

            Assert.Equal(Done, (await bench.CreateAsync(OdooBench.Order())).Status);
            Assert.Single(bench.Odoo.Orders);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_user_without_rights_is_the_operators_business()
    {
        await using var bench = await OdooBench.StartAsync(options => options with { Credential = new CredentialOptions { Key = new Secret("secret://demo/x", "demo-odoo-restricted-key") } });

        Assert.Equal(NotSent, (await bench.CreateAsync(OdooBench.Order())).Status);
        Assert.Empty(bench.Odoo.Orders);
    }

    [Fact]
    public async Task An_answer_lost_after_the_work_is_unknown_and_the_read_back_finds_the_order()
    {
        await using var bench = await OdooBench.StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = Load });

        var result = await bench.CreateAsync(OdooBench.Order());

        Assert.Equal(Unknown, result.Status);
        Assert.Equal(1, bench.Odoo.CallsOf("sale.order", "load"));
        var found = await bench.ReadBackAsync(OdooBench.Order());
        Assert.Equal((Done, "S00001"), (found.Status, Assert.Single(bench.Odoo.Orders).Name));
        Assert.NotNull(found.Reference);
    }

    [Fact]
    public async Task A_connection_lost_before_the_work_is_unknown_and_the_read_back_finds_nothing()
    {
        await using var bench = await OdooBench.StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropBefore) { Path = Load });

        Assert.Equal(Unknown, (await bench.CreateAsync(OdooBench.Order())).Status);
        Assert.Equal(NotFound, (await bench.ReadBackAsync(OdooBench.Order())).Status);
    }

    [Theory]
    [InlineData(502)]
    [InlineData(404)]
    [InlineData(403)]
    public async Task A_proxy_error_after_the_work_is_unknown_and_never_a_second_order(int status)
    {
        await using var bench = await OdooBench.StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.ErrorAfterWork) { Path = Load, Status = status });

        Assert.Equal(Unknown, (await bench.CreateAsync(OdooBench.Order())).Status);
        bench.Odoo.Chaos.Heal();
        Assert.Equal(Done, (await bench.CreateAsync(OdooBench.Order())).Status);
        Assert.Single(bench.Odoo.Orders);
    }

    [Fact]
    public async Task An_order_that_nobody_here_knows_is_what_was_asked_for_or_the_reference_is_taken()
    {
        await using var bench = await OdooBench.StartAsync();
        var (order, other) = (OdooBench.Order(), OdooBench.Order());
        other["lines"]![0]!["product_uom_qty"] = 4;
        Assert.Equal(Done, (await bench.CreateAsync(order)).Status);

        Assert.Equal(Done, (await bench.CreateAsync(order)).Status);
        var taken = await bench.CreateAsync(other);
        Assert.Equal(Taken, taken.Status);
        Assert.Contains("quantity 4 became 3", taken.Reason, StringComparison.Ordinal);
        // What settles an earlier call finds what that call has made, whatever Odoo has made of it.
        var settled = await bench.Backend.Operations["order.create"].CallAsync(OdooBench.Call(other, "so_1") with { GoesFirst = true }, TestContext.Current.CancellationToken);
        Assert.Equal((Done, Done), (settled.Status, (await bench.ReadBackAsync(other)).Status));
        Assert.Equal(1, bench.Odoo.CallsOf("sale.order", "load"));
    }

    [Fact]
    public async Task Who_stood_still_behind_the_look_up_sends_nothing_when_others_may_have_the_work()
    {
        var clock = new PausedClock();
        await using var odoo = await CannedOdoo.StartAsync("res.company/read", async http =>
        {
            clock.Pause(TimeSpan.FromSeconds(46));
            await CannedOdoo.JsonAsync(http, 200, """[{"id":1,"currency_id":[1,"EUR"]}]""");
        });
        await using var backend = OdooBench.Open(odoo.Url, clock: clock);
        var order = OdooBench.Order();
        order["lines"] = new System.Text.Json.Nodes.JsonArray(System.Text.Json.Nodes.JsonNode.Parse("""{ "default_code": "A", "product_uom_qty": 1, "unit_code": "C62", "price_unit": "1.00" }"""));
        order.Remove("warehouse");
        order.Remove("delivery");
        var call = OdooBench.Call(order, "so_1") with { Until = clock.GetUtcNow().AddSeconds(30) };

        var result = await backend.Operations["order.create"].CallAsync(call, TestContext.Current.CancellationToken);

        Assert.True(result.Status == TimedOut, result.Reason);
        Assert.Contains("another node", result.Reason, StringComparison.Ordinal);
        Assert.Contains("res.company/read", odoo.Calls);
        Assert.DoesNotContain(Load, odoo.Calls);
    }

    /// <summary>As a process sees time that was stopped for a while: it is later at once, and its timers have not noticed.</summary>
    private sealed class PausedClock : TimeProvider
    {
        private long _ticks;

        public void Pause(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Volatile.Read(ref _ticks));
    }

    [Fact]
    public async Task An_order_that_was_made_but_cannot_be_read_is_unknown()
    {
        await using var bench = await OdooBench.StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Error) { Path = "sale.order/read", Status = 500 });

        var result = await bench.CreateAsync(OdooBench.Order());

        Assert.Equal(Unknown, result.Status);
        Assert.Contains("exists but could not be read", result.Reason, StringComparison.Ordinal);
        bench.Odoo.Chaos.Heal();
        Assert.Equal(Done, (await bench.ReadBackAsync(OdooBench.Order())).Status);
    }

    [Fact]
    public async Task A_look_up_that_fails_leaves_nothing_behind()
    {
        await using var bench = await OdooBench.StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropBefore) { Path = "product.product" });

        Assert.Equal(NotSent, (await bench.CreateAsync(OdooBench.Order())).Status);
        Assert.Equal(0, bench.Odoo.CallsOf("sale.order", "load"));
    }

    [Fact]
    public async Task A_read_that_fails_once_is_asked_again()
    {
        await using var bench = await OdooBench.StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropBefore) { Path = "product.product", Count = 1 });

        Assert.Equal(Done, (await bench.CallAsync("item.read", """{"sku":"DESK0005"}""")).Status);
        Assert.Equal(1, bench.Odoo.Chaos.Hits);
    }

    [Fact]
    public async Task A_load_without_answer_in_time_is_timed_out_and_may_still_be_carried_out()
    {
        var clock = new FakeTimeProvider();
        await using var bench = await OdooBench.StartAsync(options => options with { Timeout = TimeSpan.FromSeconds(20) }, clock: clock);
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = Load });

        var call = bench.CreateAsync(OdooBench.Order()).AsTask();
        await HeldAsync(bench);
        clock.Advance(TimeSpan.FromSeconds(21));
        var result = await call;

        Assert.Equal(TimedOut, result.Status);
        Assert.Equal(NotFound, (await bench.ReadBackAsync(OdooBench.Order())).Status);
        bench.Odoo.Chaos.Heal();
        while (bench.Odoo.Orders.Count == 0)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        Assert.Equal(Done, (await bench.ReadBackAsync(OdooBench.Order())).Status);
    }

    /// <param name="timeout">Seconds, as they are said; null where they are not.</param>
    [Theory]
    [InlineData(null, null, 20, 60)]
    [InlineData(5, null, 5, 5)]
    [InlineData(5, 40, 5, 40)]
    [InlineData(null, 90, 20, 90)]
    public async Task A_change_has_a_minute_where_nothing_is_said_and_a_read_20_seconds(int? timeout, int? change, int reads, int changes)
    {
        var clock = new FakeTimeProvider();
        await using var bench = await OdooBench.StartAsync(options => Said(options, timeout, change), clock: clock);
        await bench.CallAsync("item.read", """{"sku":"NOPE"}""");

        Assert.Equal(Done, await EndAsync(Load, () => bench.CreateAsync(OdooBench.Order()), changes - 1));
        Assert.Equal(TimedOut, await EndAsync(Load, () => bench.CreateAsync(OdooBench.Order("PO-2"), "so_2"), changes + 1));
        Assert.Equal(Done, await EndAsync("product.product", () => bench.CallAsync("item.read", """{"sku":"DESK0005"}"""), reads - 1));
        Assert.Equal(TimedOut, await EndAsync("product.product", () => bench.CallAsync("item.read", """{"sku":"DESK0005"}"""), reads + 1));

        // Held for so many seconds, and then let go.
        async Task<OperationStatus> EndAsync(string path, Func<ValueTask<OperationResult>> begin, int seconds)
        {
            bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = path, Count = 1 });
            var call = begin().AsTask();
            await HeldAsync(bench);
            clock.Advance(TimeSpan.FromSeconds(seconds));
            bench.Odoo.Chaos.Heal();
            var end = (await call).Status;
            while (bench.Odoo.Chaos.Held > 0) await Task.Delay(5, TestContext.Current.CancellationToken);
            return end;
        }
    }

    [Fact]
    public async Task Reads_and_look_ups_without_answer_in_time_changed_nothing()
    {
        var clock = new FakeTimeProvider();
        await using var bench = await OdooBench.StartAsync(clock: clock);
        await bench.CallAsync("item.read", """{"sku":"NOPE"}""");
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore));

        var read = bench.CallAsync("item.read", """{"sku":"DESK0005"}""").AsTask();
        var create = bench.CreateAsync(OdooBench.Order()).AsTask();
        await HeldAsync(bench, 2);
        clock.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal(TimedOut, (await read).Status);
        Assert.Equal(NotSent, (await create).Status);
    }

    [Fact]
    public async Task A_callers_cancellation_is_thrown_even_in_the_middle_of_the_load()
    {
        await using var bench = await OdooBench.StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = Load });
        using var caller = new CancellationTokenSource();

        var call = bench.CreateAsync(OdooBench.Order(), cancellation: caller.Token).AsTask();
        await HeldAsync(bench);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task The_circuit_opens_on_faults_refuses_with_retry_after_and_closes_again()
    {
        var clock = new FakeTimeProvider();
        await using var bench = await OdooBench.StartAsync(
            options => options with { Resilience = new ResilienceOptions { Retries = 0, Circuit = new CircuitOptions { MinimumCalls = 4 } } }, clock: clock);
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Error) { Status = 503 });
        for (var n = 0; n < 4; n++)
            await ItemAsync(bench);
        bench.Odoo.Chaos.Heal();
        var before = bench.Odoo.Requests;

        var refused = await ItemAsync(bench);

        Assert.Equal((NotSent, before), (refused.Status, bench.Odoo.Requests));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));
        clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(Done, (await ItemAsync(bench)).Status);
        Assert.Equal(Done, (await ItemAsync(bench)).Status);
    }

    [Fact]
    public async Task Refusals_and_our_own_mistakes_never_open_the_circuit()
    {
        await using var odoo = await CannedOdoo.StartAsync((http, _) => CannedOdoo.JsonAsync(http, 500, CannedOdoo.Error("builtins.ValueError", "Invalid field")));
        await using var backend = OdooBench.Open(odoo.Url, options => options with { Resilience = new ResilienceOptions { Circuit = new CircuitOptions { MinimumCalls = 2 } } });

        for (var n = 0; n < 10; n++)
            Assert.Equal(Unusable, (await backend.Operations["item.read"].CallAsync(
                new OperationCall(OdooBench.Json("""{"sku":"A"}"""), OdooBench.Acme), TestContext.Current.CancellationToken)).Status);
        Assert.Equal(10, odoo.Calls.Count);
    }

    private static ValueTask<OperationResult> ItemAsync(OdooBench bench) => bench.CallAsync("item.read", """{"sku":"DESK0005"}""");

    private static async Task HeldAsync(OdooBench bench, int count = 1)
    {
        while (bench.Odoo.Chaos.Held < count)
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    /// <summary>The same backend with the times that are said, and no others.</summary>
    private static OdooOptions Said(OdooOptions like, int? timeout, int? change)
    {
        var silent = new OdooOptions { Adapter = like.Adapter, Url = like.Url, Database = like.Database, Login = like.Login, Credential = like.Credential, Resilience = like.Resilience };
        if (timeout is { } all) silent = silent with { Timeout = TimeSpan.FromSeconds(all) };
        return change is { } some ? silent with { ChangeTimeout = TimeSpan.FromSeconds(some) } : silent;
    }

    private static Uri NobodyListens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }
}
