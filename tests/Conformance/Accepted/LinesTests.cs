using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.Idempotency;
using Xunit;

namespace Gateway.Tests.Conformance.Accepted;

/// <summary>What keeps one of the accepted keeps that one, and what keeps its backend keeps them all.</summary>
public sealed class LinesTests
{
    private const string NoWarehouse = "company 1 has no warehouse 'WHX'";

    private static readonly OperationResult Own = new(OperationStatus.NotSent) { Reason = NoWarehouse };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_cannot_be_sent_for_a_reason_of_its_own_waits_by_itself_and_the_others_go_on()
    {
        var mended = false;
        await using var world = await AcceptedWorld.StartAsync();
        var bad = await world.SendAsync("k-1", Orders.Body("PO-1"));
        world.Ledger.Act = call => ReferenceOf(call) == "PO-1" && !Volatile.Read(ref mended) ? Own : LedgerAdapter.DoneAs("L-1")(call);
        foreach (var i in Enumerable.Range(2, 3)) await world.UntilForwardedAsync((await world.SendAsync($"k-{i}", Orders.Body($"PO-{i}"))).Header("Location"));

        await world.UntilAsync(async () => (await world.IntentsAsync("waiting")) is [{ } held] && (string?)held["why"] == NoWarehouse, "it waits with its reason");
        var line = JsonNode.Parse((await world.AskAsync("GET", "/intents/lines")).Body)![0]!;
        Assert.Equal((1, 1, 0, 0), ((int)line["waiting"]!, (int)line["byItself"]!, (int)line["parked"]!, line["troubles"]!.AsArray().Count));
        Assert.Equal("received", (string?)(await world.ReadAsync(bad.Header("Location"))).Json()["orderStatusCode"]);
        // It is tried again by itself.
        Volatile.Write(ref mended, true);
        await world.UntilForwardedAsync(bad.Header("Location"));
        Assert.DoesNotContain("rejected", await world.EventsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_that_cannot_be_sent_do_not_keep_the_one_behind_them()
    {
        await using var world = await AcceptedWorld.StartAsync();
        for (var i = 0; i < 24; i++) Assert.Equal(202, (await world.SendAsync($"k-{i}", Orders.Body($"PO-{i}"))).Status);
        world.Ledger.Act = call => ReferenceOf(call) == "PO-last" ? LedgerAdapter.DoneAs("L-1")(call) : Own;

        await world.UntilForwardedAsync((await world.SendAsync("k-last", Orders.Body("PO-last"))).Header("Location"));

        // One of them may be tried again just now: that one is under way.
        await world.UntilAsync(async () => (await world.IntentsAsync("waiting")).Count == 24, "all the others wait");
    }

    [Fact]
    public async Task What_says_that_its_backend_is_away_while_others_pass_waits_by_itself()
    {
        await using var world = await AcceptedWorld.StartAsync();
        await world.SendAsync("k-1", Orders.Body("PO-1"));
        world.Ledger.Act = call => ReferenceOf(call) == "PO-1" ? AcceptedWorld.Down : LedgerAdapter.DoneAs("L-1")(call);

        foreach (var i in Enumerable.Range(2, 5)) await world.UntilForwardedAsync((await world.SendAsync($"k-{i}", Orders.Body($"PO-{i}"))).Header("Location"));

        await world.UntilAsync(async () => (await world.IntentsAsync("waiting")) is [{ } held] && (string?)held["why"] == "down", "it waits with its reason");
    }

    [Fact]
    public async Task While_its_backend_is_away_an_operator_sees_since_when_and_why_and_nothing_waits_by_itself()
    {
        await using var world = await AcceptedWorld.StartAsync();
        foreach (var i in Enumerable.Range(1, 3)) await world.SendAsync($"k-{i}", Orders.Body($"PO-{i}"));

        await world.UntilAsync(async () => JsonNode.Parse((await world.AskAsync("GET", "/intents/lines")).Body)![0]!["troubles"] is JsonArray { Count: 1 }, "the trouble is told");
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await Task.Delay(1200, Cancellation);

        var line = JsonNode.Parse((await world.AskAsync("GET", "/intents/lines")).Body)![0]!;
        Assert.Equal((3, 0, "down"), ((int)line["waiting"]!, (int)line["byItself"]!, (string?)line["troubles"]![0]!["reason"]));
    }

    /// <summary>As when the gateway stops between the two looks, or the machine's clock is set back.</summary>
    [Fact]
    public async Task Workers_who_end_as_soon_as_they_begin_are_not_begun_for_ever()
    {
        await using var world = await AcceptedWorld.StartAsync();
        await world.SendAsync("k-1", Orders.Body("PO-1"));
        var clock = new ClockThatIsSetBack(TimeSpan.FromMinutes(10));
        var line = world.Line(clock);
        line.Rest.Down(clock.Earlier, null, "down", null);

        await Task.Run(() => line.RunAsync(Cancellation), Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        Assert.True(clock.IsSetBack);
    }

    [Fact]
    public async Task What_waits_by_itself_holds_its_buyers_and_no_others()
    {
        var sent = new ConcurrentQueue<string>();
        var mended = false;
        await using var world = await AcceptedWorld.StartAsync();
        Assert.Equal(202, (await world.SendAsync("k-1", Orders.Body("PO-1"), "/lane")).Status);
        Assert.Equal(202, (await world.SendAsync("k-2", Orders.Body("PO-2"), "/lane")).Status);
        world.Ledger.Act = call =>
        {
            if (ReferenceOf(call) == "PO-1" && !Volatile.Read(ref mended)) return Own;
            sent.Enqueue(ReferenceOf(call));
            return LedgerAdapter.DoneAs("L-1")(call);
        };
        await world.UntilForwardedAsync((await world.SendAsync("k-3", Orders.Body("PO-3"))).Header("Location"));
        Assert.Equal(["PO-3"], sent);

        Volatile.Write(ref mended, true);
        await world.UntilAsync(() => Task.FromResult(sent.Count == 3), "all are sent");

        Assert.Equal(["PO-3", "PO-1", "PO-2"], sent);
    }

    [Fact]
    public async Task A_call_that_only_it_keeps_from_being_sent_is_not_accepted()
    {
        await using var world = await AcceptedWorld.StartAsync(_ => Own);

        Assert.Equal((503, "backend-unavailable", false), (await world.SendAsync("k-1", Orders.Body("PO-1"), "/called")).Kind());

        Assert.Equal("", await world.EventsAsync());
        Assert.Empty(await world.IntentsAsync("waiting"));
    }

    [Fact]
    public async Task What_was_mapped_wrongly_waits_for_an_operator_and_is_sent_as_the_mended_mapping_says()
    {
        await using var world = await AcceptedWorld.StartAsync(
            call => call.Input.TryGetProperty("note_of_nobody", out _) ? new OperationResult(OperationStatus.Malformed) { Reason = "unknown member 'note_of_nobody'" } : LedgerAdapter.DoneAs("L-1")(call), reload: true);
        var received = await world.SendAsync("k-1", Orders.Body("PO-1"), "/mapped");
        Assert.Equal(202, received.Status);

        await world.UntilAsync(async () => (await world.IntentsAsync("waiting")) is [{ } held] && (string?)held["why"] == "unknown member 'note_of_nobody'", "it waits with its reason");
        Assert.Equal("received", (string?)(await world.ReadAsync(received.Header("Location"))).Json()["orderStatusCode"]);
        await world.ChangeAsync("transforms/made/order.jsonata", text => text.Replace("note_of_nobody", "note", StringComparison.Ordinal));
        var id = (string)(await world.IntentsAsync("all"))[0]!["id"]!;
        await world.AskAsync("POST", $"/intents/{id}/retry", """{"reason":"the mapping is mended"}""");
        await world.UntilForwardedAsync(received.Header("Location"));

        Assert.Equal("order.received.v1,order.accepted.v1", await world.EventsAsync());
        Assert.Contains("\"note\"", Text((await world.Store.FindIntentAsync(id, Cancellation))!.Input), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whose_turn_comes_at_a_full_gate_is_whoever_is_most_urgent_by_then()
    {
        using var free = new SemaphoreSlim(0);
        var sent = new ConcurrentQueue<string>();
        await using var world = await AcceptedWorld.StartAsync(call =>
        {
            sent.Enqueue(ReferenceOf(call));
            free.Wait(TimeSpan.FromMinutes(1));
            return LedgerAdapter.DoneAs("L-1")(call);
        }, limits: "limits: { concurrent: 1, wait: 1s }");
        await world.SendAsync("k-1", Orders.Body("PO-1"));
        await world.UntilAsync(() => Task.FromResult(sent.Count == 1), "the first is under way");
        await world.SendAsync("k-2", Orders.Body("PO-2"));
        // The second waits longer than the patience of callers, and the third comes meanwhile.
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        await world.SendAsync("k-3", Orders.Body("PO-3")[..^1] + ",\"wanted\":\"2026-12-01\"}");

        free.Release(3);
        await world.UntilAsync(async () => (await world.IntentsAsync("succeeded")).Count == 3, "all are sent");

        Assert.Equal(["PO-1", "PO-3", "PO-2"], sent);
        // Each was opened once and closed: none was taken out of the line and put back.
        Assert.All(await world.Store.IntentsAsync(IntentState.Succeeded, 9, Cancellation), i => Assert.Equal(2, i.Version));
    }

    [Fact]
    public async Task What_waited_drains_at_the_pace_that_the_backend_declares_most_urgent_first()
    {
        const int Days = 8;
        using var free = new SemaphoreSlim(0);
        AcceptedWorld? running = null;
        var sent = new ConcurrentQueue<(string Reference, DateTimeOffset At)>();
        await using var world = await AcceptedWorld.StartAsync(call =>
        {
            sent.Enqueue((ReferenceOf(call), running!.Clock.GetUtcNow()));
            free.Wait(TimeSpan.FromMinutes(1));
            return LedgerAdapter.DoneAs("L-1")(call);
        }, limits: "limits: { perSecond: 4, concurrent: 1 }");
        running = world;
        await world.SendAsync("k-0", Orders.Body("PO-0"));
        await world.UntilAsync(() => Task.FromResult(sent.Count == 1), "the first is under way");
        // The later it comes, the more urgent it is.
        foreach (var day in Enumerable.Range(1, Days).Reverse()) await world.SendAsync($"k-{day}", Orders.Body($"PO-{day}")[..^1] + $",\"wanted\":\"2026-12-{day:00}\"}}");

        free.Release(Days + 1);
        for (var tries = 0; tries < 3000 && sent.Count <= Days; tries++) await Task.Delay(20, Cancellation);

        Assert.Equal(Enumerable.Range(0, Days + 1).Select(i => $"PO-{i}"), sent.Select(s => s.Reference));
        var pauses = sent.Skip(1).Zip(sent.Skip(2), (one, next) => next.At - one.At).ToList();
        // Four a second. One may be told late, on a machine that has other work, and the next is in time.
        Assert.True(pauses.Aggregate(TimeSpan.Zero, (sum, pause) => sum + pause) >= TimeSpan.FromSeconds((Days - 1.5) / 4), string.Join(' ', pauses));
    }

    private static string ReferenceOf(OperationCall call) => call.Input.GetProperty("client_order_ref").GetString()!;

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);

    /// <summary>It is read once before it is set back.</summary>
    private sealed class ClockThatIsSetBack(TimeSpan by) : TimeProvider
    {
        private int _reads;

        public DateTimeOffset Earlier { get; } = System.GetUtcNow();

        public bool IsSetBack => Volatile.Read(ref _reads) > 1;

        public override DateTimeOffset GetUtcNow() => Interlocked.Increment(ref _reads) == 1 ? Earlier + by : Earlier;
    }
}
