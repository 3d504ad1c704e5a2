using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.Admin;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>A call whose outcome nobody but an operator can find out: it is never made a second time, and never forgotten, until one decides.</summary>
public sealed class UndecidedTests
{
    private static readonly string Body = Orders.Body("PO-1");
    private static readonly string Operator = Desk.TokenOf("olaf");

    public static TheoryData<OperationStatus> Cuts => [OperationStatus.Unknown, OperationStatus.TimedOut, OperationStatus.Unusable];

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task What_was_cut_off_and_cant_be_read_back_stays_unknown_whatever_comes(OperationStatus cut)
    {
        await using var world = await Blind.StartAsync(call => new OperationResult(cut));
        Assert.InRange((await world.SendAsync("k-1", Body)).Status, 502, 504);

        await world.AssertUndecidedAsync();
        world.Clock.Advance(TimeSpan.FromDays(40));
        await world.AssertUndecidedAsync();
        // Recovery has looked by now, several times.
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        await world.AssertUndecidedAsync();

        Assert.Equal((1, 0), (world.Ledger.Calls.Count, world.Ledger.ReadBacks));
        Assert.Equal((422, "idempotency-key-reused", false), (await world.SendAsync("k-1", Orders.Body("PO-2"))).Kind());
    }

    [Fact]
    public async Task An_exception_after_the_dispatch_releases_nothing()
    {
        await using var world = await Blind.StartAsync(call => throw new InvalidOperationException("a bug of the adapter"));
        Assert.Equal((500, "internal", false), (await world.SendAsync("k-1", Body)).Kind());
        world.Clock.Advance(TimeSpan.FromHours(1));

        await world.AssertUndecidedAsync();

        Assert.Single(world.Ledger.Calls);
    }

    [Fact]
    public async Task Where_the_backend_can_be_asked_an_exception_after_the_dispatch_is_settled_by_it()
    {
        await using var world = await Blind.StartAsync(call => throw new InvalidOperationException("a bug of the adapter"), readsBack: true);
        world.Ledger.Find = () => LedgerAdapter.DoneAs("L-7")(new OperationCall(default, new Partner("acme", "Acme")) { ExternalId = "x" });
        Assert.Equal((500, "internal", false), (await world.SendAsync("k-1", Body)).Kind());

        var again = await world.SendAsync("k-1", Body);

        Assert.Equal((201, "", true), again.Kind());
        Assert.Contains("L-7", again.Body, StringComparison.Ordinal);
        Assert.Single(world.Ledger.Calls);
    }

    [Fact]
    public async Task What_is_done_answers_as_the_operator_says_and_is_recorded_with_it()
    {
        await using var world = await Blind.StartUndecidedAsync();
        var id = (string)(await world.IntentAsync())["id"]!;

        var told = await world.SettleAsync(id, """{"outcome":"done","reference":"L-42","answer":{"number":"L-42","total":1.10},"reason":"it is in the ledger"}""");

        Assert.Equal((200, "succeeded"), (told.Status, told.Text("state")));
        var replayed = await world.SendAsync("k-1", Body);
        Assert.Equal(((201, "", true), """{"number":"L-42","total":1.10}"""), (replayed.Kind(), replayed.Body));
        var location = replayed.Header("Location");
        Assert.Matches("^/orders/ord_[a-z0-9]+$", location);
        var known = await world.SendAsync("k-2", Body);
        Assert.Equal(((200, "", false), location), (known.Kind(), known.Header("Location")));
        Assert.Contains(location.Split('/')[^1], known.Body, StringComparison.Ordinal);
        Assert.Equal((200, "", true), (await world.SendAsync("k-2", Body)).Kind());
        Assert.Equal((409, "reference-conflict", false), (await world.SendAsync("k-3", Orders.Body("PO-1", quantity: 4))).Kind());
        Assert.Equal("L-42", (await world.Store.FindObjectAsync("acme", "order", location.Split('/')[^1], TestContext.Current.CancellationToken))!.Reference);
        Assert.Single(world.Ledger.Calls);

        var record = Assert.Single(JsonNode.Parse(await world.AuditOfAsync(told))!.AsArray())!.ToJsonString();
        Assert.All((string[])["intents.settle", "olaf", id, "it is in the ledger", "open", "succeeded", "L-42"], word => Assert.Contains(word, record, StringComparison.Ordinal));
        Assert.Empty(JsonNode.Parse((await world.AskAsync("GET", "/intents")).Body)!.AsArray());
    }

    [Fact]
    public async Task What_the_backend_would_never_name_an_object_is_no_reference()
    {
        await using var world = await Blind.StartUndecidedAsync();

        var told = await world.SettleAsync((string)(await world.IntentAsync())["id"]!, """{"outcome":"done","reference":"S00042","reason":"it is there"}""");

        Assert.Equal((409, "/problems/wrong-state"), (told.Status, told.Text("type")));
        Assert.Contains("a number that begins with L-", told.Text("detail"), StringComparison.Ordinal);
        Assert.Contains("reference-malformed", await world.AuditOfAsync(told), StringComparison.Ordinal);
        await world.AssertUndecidedAsync();
    }

    [Theory]
    [InlineData(true, "reference-other")]
    [InlineData(false, "reference-unknown")]
    public async Task A_backend_that_can_be_asked_has_to_agree(bool knows, string reason)
    {
        // Recovery does not come first: it sees no intents.
        await using var world = await Blind.StartAsync(call => new OperationResult(OperationStatus.Unknown), readsBack: true, aroundStore: inner =>
        {
            var away = AwayStore.Around(inner);
            away.Away = call => call == nameof(IStore.AbandonedAsync);
            return away.Store;
        });
        await world.SendAsync("k-1", Body);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var id = (string)(await world.IntentAsync())["id"]!;
        world.Ledger.Find = () => knows ? LedgerAdapter.DoneAs("L-7")(new OperationCall(default, new Partner("acme", "Acme"))) : new OperationResult(OperationStatus.NotFound);

        var told = await world.SettleAsync(id, """{"outcome":"done","reference":"L-42","reason":"it is there"}""");

        Assert.Equal((409, "/problems/wrong-state"), (told.Status, told.Text("type")));
        Assert.Contains(reason, await world.AuditOfAsync(told), StringComparison.Ordinal);
        // Once for the caller whose call was cut off, once for the operator.
        Assert.Equal(2, world.Ledger.ReadBacks);
        Assert.Equal("open", (string?)(await world.IntentAsync())["state"]);
    }

    [Fact]
    public async Task What_is_done_without_an_answer_answers_with_its_id()
    {
        await using var world = await Blind.StartUndecidedAsync();
        var id = (string)(await world.IntentAsync())["id"]!;

        Assert.Equal(200, (await world.SettleAsync(id, """{"outcome":"done","reference":"L-42","reason":"it is there"}""")).Status);

        var replayed = await world.SendAsync("k-1", Body);
        Assert.Equal(((201, "", true), replayed.Header("Location").Split('/')[^1]), (replayed.Kind(), (string?)replayed.Json()["id"]));
    }

    [Fact]
    public async Task What_is_not_done_frees_key_and_reference()
    {
        await using var world = await Blind.StartUndecidedAsync();
        world.Ledger.Act = LedgerAdapter.DoneAs("L-2");
        var id = (string)(await world.IntentAsync())["id"]!;

        var told = await world.SettleAsync(id, """{"outcome":"not-done","reason":"it is not in the ledger"}""");

        Assert.Equal((200, "notDone"), (told.Status, told.Text("state")));
        Assert.Equal((201, "", false), (await world.SendAsync("k-1", Body)).Kind());
        Assert.Equal((201, "", true), (await world.SendAsync("k-1", Body)).Kind());
        Assert.Equal(2, world.Ledger.Calls.Count);
        Assert.Contains("notDone", await world.AuditOfAsync(told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operators_see_what_waits_for_them_and_what_it_is_about()
    {
        await using var world = await Blind.StartUndecidedAsync();

        var intent = await world.IntentAsync();
        var whole = JsonNode.Parse((await world.AskAsync("GET", "/intents/" + intent["id"])).Body)!;

        Assert.Equal(("open", "an operator", "odoo/order.create", "k-1"), ((string?)intent["state"], (string?)intent["waitsFor"], (string?)intent["operation"], (string?)intent["key"]));
        Assert.Null(intent["request"]);
        Assert.Equal("PO-1", (string?)whole["request"]!["client_order_ref"]);
        Assert.Equal(403, (await world.AskAsync("GET", "/intents/" + intent["id"], Desk.TokenOf("vera"))).Status);
        Assert.Equal(404, (await world.AskAsync("GET", "/intents/int_none")).Status);
    }

    [Fact]
    public async Task A_call_that_may_be_running_is_not_decided_about()
    {
        await using var world = await Blind.StartAsync(call => new OperationResult(OperationStatus.Unknown));
        await world.SendAsync("k-1", Body);
        var id = (string)(await world.IntentAsync())["id"]!;

        foreach (var decision in (string[])["""{"outcome":"not-done","reason":"too soon"}""", """{"outcome":"done","reference":"L-1","reason":"too soon"}"""])
        {
            var told = await world.SettleAsync(id, decision);
            Assert.Equal((409, "/problems/wrong-state"), (told.Status, told.Text("type")));
            Assert.Contains("intent-running", await world.AuditOfAsync(told), StringComparison.Ordinal);
        }
        await world.AssertUndecidedAsync();
    }

    [Theory]
    [InlineData("""{"reason":"r"}""")]
    [InlineData("""{"outcome":"maybe","reason":"r"}""")]
    [InlineData("""{"outcome":"done","reason":"r"}""")]
    [InlineData("""{"outcome":"done","reference":"","reason":"r"}""")]
    [InlineData("""{"outcome":"done","reference":7,"reason":"r"}""")]
    [InlineData("""{"outcome":"done","reference":"L-1","answer":"text","reason":"r"}""")]
    [InlineData("""{"outcome":"done","refrence":"L-1","reference":"L-1","reason":"r"}""")]
    [InlineData("""{"outcome":"not-done","reference":"L-1","reason":"r"}""")]
    [InlineData("""{"outcome":"not-done","answer":{},"reason":"r"}""")]
    [InlineData("""{"outcome":"not-done"}""")]
    public async Task A_decision_that_is_malformed_decides_nothing(string decision)
    {
        await using var world = await Blind.StartUndecidedAsync();

        var told = await world.SettleAsync((string)(await world.IntentAsync())["id"]!, decision);

        Assert.Equal(400, told.Status);
        await world.AssertUndecidedAsync();
    }

    [Fact]
    public async Task Of_many_who_decide_at_once_one_decides()
    {
        await using var world = await Blind.StartUndecidedAsync();
        var id = (string)(await world.IntentAsync())["id"]!;

        var told = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => world.SettleAsync(id, i % 2 == 0
            ? """{"outcome":"not-done","reason":"it is not there"}"""
            : """{"outcome":"done","reference":"L-1","reason":"it is there"}""")));

        Assert.Single(told, t => t.Status == 200);
        Assert.All(told.Where(t => t.Status != 200), t => Assert.Equal(409, t.Status));
    }

    /// <summary>A gateway before a backend that can't tell what it did, with operators and a clock that tests move.</summary>
    private sealed class Blind : IAsyncDisposable
    {
        private readonly KindWorld _world;
        private readonly HttpClient _admin;

        private Blind(KindWorld world, LedgerAdapter ledger, MovedClock clock)
        {
            (_world, Ledger, Clock) = (world, ledger, clock);
            _admin = new HttpClient { BaseAddress = world.AdminUrl };
        }

        public LedgerAdapter Ledger { get; }

        public MovedClock Clock { get; }

        public IStore Store => _world.Gateway.Services.GetRequiredService<IStore>();

        public static async Task<Blind> StartAsync(Func<OperationCall, OperationResult> act, bool readsBack = false, Func<IStore, IStore>? aroundStore = null)
        {
            var (ledger, clock) = (new LedgerAdapter(readsBack) { Act = act }, new MovedClock());
            var world = await KindWorld.StartAsync(
                [Orders.Routes, new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = Desk.Operators }], clock: clock, adapters: ledger.With, aroundStore: aroundStore);
            return new Blind(world, ledger, clock);
        }

        /// <summary>One order was cut off, and is over.</summary>
        public static async Task<Blind> StartUndecidedAsync()
        {
            var world = await StartAsync(call => new OperationResult(OperationStatus.Unknown));
            await world.SendAsync("k-1", Body);
            world.Clock.Advance(TimeSpan.FromMinutes(1));
            return world;
        }

        public Task<Answered> SendAsync(string key, string body) => _world.SendAsync(key, body);

        public Task<Told> AskAsync(string method, string path, string? token = null, string? body = null) => Desk.AskAsync(_admin, method, path, token ?? Operator, body);

        public Task<Told> SettleAsync(string id, string decision) => AskAsync("POST", $"/intents/{id}/settle", body: decision);

        /// <summary>The one that is open.</summary>
        public async Task<JsonNode> IntentAsync() => Assert.Single(JsonNode.Parse((await AskAsync("GET", "/intents")).Body)!.AsArray())!;

        public async Task<string> AuditOfAsync(Told told) => (await AskAsync("GET", "/audit?correlationId=" + told.Header("X-Correlation-Id"))).Body;

        /// <summary>Neither the key nor another for the same reference gets anything but patience.</summary>
        public async Task AssertUndecidedAsync()
        {
            foreach (var key in (string[])["k-1", "k-9"])
            {
                var answer = await SendAsync(key, Body);
                Assert.Equal((409, "outcome-unknown", false), answer.Kind());
                Assert.Equal(60, answer.RetryAfter());
            }
        }

        public async ValueTask DisposeAsync()
        {
            _admin.Dispose();
            await _world.DisposeAsync();
        }
    }
}
