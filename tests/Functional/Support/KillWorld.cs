using System.Net.Sockets;
using System.Text.Json.Nodes;
using Xunit;

namespace Gateway.Tests.Functional.Support;

/// <summary>Simulators in one process, the gateway in another that is killed and started again on the same state.</summary>
internal sealed class KillWorld : IAsyncDisposable
{
    private readonly StateEngines _engine;
    private readonly TestWorkspace _workspace;
    private readonly List<(DateTimeOffset From, DateTimeOffset To)> _deaths = [];
    private Caller _caller;

    private KillWorld(Simulated simulated, StateEngines engine, TestWorkspace workspace, (ChildProcess Process, Uri Gateway, Uri Admin) serving)
    {
        Simulated = simulated;
        _engine = engine;
        _workspace = workspace;
        (Gateway, Public, Admin) = (serving.Process, serving.Gateway, serving.Admin);
        _caller = new Caller(serving.Gateway);
    }

    public Simulated Simulated { get; }

    /// <summary>When there was no gateway.</summary>
    public IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> Deaths => _deaths;

    public ChildProcess Gateway { get; private set; }

    /// <summary>Where callers and backends reach it.</summary>
    public Uri Public { get; private set; }

    /// <summary>The folder of its state, where that is embedded.</summary>
    public string Data => _workspace.Data;

    private Uri Admin { get; set; }

    /// <param name="create">What the overlay says of the route beside its timeout.</param>
    /// <param name="odoo">What it says of Odoo beside its address.</param>
    /// <param name="change">Of the overlay as a whole.</param>
    public static async Task<KillWorld> StartAsync(string engine, string create = "", string odoo = "", Func<string, string>? change = null) =>
        await StartAsync(await StateEngines.StartAsync(engine), create, odoo, change);

    /// <inheritdoc cref="StartAsync(string, string, string, Func{string, string})"/>
    public static async Task<KillWorld> StartAsync(StateEngines state, string create = "", string odoo = "", Func<string, string>? change = null)
    {
        var simulated = await Simulated.StartAsync();
        // The test sends more than a partner may.
        var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, more: $$"""
            policies:
              partner-quota: { rateLimit: { limit: 1000000, tiers: { gold: 1000000 } } }
            {{state.Section}}
            """, create: create, backend: odoo);
        var overlay = Path.Combine(workspace.Root, "policies.test.yaml");
        if (change is not null) workspace.Write(overlay, change(await File.ReadAllTextAsync(overlay, TestContext.Current.CancellationToken)));
        return new KillWorld(simulated, state, workspace, await ChildProcess.ServeAsync(workspace));
    }

    /// <summary>References of all orders in Odoo, as often as they are there.</summary>
    public async Task<IReadOnlyList<string>> OrdersAsync() =>
        [.. (await Simulated.StateAsync(Simulated.Odoo))["orders"]!.AsArray().Select(o => (string)o!["clientOrderRef"]!)];

    /// <summary>
    /// Each order is sent again under its key: what was made is replayed, and what was not is made now. Where the simulators are too slow for the
    /// route's timeout or lose a connection, as on a machine that has other work, the test does what a partner has to: it asks again.
    /// </summary>
    public Task AssertReplayedAsync(IReadOnlyCollection<string> sent, IReadOnlyCollection<string> made)
    {
        var there = made.ToHashSet();
        return Parallel.ForEachAsync(sent, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (reference, cancellation) =>
        {
            var again = await OrderAsync(reference, "k-" + reference);
            var late = again is { Status: 502 or 504 } || (again is { Status: 503 } && !there.Contains(reference));
            for (var tries = 0; late && again is { Status: 409 or 502 or 503 or 504 } && tries < 120; tries++)
            {
                await Task.Delay(500, cancellation);
                again = await OrderAsync(reference, "k-" + reference);
            }
            var replayed = again?.Header("Idempotency-Replayed") == "true";
            Assert.True(again is { Status: 201 } && (late || replayed == there.Contains(reference)), $"{reference}: {again?.Status} {again?.Body}");
        });
    }

    /// <summary>The answer, or null when the gateway died over it.</summary>
    public async Task<Answered?> OrderAsync(string reference, string key)
    {
        try
        {
            return await _caller.OrderAsync(Order.Json(reference), key);
        }
        // The client tells it bare where the connection ends while it is being made.
        catch (Exception cut) when (cut is HttpRequestException or SocketException)
        {
            return null;
        }
    }

    /// <summary>The answer to what is asked of an order that is there, or null when the gateway died over it.</summary>
    public async Task<Answered?> AskAsync(string method, string path, string? body, string key)
    {
        try
        {
            return await _caller.SendAsync(method, path, body, key);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public Task KillWhileOrderingAsync(string reference, Func<Task<bool>> held) => KillWhileAsync(() => OrderAsync(reference, "k-" + reference), held);

    public async Task KillWhileAsync(Func<Task> ask, Func<Task<bool>> held)
    {
        var asked = ask();
        await Until.Found(async () => await held() ? "" : null, "the request to be held");
        await Gateway.KillAsync();
        await asked;
    }

    public async Task RestartAsync()
    {
        await Gateway.DisposeAsync();
        var now = TimeProvider.System.GetUtcNow();
        _deaths.Add((now, now));
        _caller.Dispose();
        var serving = await ChildProcess.ServeAsync(_workspace);
        (Gateway, Public, Admin) = (serving.Process, serving.Gateway, serving.Admin);
        _caller = new Caller(serving.Gateway);
    }

    /// <param name="after">The position that they are behind.</param>
    public async Task<IReadOnlyList<JsonNode>> EventsAsync(long after = 0)
    {
        using var admin = Caller.OfOperator(Admin);
        var all = new List<JsonNode>();
        while ((await admin.GetAsync($"/events?after={(all.Count == 0 ? after : (long)all[^1]["position"]!)}")).Json.AsArray() is { Count: > 0 } page)
            all.AddRange(page!);
        return all;
    }

    /// <summary>What an operator sees at a path of the admin port.</summary>
    public async Task<JsonNode> LookAsync(string path)
    {
        using var admin = Caller.OfOperator(Admin);
        return (await admin.GetAsync(path)).Json;
    }

    /// <summary>What an operator does there.</summary>
    public async Task<Answered> ActAsync(string path, object body)
    {
        using var admin = Caller.OfOperator(Admin);
        return await admin.SendAsync("POST", path, System.Text.Json.JsonSerializer.Serialize(body));
    }

    /// <summary>Writes a file of the workspace.</summary>
    public void Write(string path, string content) => _workspace.Write(path, content);

    public async Task<JsonNode> ReadyAsync()
    {
        using var admin = Caller.OfOperator(Admin);
        return (await admin.GetAsync("/readyz")).Json;
    }

    /// <summary>What the gateway says of the object at a path.</summary>
    public Task<Answered> GetAsync(string path) => _caller.GetAsync(path);

    /// <summary>How long the circuit of a backend lets nothing through yet; null where something may pass.</summary>
    public async Task<TimeSpan?> OpenForAsync(string backend)
    {
        using var admin = Caller.OfOperator(Admin);
        var circuit = (await admin.GetAsync("/backends")).Json.AsArray().Single(b => (string?)b!["name"] == backend)!["circuits"]![0]!;
        return (string?)circuit["state"] == "open" && (double?)circuit["openForSeconds"] is { } left ? TimeSpan.FromSeconds(left) : null;
    }

    /// <summary>The line before Odoo, as operators see it.</summary>
    public async Task<(int Waiting, int Parked)> LineAsync()
    {
        using var admin = Caller.OfOperator(Admin);
        return (await admin.GetAsync("/intents/lines")).Json.AsArray() is [{ } line] ? ((int)line["waiting"]!, (int)line["parked"]!) : (0, 0);
    }

    public async Task AssertOnceAsync(string reference)
    {
        await Until.Found(async () => await Simulated.OrdersAsync(reference) > 0 ? "" : null, "the order in Odoo", seconds: 30);
        var webhooks = await Until.Found(async () => await Simulated.WebhooksAsync(reference) is { Count: > 0 } some ? some : null, "the webhook", seconds: 30);
        Assert.Equal(1, await Simulated.OrdersAsync(reference));
        Assert.Single(await EventsAsync());
        Assert.All(webhooks, w => Assert.True((bool)w["valid"]!));
        Assert.Single(webhooks.Select(w => (string?)w["id"]).Distinct());
    }

    /// <summary>The chains of the audit are whole after all that, and have a record of every order that was accepted.</summary>
    public async Task AssertAuditedAsync(IEnumerable<string> accepted)
    {
        var created = StateEngines.IsEmbedded(_engine.Name) ? await ReadAuditAsync() : await AskAuditAsync();
        Assert.InRange(created.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).Count(line => (int)line["status"]! == 201), accepted.Count(), int.MaxValue);
    }

    /// <summary>By the verb, from the files of a gateway that was killed: lines of the route's records.</summary>
    private async Task<string> ReadAuditAsync()
    {
        await Gateway.KillAsync();
        var (verified, report) = await AuditAsync("verify");
        var (exported, lines) = await AuditAsync("export", "--route", "orders.create");
        Assert.True(verified == 0, report);
        Assert.Contains("verified: ", report, StringComparison.Ordinal);
        Assert.Equal(0, exported);
        return lines;
    }

    /// <summary>The same from a gateway that runs.</summary>
    private async Task<string> AskAuditAsync()
    {
        // The whole chain is read, and that of 300 kills is long.
        using var admin = Caller.OfOperator(Admin, TimeSpan.FromMinutes(10));
        Assert.Empty((await admin.GetAsync("/audit/verify")).Json["findings"]!.AsArray());
        return (await admin.GetAsync("/audit/export?route=orders.create")).Body;
    }

    private async Task<(int Code, string Output)> AuditAsync(params string[] arguments)
    {
        var (process, _) = await ChildProcess.StartAsync(["audit", .. arguments, "--data", _workspace.Data, "--keys", _workspace.Keys]);
        await using var _ = process;
        return (await process.ExitAsync(TimeSpan.FromMinutes(10)), process.Output);
    }

    /// <summary>Waits until the log has stood still for as long as an intent may stay open.</summary>
    public async Task SettledAsync()
    {
        for (var (last, still) = (0L, 0); still < 14; still++)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            // Only what is new: a long log takes long to read.
            if (await EventsAsync(last) is [.., var latest]) (last, still) = ((long)latest["position"]!, 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await Gateway.DisposeAsync();
        await Simulated.DisposeAsync();
        _engine.Dispose();
        _workspace.Dispose();
    }
}
