using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>A gateway that is killed at one statement after the other, and goes on.</summary>
internal sealed class Cuts(KillWorld world, IWriteStops stops, WriteSide side) : IAsyncDisposable
{
    private readonly HttpClient _partner = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public KillWorld World => world;

    /// <summary>In a workspace of the root's, whose endpoint gives up soon, and whose time suffices for everything: what is to stop a gateway here is the kill alone.</summary>
    /// <param name="change">What else the overlay says.</param>
    public static async Task<Cuts> StartAsync(string engine, WriteSide side, Func<string, string>? change = null)
    {
        var (world, stops) = await StoppedWorlds.StartAsync(engine, overlay => Regex.Replace(change?.Invoke(overlay) ?? overlay, @"retry: \[[^\]]*\]", "timeout: 5s, retry: [200ms, 500ms, 1s]")
            .Replace("timeout: 2s", "timeout: 20s", StringComparison.Ordinal).Replace("timeout: 3s", "timeout: 25s", StringComparison.Ordinal));
        return new Cuts(world, stops, side);
    }

    /// <summary>Kills the gateway at the next such write, that something leads to, and starts it again.</summary>
    public async Task AtAsync(WriteBoundary boundary, Func<Task> leads)
    {
        var reached = stops.StopAt(boundary, side);
        var led = leads();
        await Until.True(() => reached.IsCompleted, "a statement like " + boundary.Statement, seconds: 120);
        await reached;
        await world.Gateway.KillAsync();
        await led.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stops.GoOn();
        await world.RestartAsync();
    }

    /// <summary>The same while an order is on its way, which its partner sends again when it has got no answer.</summary>
    public async Task OrderAtAsync(WriteBoundary boundary, string reference)
    {
        await AtAsync(boundary, () => world.OrderAsync(reference, "k-" + reference));
        await MakeAsync(reference);
    }

    /// <summary>An order, asked for until it is there.</summary>
    public Task MakeAsync(string reference) =>
        Until.Found(async () => await world.OrderAsync(reference, "k-" + reference) is { Status: 201 } made ? made : null, "the order " + reference, seconds: 90);

    /// <summary>The same of an act of an operator, who asks again when he has got no answer: it is done once, and told once.</summary>
    /// <param name="told">How often the audit has acts of this kind by then, done.</param>
    public async Task ActAsync(WriteBoundary boundary, string action, string path, object? body = null, int told = 1)
    {
        await AtAsync(boundary, () => world.ActAsync(path, body ?? new { reason = "a test" }));
        if (side == WriteSide.Before) Assert.Equal(200, (await world.ActAsync(path, body ?? new { reason = "a test" })).Status);
        Assert.Equal(told, (await world.LookAsync("/audit?route=" + action)).AsArray().Count(r => (string?)r!["outcome"] == "done"));
    }

    public async Task AnswerAsync(int status, int count = int.MaxValue)
    {
        using var answer = await _partner.PostAsJsonAsync(new Uri(world.Simulated.Partner, "_answer"), new { status, count }, Cancellation);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>An order whose webhook is refused as often as it is sent; the id of its delivery.</summary>
    public async Task<string> DieAsync(string reference) => Assert.Single(await DieTogetherAsync(reference));

    /// <summary>The same of several.</summary>
    public async Task<IReadOnlyList<string>> DieTogetherAsync(params string[] references)
    {
        await AnswerAsync(500);
        foreach (var reference in references) await MakeAsync(reference);
        var dead = await Until.Found(async () => (await world.LookAsync("/deadletters?partner=acme"))["letters"]!.AsArray() is var letters && letters.Count == references.Length ? letters : null, "dead letters of " + string.Join(", ", references));
        await AnswerAsync(204, 0);
        return [.. dead.Select(letter => (string)letter!["id"]!)];
    }

    public Task<string> DisabledAsync() => Until.Found(async () => (await EndpointAsync())["disabledAt"] is not null ? "" : null, "the endpoint to be disabled");

    public async Task<JsonNode> EndpointAsync() => (await world.LookAsync("/webhooks")).AsArray().Single(e => (string?)e!["endpoint"] == "acme/orders")!;

    /// <summary>Waits for webhooks about orders, and for as long as a claim of a gateway that is gone may last.</summary>
    public Task ArrivedAsync(params string[] references) =>
        Until.Found(async () => references.All((await world.Simulated.ReferencesDeliveredAsync()).Contains) ? "" : null, "webhooks about " + string.Join(", ", references), seconds: 120);

    /// <summary>What came came signed, and twice under one id only; each order is in Odoo once; and the chains of the audit are whole.</summary>
    public async Task AssertNothingDoubledAsync(int orders)
    {
        var taken = await world.Simulated.TakenAsync();
        Assert.All(taken, w => Assert.True((bool)w["valid"]!));
        Assert.All(taken.GroupBy(w => (string?)JsonNode.Parse((string)w["body"]!)!["id"]), same => Assert.Single(same.Select(w => (string?)w["id"]).Distinct()));
        var made = await world.OrdersAsync();
        Assert.Equal(made.Distinct(), made);
        Assert.Equal(orders, made.Count);
        Assert.Empty((await world.LookAsync("/audit/verify"))["findings"]!.AsArray());
    }

    public async ValueTask DisposeAsync()
    {
        _partner.Dispose();
        await world.DisposeAsync();
        await stops.DisposeAsync();
    }
}
