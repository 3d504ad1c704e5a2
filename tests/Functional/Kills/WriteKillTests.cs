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

    private const string Done = "a test";

    private static readonly WriteBoundary Endpoint = new("(INSERT INTO|UPDATE) endpoints", "INSERT ON endpoints", "UPDATE ON endpoints");

    /// <summary>From the log to the endpoint: an event is appended with its cause, deliveries are made of one, one is claimed, and what became of its attempt is stored.</summary>
    private static readonly (WriteBoundary Boundary, string Reference)[] Road =
    [
        (new("INSERT INTO events", "INSERT ON events"), "PO-append"),
        (new("INSERT INTO deliveries", "INSERT ON deliveries"), "PO-fan-out"),
        // Where one process has the store, nobody else could send it, and nothing is written.
        (new("UPDATE deliveries SET next_at = "), "PO-claim"),
        (new("INSERT INTO attempts", "INSERT ON attempts"), "PO-result"),
    ];

    public static TheoryData<string> Engines => StateEngines.Rows;

    /// <summary>Each engine, and each side of a write.</summary>
    public static TheoryData<string, string> Sides
    {
        get
        {
            var sides = new TheoryData<string, string>();
            foreach (var engine in StateEngines.Names)
                foreach (var side in Enum.GetNames<WriteSide>()) sides.Add(engine, side);
            return sides;
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public Task Killed_behind_each_write_on_the_road_of_a_webhook_with_its_answer_lost_nothing_is_lost_or_doubled(string engine) => RoadAsync(engine, WriteSide.Behind);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(Engines))]
    public Task Killed_before_each_write_on_the_road_of_a_webhook_nothing_is_lost_or_doubled(string engine) => RoadAsync(engine, WriteSide.Before);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(Sides))]
    public Task Killed_at_each_write_of_what_operators_do_it_is_done_once_and_told_once(string engine, string side) => ActsAsync(engine, Enum.Parse<WriteSide>(side));

    /// <summary>The road, and at its end an endpoint that asks not to be called again and is disabled.</summary>
    private static async Task RoadAsync(string engine, WriteSide side)
    {
        await using var cuts = await Cuts.StartAsync(engine, side);
        var road = Road.Where(step => step.Boundary.Triggers.Length > 0 || !StateEngines.IsEmbedded(engine)).ToList();
        foreach (var (boundary, reference) in road)
        {
            await cuts.OrderAtAsync(boundary, reference);
            await cuts.ArrivedAsync(reference);
        }
        await cuts.AnswerAsync(410);
        await cuts.OrderAtAsync(Endpoint, "PO-gone");
        await cuts.DisabledAsync();
        await cuts.AnswerAsync(204, 0);
        Assert.Equal(200, (await cuts.World.ActAsync("/webhooks/acme/orders/enable", new { reason = "it is back" })).Status);
        Assert.Equal(200, (await cuts.World.ActAsync("/webhooks/acme/orders/replay", new { since = "1h", reason = "it was gone" })).Status);
        await cuts.ArrivedAsync("PO-gone");
        await cuts.AssertNothingDoubledAsync(orders: road.Count + 1);
        await Arrivals.AssertAsync(cuts.World, deaths: null);
    }

    /// <summary>What operators decide about an endpoint and about dead letters; and the log, which is erased without them.</summary>
    private static async Task ActsAsync(string engine, WriteSide side)
    {
        await using var cuts = await Cuts.StartAsync(engine, side);
        await cuts.MakeAsync("PO-first");
        await cuts.ArrivedAsync("PO-first");
        await cuts.AnswerAsync(410);
        await cuts.MakeAsync("PO-gone");
        await cuts.DisabledAsync();
        await cuts.AnswerAsync(204, 0);
        await cuts.ActAsync(Endpoint, "endpoints.enable", "/webhooks/acme/orders/enable");
        Assert.Null((await cuts.EndpointAsync())["disabledAt"]);
        await cuts.ActAsync(new("UPDATE deliveries SET state = 0, next_at = .*, round_from", "UPDATE OF round_from ON deliveries"), "endpoints.replay", "/webhooks/acme/orders/replay", new { since = "1h", reason = "it was gone" });
        await cuts.ArrivedAsync("PO-gone");

        await AssertDecidedAsync(cuts);
        await AssertDecidedByGroupAsync(cuts);

        // It was disabled before, by what it answered.
        await cuts.ActAsync(Endpoint, "endpoints.disable", "/webhooks/acme/orders/disable", told: 2);
        await cuts.DisabledAsync();
        await cuts.MakeAsync("PO-waits");
        Assert.DoesNotContain("PO-waits", await cuts.World.Simulated.ReferencesDeliveredAsync());
        Assert.Equal(200, (await cuts.World.ActAsync("/webhooks/acme/orders/enable", new { reason = Done })).Status);
        await cuts.ArrivedAsync("PO-waits");

        await AssertErasedAsync(cuts);
        await cuts.AssertNothingDoubledAsync(orders: 11);
    }

    /// <summary>One dead letter is sent again, one is skipped, and one is sent with other data.</summary>
    private static async Task AssertDecidedAsync(Cuts cuts)
    {
        var retried = await cuts.DieAsync("PO-retry");
        await cuts.ActAsync(new("UPDATE deliveries u SET state = 0", "UPDATE OF state ON deliveries WHEN NEW.state = 0"), "deadletters.retry", $"/deadletters/{retried}/retry");
        await cuts.ArrivedAsync("PO-retry");
        var skipped = await cuts.DieAsync("PO-skip");
        await cuts.ActAsync(new("UPDATE deliveries u SET state = 3", "UPDATE OF state ON deliveries WHEN NEW.state = 3"), "deadletters.skip", $"/deadletters/{skipped}/skip");
        Assert.Equal("skipped", (string?)(await cuts.World.LookAsync($"/deadletters/{skipped}"))["state"]);
        var edited = await cuts.DieAsync("PO-edit");
        await cuts.ActAsync(new("INSERT INTO edits", "INSERT ON edits"), "deadletters.edit", $"/deadletters/{edited}/edit", new { data = new { customerReference = "PO-edited" }, reason = "a slip" });
        await cuts.ArrivedAsync("PO-edited");
        Assert.Empty((await cuts.World.LookAsync("/deadletters?partner=acme"))["letters"]!.AsArray());
    }

    /// <summary>All that died of one thing are sent again, or given up, by one act: none of them is left, and the audit says how many once.</summary>
    private static async Task AssertDecidedByGroupAsync(Cuts cuts)
    {
        await cuts.DieTogetherAsync("PO-group-1", "PO-group-2");
        await cuts.ActAsync(new("UPDATE deliveries u SET state = 0", "UPDATE OF state ON deliveries WHEN NEW.state = 0"), "deadletters.retry", "/deadletters/retry", new { cause = "status 500", rate = 100, reason = "it is back" }, told: 2);
        await cuts.ArrivedAsync("PO-group-1", "PO-group-2");
        await cuts.DieTogetherAsync("PO-given-1", "PO-given-2");
        await cuts.ActAsync(new("UPDATE deliveries u SET state = 3", "UPDATE OF state ON deliveries WHEN NEW.state = 3"), "deadletters.skip", "/deadletters/skip", new { cause = "status 500", reason = Done }, told: 2);
        Assert.Empty((await cuts.World.LookAsync("/deadletters?partner=acme"))["letters"]!.AsArray());
    }

    /// <summary>The beginning of the log is erased when a gateway starts, up to what the gateway tells itself: whatever it was killed at, positions go on, and what comes then is told.</summary>
    private static async Task AssertErasedAsync(Cuts cuts)
    {
        var world = cuts.World;
        var before = await world.EventsAsync();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "events")))
            world.Write("events/" + Path.GetFileName(file), Regex.Replace(await File.ReadAllTextAsync(file, Cancellation), "retention: [0-9]+d", "retention: 1m"));
        // Nobody keeps it for less.
        if (DateTimeOffset.Parse((string)before[0]["time"]!, System.Globalization.CultureInfo.InvariantCulture).AddSeconds(61) - TimeProvider.System.GetUtcNow() is { Ticks: > 0 } rest) await Task.Delay(rest, Cancellation);
        await world.Gateway.KillAsync();
        await cuts.AtAsync(new WriteBoundary("DELETE FROM events", "DELETE ON events"), world.RestartAsync);
        var left = await Until.Found(async () => await world.EventsAsync() is var all && (long)all[0]["position"]! > (long)before[0]["position"]! ? all : null, "the log to be erased", seconds: 30);
        Assert.Equal(before.Skip(before.Count - left.Count).Select(e => (string?)e["id"]), left.Select(e => (string?)e["id"]));

        await cuts.MakeAsync("PO-later");
        await cuts.ArrivedAsync("PO-later");
        Assert.Equal((long)before[^1]["position"]! + 1, (long)(await world.EventsAsync())[^1]["position"]!);
    }
}
