using Gateway.Tests.Functional.Support;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>Two <c>serve</c> processes on one PostgreSQL: what one has done the other knows, and what one leaves behind the other ends.</summary>
public sealed class NodesTests
{
    [Fact]
    public async Task What_one_node_accepted_the_other_replays_and_what_a_killed_one_left_open_the_other_settles()
    {
        if (PostgresqlServer.Missing is { } why) Assert.Skip(why);
        var database = await DatabaseServer.NewDatabaseAsync();
        await using var simulated = await Simulated.StartAsync();
        using var workspace = Workspace(simulated, database);
        var (first, firstUrl, _) = await ServeAsync(workspace, "1");
        var (second, secondUrl, secondAdmin) = await ServeAsync(workspace, "2");
        await using var _ = first;
        await using var __ = second;
        using var onFirst = new Caller(firstUrl);
        using var onSecond = new Caller(secondUrl);

        var made = await onFirst.OrderAsync(Order.Json("PO-1"), "k-1");
        var replayed = await onSecond.OrderAsync(Order.Json("PO-1"), "k-1");
        var known = await onSecond.OrderAsync(Order.Json("PO-1"), "k-2");

        Assert.Equal((201, 201, 200), (made.Status, replayed.Status, known.Status));
        Assert.Equal(("true", made.Text("id")), (replayed.Header("Idempotency-Replayed"), replayed.Text("id")));
        Assert.Equal(1, await simulated.OrdersAsync("PO-1"));

        await simulated.ChaosAsync(simulated.Odoo, new { mode = "holdAfter", path = "sale.order/load" });
        var cut = onFirst.OrderAsync(Order.Json("PO-2"), "k-3");
        await Until.Found(async () => (int)(await simulated.StateAsync(simulated.Odoo))["held"]! > 0 ? "" : null, "the request to be held");
        await first.KillAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => cut);
        await simulated.HealAsync(simulated.Odoo);

        // The one that lives settles it when the lease of the dead one is over, and sends the webhook.
        await Until.Found(async () => await simulated.WebhooksAsync("PO-2") is { Count: > 0 } ? "" : null, "the webhook of the settled order", seconds: 40);
        var late = await onSecond.OrderAsync(Order.Json("PO-2"), "k-3");
        Assert.Equal((201, "true"), (late.Status, late.Header("Idempotency-Replayed")));
        Assert.Equal(1, await simulated.OrdersAsync("PO-2"));
        using var admin = Caller.OfOperator(secondAdmin);
        Assert.Equal([made.Text("id"), late.Text("id")], (await admin.GetAsync("/events?after=0")).Json.AsArray().Select(e => (string)e!["subject"]!));
        Assert.Single(await simulated.WebhooksAsync("PO-1"));
        Assert.Single(await simulated.WebhooksAsync("PO-2"));
        await AssertAuditedAsync(workspace, database);

        workspace.Write("routes/state.yaml", "state: { store: sqlite }\n");
        await Until.True(() => second.Output.Contains("it needs a restart to take that over", StringComparison.Ordinal), "the log to say that the store stays");
        Assert.Equal(late.Text("id"), (await onSecond.OrderAsync(Order.Json("PO-2"), "k-3")).Text("id"));
    }

    [Fact]
    public async Task A_node_that_stood_still_until_another_had_its_work_sends_nothing_when_it_goes_on()
    {
        if (PostgresqlServer.Missing is { } why) Assert.Skip(why);
        var database = await DatabaseServer.NewDatabaseAsync();
        await using var simulated = await Simulated.StartAsync();
        using var workspace = Workspace(simulated, database);
        var (first, firstUrl, _) = await ServeAsync(workspace, "1");
        await using var _ = first;
        using var onFirst = new Caller(firstUrl);
        // Behind the look-up of the order, and before it is loaded.
        await simulated.ChaosAsync(simulated.Odoo, new { mode = "holdBefore", path = "product.product/search_read" });
        var cut = onFirst.OrderAsync(Order.Json("PO-1"), "k-1");
        await Until.Found(async () => (int)(await simulated.StateAsync(simulated.Odoo))["held"]! > 0 ? "" : null, "the look-up to be held");
        await first.PauseAsync();
        await simulated.HealAsync(simulated.Odoo);

        var (second, secondUrl, _) = await ServeAsync(workspace, "2");
        await using var __ = second;
        using var onSecond = new Caller(secondUrl);
        var settled = await Until.Found(async () => await onSecond.OrderAsync(Order.Json("PO-1"), "k-1") is { Status: 201 } answer ? answer : null, "the other node to settle it", seconds: 90);
        Assert.Equal(1, await simulated.LoadsAsync());
        await first.ResumeAsync();

        Assert.Equal((504, "true"), ((await cut).Status, settled.Header("Idempotency-Replayed")));
        Assert.Equal((1, 1), (await simulated.LoadsAsync(), await simulated.OrdersAsync("PO-1")));
    }

    [Fact]
    public async Task Two_nodes_are_never_at_one_transfer_together_and_who_comes_second_finds_what_the_first_has_left()
    {
        if (PostgresqlServer.Missing is { } why) Assert.Skip(why);
        var database = await DatabaseServer.NewDatabaseAsync();
        await using var simulated = await Simulated.StartAsync();
        using var workspace = Workspace(simulated, database);
        workspace.Write("routes/bookings.yaml", """
            apis:
              bookings:
                owner: logistics
                routes:
                  bookings.confirm: { match: "POST /w/orders/{id}/confirm", policies: [partner-callers, idempotency: {}], target: { call: odoo/order.confirm, object: "order/{id}" } }
                  bookings.ship: { match: "POST /w/shipments", policies: [partner-callers, idempotency: {}], target: { call: odoo/shipment.validate } }
            """);
        var (first, firstUrl, _) = await ServeAsync(workspace, "1");
        var (second, secondUrl, _) = await ServeAsync(workspace, "2");
        await using var _ = first;
        await using var __ = second;
        using var onFirst = new Caller(firstUrl);
        using var onSecond = new Caller(secondUrl);
        // A node that has just begun, on a machine that is busy, may not be up to it at once.
        var order = (await Until.Found(async () => await onFirst.OrderAsync(Order.Json("PO-1"), "k-1") is { Status: 201 } made ? made : null, "the order to be made")).Text("id");
        Assert.Equal(200, (await onFirst.SendAsync("POST", $"/w/orders/{order}/confirm", "{}", "k-2")).Status);
        async Task<string> LastAsync() => (string)(await onSecond.GetAsync($"/v1/orders/{order}/shipments")).Json["shipments"]!.AsArray()[^1]!["id"]!;
        static string Shipped(string transfer, int quantity) => $$"""
            { "name": "{{transfer}}", "state": "done", "context": { "skip_backorder": true },
              "move_ids": [ { "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "quantity": {{quantity}}, "picked": true } ] }
            """;
        var transfer = await LastAsync();

        await simulated.ChaosAsync(simulated.Odoo, new { mode = "holdBefore", path = "stock.picking/button_validate", count = 1 });
        var held = onFirst.SendAsync("POST", "/w/shipments", Shipped(transfer, 1), "k-3");
        await Until.Found(async () => (int)(await simulated.StateAsync(simulated.Odoo))["held"]! > 0 ? "" : null, "the first to be at its last step");
        var meanwhile = await onSecond.SendAsync("POST", "/w/shipments", Shipped(transfer, 2), "k-4");
        await simulated.HealAsync(simulated.Odoo);
        await held;

        Assert.Equal((409, "still-running"), (meanwhile.Status, meanwhile.Problem));
        var shipped = await Until.Found(async () => await onFirst.SendAsync("POST", "/w/shipments", Shipped(transfer, 1), "k-3") is { Status: 200 } done ? done : null, "the first to have shipped", seconds: 40);
        var later = await onSecond.SendAsync("POST", "/w/shipments", Shipped(transfer, 2), "k-4");
        Assert.Equal("true", shipped.Header("Idempotency-Replayed"));
        Assert.Equal((422, $"transfer '{transfer}' is done already, with other quantities"), (later.Status, later.Text("detail")));
        // Nothing is lost and nothing is too much: the rest is what the first left.
        Assert.Equal(422, (await onSecond.SendAsync("POST", "/w/shipments", Shipped(await LastAsync(), 3), "k-5")).Status);
        Assert.Equal(200, (await onSecond.SendAsync("POST", "/w/shipments", Shipped(await LastAsync(), 2), "k-6")).Status);
        Assert.Equal(3, (int)(await onSecond.GetAsync($"/v1/orders/{order}")).Json["orderLines"]![0]!["deliveredQuantity"]!);
    }

    [Fact]
    public async Task Without_its_database_it_does_not_start_and_says_so_without_the_password()
    {
        using var workspace = new TestWorkspace(new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:1"));
        var connection = workspace.Beside("connection", "Host=127.0.0.1;Port=1;Username=gateway;Password=s3cret-word");
        workspace.Write("routes/state.yaml", StateOf(connection));

        var (process, _) = await ChildProcess.StartAsync(["serve", workspace.Root, "--data", workspace.Data, "--keys", workspace.Keys, "--environment", "test"]);
        await using var _ = process;

        Assert.Equal(2, await process.ExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("The database can't be read or written", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", process.Output, StringComparison.Ordinal);
    }

    private static TestWorkspace Workspace(Simulated simulated, string connection)
    {
        var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner);
        workspace.Write("routes/state.yaml", StateOf(workspace.Beside("connection", connection)));
        return workspace;
    }

    private static string StateOf(string connection) => $$"""
        state:
          store: postgresql
          postgresql: { connection: "secret://file{{connection}}" }
        """;

    /// <summary>A node with a data directory of its own, and the keys of all.</summary>
    private static async Task<(ChildProcess Process, Uri Gateway, Uri Admin)> ServeAsync(TestWorkspace workspace, string node)
    {
        var (process, addresses) = await ChildProcess.StartAsync(
            ["serve", workspace.Root, "--data", Path.Combine(workspace.Data, node), "--keys", workspace.Keys, "--environment", "test", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0"],
            "gateway", "admin");
        return (process, addresses["gateway"], addresses["admin"]);
    }

    /// <summary>Beside the node that runs, by the database's reference: both nodes' chains are whole, the dead one's too.</summary>
    private static async Task AssertAuditedAsync(TestWorkspace workspace, string connection)
    {
        var reference = "secret://file" + workspace.Beside("connection", connection);
        var (process, _) = await ChildProcess.StartAsync(["audit", "verify", "--postgresql", reference, "--data", Path.Combine(workspace.Data, "operator"), "--keys", workspace.Keys]);
        await using var _ = process;
        var code = await process.ExitAsync(TimeSpan.FromSeconds(30));

        Assert.True(code == 0, process.Output);
        Assert.Equal(2, process.Output.Split('\n').Where(line => line.Contains(": verified, ", StringComparison.Ordinal)).Select(line => line.Split('/')[0]).Distinct().Count());
    }
}
