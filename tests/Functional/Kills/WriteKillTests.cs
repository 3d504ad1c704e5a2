using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>
/// <c>kill -9</c> of a real gateway process exactly at each write on the road of a webhook, and of what operators do about it: nothing is lost, what comes twice has one
/// <c>webhook-id</c>, and no act is done twice or told twice by the audit.
/// </summary>
public sealed class WriteKillTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Killed_behind_each_write_on_the_road_of_a_webhook_with_its_answer_lost_nothing_is_lost_or_doubled() => RoadAsync(WriteSide.Behind);

    [Fact(Explicit = true)]
    [Trait("group", "soak")]
    public Task Killed_before_each_write_on_the_road_of_a_webhook_nothing_is_lost_or_doubled() => RoadAsync(WriteSide.Before);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [InlineData(nameof(WriteSide.Before))]
    [InlineData(nameof(WriteSide.Behind))]
    public Task Killed_at_each_write_of_what_operators_do_it_is_done_once_and_told_once(string side) => ActsAsync(Enum.Parse<WriteSide>(side));

    /// <summary>From the log to the endpoint: deliveries are made of an event, one is claimed, what became of its attempt is stored, and an endpoint that asks not to be called again is disabled.</summary>
    private static async Task RoadAsync(WriteSide side)
    {
        var (engine, tap) = await StateEngines.TappedAsync();
        await using var _ = tap;
        await using var world = await KillWorld.StartAsync(engine, change: Changed);
        var cuts = new Cuts(world, tap, side);
        foreach (var (statement, reference) in ((string, string)[])[("INSERT INTO deliveries", "PO-fan-out"), ("UPDATE deliveries SET next_at = ", "PO-claim"), ("INSERT INTO attempts", "PO-result")])
        {
            await cuts.OrderAtAsync(statement, reference);
            await cuts.ArrivedAsync(reference);
        }
        await cuts.AnswerAsync(410);
        await cuts.OrderAtAsync("(INSERT INTO|UPDATE) endpoints", "PO-gone");
        await cuts.DisabledAsync();
        await cuts.AnswerAsync(204, 0);
        Assert.Equal(200, (await world.ActAsync("/webhooks/acme/orders/enable", new { reason = "it is back" })).Status);
        Assert.Equal(200, (await world.ActAsync("/webhooks/acme/orders/replay", new { since = "1h", reason = "it was gone" })).Status);
        await cuts.ArrivedAsync("PO-gone");
        await cuts.AssertNothingDoubledAsync(orders: 4);
    }

    /// <summary>What operators decide about an endpoint and about dead letters; and the log, which is erased without them.</summary>
    private static async Task ActsAsync(WriteSide side)
    {
        var (engine, tap) = await StateEngines.TappedAsync();
        await using var _ = tap;
        await using var world = await KillWorld.StartAsync(engine, change: Changed);
        var cuts = new Cuts(world, tap, side);
        await cuts.MakeAsync("PO-first");
        await cuts.ArrivedAsync("PO-first");
        await cuts.AnswerAsync(410);
        await cuts.MakeAsync("PO-gone");
        await cuts.DisabledAsync();
        await cuts.AnswerAsync(204, 0);
        await cuts.ActAsync("(INSERT INTO|UPDATE) endpoints", "endpoints.enable", "/webhooks/acme/orders/enable");
        Assert.Null((await cuts.EndpointAsync())["disabledAt"]);
        await cuts.ActAsync("UPDATE deliveries SET state = 0, next_at = .*, round_from", "endpoints.replay", "/webhooks/acme/orders/replay", new { since = "1h", reason = "it was gone" });
        await cuts.ArrivedAsync("PO-gone");

        var retried = await cuts.DieAsync("PO-retry");
        await cuts.ActAsync("UPDATE deliveries u SET state = 0", "deadletters.retry", $"/deadletters/{retried}/retry");
        await cuts.ArrivedAsync("PO-retry");
        var skipped = await cuts.DieAsync("PO-skip");
        await cuts.ActAsync("UPDATE deliveries u SET state = 3", "deadletters.skip", $"/deadletters/{skipped}/skip");
        Assert.Equal("skipped", (string?)(await world.LookAsync($"/deadletters/{skipped}"))["state"]);
        var edited = await cuts.DieAsync("PO-edit");
        await cuts.ActAsync("INSERT INTO edits", "deadletters.edit", $"/deadletters/{edited}/edit", new { data = new { customerReference = "PO-edited" }, reason = "a slip" });
        await cuts.ArrivedAsync("PO-edited");
        Assert.Empty((await world.LookAsync("/deadletters?partner=acme"))["letters"]!.AsArray());

        await AssertErasedAsync(world, cuts);
        await cuts.AssertNothingDoubledAsync(orders: 6);
    }

    /// <summary>Four attempts for each webhook, and time for everything: what is to stop a gateway here is the kill alone.</summary>
    private static string Changed(string overlay) => Regex.Replace(overlay, @"retry: \[[^\]]*\]", "timeout: 5s, retry: [200ms, 500ms, 1s]")
        .Replace("timeout: 2s", "timeout: 20s", StringComparison.Ordinal).Replace("timeout: 3s", "timeout: 25s", StringComparison.Ordinal);

    /// <summary>The beginning of the log is erased when a gateway starts, up to what the gateway tells itself: whatever it was killed at, positions go on, and what comes then is told.</summary>
    private static async Task AssertErasedAsync(KillWorld world, Cuts cuts)
    {
        var before = await world.EventsAsync();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "events")))
            world.Write("events/" + Path.GetFileName(file), Regex.Replace(await File.ReadAllTextAsync(file, Cancellation), "retention: [0-9]+d", "retention: 1m"));
        // Nobody keeps it for less.
        if (DateTimeOffset.Parse((string)before[0]["time"]!, System.Globalization.CultureInfo.InvariantCulture).AddSeconds(61) - TimeProvider.System.GetUtcNow() is { Ticks: > 0 } rest) await Task.Delay(rest, Cancellation);
        await world.Gateway.KillAsync();
        await cuts.AtAsync("DELETE FROM events", world.RestartAsync);
        var left = await Until.Found(async () => await world.EventsAsync() is var all && (long)all[0]["position"]! > (long)before[0]["position"]! ? all : null, "the log to be erased", seconds: 30);
        Assert.Equal(before.Skip(before.Count - left.Count).Select(e => (string?)e["id"]), left.Select(e => (string?)e["id"]));

        await cuts.MakeAsync("PO-later");
        await cuts.ArrivedAsync("PO-later");
        Assert.Equal((long)before[^1]["position"]! + 1, (long)(await world.EventsAsync())[^1]["position"]!);
    }

    /// <summary>A gateway that is killed at one statement after the other, and goes on.</summary>
    private sealed class Cuts(KillWorld world, PostgresqlTap tap, WriteSide side)
    {
        private readonly HttpClient _partner = new();

        /// <summary>Kills the gateway at the next such write, that something leads to, and starts it again.</summary>
        public async Task AtAsync(string statement, Func<Task> leads)
        {
            var reached = tap.StopAt(statement, side);
            var led = leads();
            await Until.True(() => reached.IsCompleted, "a statement like " + statement, seconds: 120);
            await world.Gateway.KillAsync();
            await led.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            tap.GoOn();
            await world.RestartAsync();
        }

        /// <summary>The same while an order is on its way, which its partner sends again when it has got no answer.</summary>
        public async Task OrderAtAsync(string statement, string reference)
        {
            await AtAsync(statement, () => world.OrderAsync(reference, "k-" + reference));
            await MakeAsync(reference);
        }

        /// <summary>An order, asked for until it is there.</summary>
        public Task MakeAsync(string reference) =>
            Until.Found(async () => await world.OrderAsync(reference, "k-" + reference) is { Status: 201 } made ? made : null, "the order " + reference, seconds: 90);

        /// <summary>The same of an act of an operator, who asks again when he has got no answer: it is done once, and told once.</summary>
        public async Task ActAsync(string statement, string action, string path, object? body = null)
        {
            await AtAsync(statement, () => world.ActAsync(path, body ?? new { reason = "a test" }));
            if (side == WriteSide.Before) Assert.Equal(200, (await world.ActAsync(path, body ?? new { reason = "a test" })).Status);
            Assert.Equal(1, (await world.LookAsync("/audit?route=" + action)).AsArray().Count(r => (string?)r!["outcome"] == "done"));
        }

        public async Task AnswerAsync(int status, int count = int.MaxValue)
        {
            using var answer = await _partner.PostAsJsonAsync(new Uri(world.Simulated.Partner, "_answer"), new { status, count }, Cancellation);
            answer.EnsureSuccessStatusCode();
        }

        /// <summary>An order whose webhook is refused as often as it is sent; the id of its delivery.</summary>
        public async Task<string> DieAsync(string reference)
        {
            await AnswerAsync(500);
            await MakeAsync(reference);
            var dead = await Until.Found(async () => (await world.LookAsync("/deadletters?partner=acme"))["letters"]!.AsArray() is [{ } one] ? one : null, "the dead letter of " + reference);
            await AnswerAsync(204, 0);
            return (string)dead["id"]!;
        }

        public Task<string> DisabledAsync() => Until.Found(async () => (await EndpointAsync())["disabledAt"] is not null ? "" : null, "the endpoint to be disabled");

        public async Task<JsonNode> EndpointAsync() => (await world.LookAsync("/webhooks")).AsArray().Single(e => (string?)e!["endpoint"] == "acme/orders")!;

        /// <summary>Waits for webhooks about orders, and for as long as a claim of a gateway that is gone may last.</summary>
        public Task ArrivedAsync(params string[] references) =>
            Until.Found(async () => references.All((await world.Simulated.ReferencesDeliveredAsync()).Contains) ? "" : null, "webhooks about " + string.Join(", ", references), seconds: 120);

        /// <summary>What came came signed, and twice under one id only; each order is in Odoo once; and the chains of the audit are whole.</summary>
        public async Task AssertNothingDoubledAsync(int orders)
        {
            _partner.Dispose();
            var taken = await world.Simulated.TakenAsync();
            Assert.All(taken, w => Assert.True((bool)w["valid"]!));
            Assert.All(taken.GroupBy(w => (string?)JsonNode.Parse((string)w["body"]!)!["id"]), same => Assert.Single(same.Select(w => (string?)w["id"]).Distinct()));
            var made = await world.OrdersAsync();
            Assert.Equal(made.Distinct(), made);
            Assert.Equal(orders, made.Count);
            Assert.Empty((await world.LookAsync("/audit/verify"))["findings"]!.AsArray());
        }
    }
}
