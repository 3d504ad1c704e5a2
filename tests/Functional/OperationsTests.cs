using System.Globalization;
using Gateway.Simulators;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>An operator on the command line, and a gateway in a process of its own.</summary>
public sealed class OperationsTests
{
    [Fact]
    public async Task A_dead_delivery_arrives_after_the_verb_retry()
    {
        await using var world = await World.StartAsync();
        world.Simulators.Partner.Refuse(410, count: 1);
        await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1");
        using var admin = Caller.OfOperator(world.Gateway.AdminUrl);
        var dead = await Until.Found(async () => (await admin.GetAsync("/deliveries?state=dead")).Json.AsArray().FirstOrDefault(), "the dead delivery");
        var id = (string)dead["id"]!;

        Assert.Contains(id, (await Verb(world.Gateway.AdminUrl, 0, "deliveries", "list", "--state", "dead")), StringComparison.Ordinal);
        Assert.Contains($"{id} is pending now", await Verb(world.Gateway.AdminUrl, 0, "deliveries", "retry", id, "--reason", "the partner's endpoint is back"), StringComparison.Ordinal);

        await Until.True(() => world.Simulators.Partner.Received.Count(w => w.Id == id) == 2, "the second attempt");
        await Until.Found(async () => (await admin.GetAsync("/deliveries?state=delivered")).Json.AsArray().FirstOrDefault(d => (string?)d!["id"] == id), "the delivered one");
        Assert.Contains("only one that is dead", await Verb(world.Gateway.AdminUrl, 1, "deliveries", "skip", id, "--reason", "again"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_told_of_one_order_is_listed_by_the_verb_events()
    {
        await using var world = await World.StartAsync();
        var (first, second) = (await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1"), await world.Caller.OrderAsync(Order.Json("PO-2"), "k-2"));
        var (asked, other) = (first.Text("id"), second.Text("id"));

        var told = await Verb(world.Gateway.AdminUrl, 0, "events", "list", "--about", asked);
        Assert.Matches($"acme  order.accepted.v1  {asked}  evt_", told);
        Assert.DoesNotContain(other, told, StringComparison.Ordinal);
        Assert.DoesNotContain(asked, await Verb(world.Gateway.AdminUrl, 0, "events", "list", "--about", asked, "--last", "1"), StringComparison.Ordinal);
        Assert.DoesNotContain(asked, await Verb(world.Gateway.AdminUrl, 0, "events", "list", "--about", asked, "--partner", "globex"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_cut_off_is_listed_shown_and_settled_by_the_verb_intents()
    {
        await using var world = await World.StartAsync();
        world.Simulators.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = "sale.order/load" });
        Assert.InRange((await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1")).Status, 502, 504);
        world.Simulators.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Down));
        using var admin = Caller.OfOperator(world.Gateway.AdminUrl);
        var id = (string)(await admin.GetAsync("/intents")).Json.AsArray().Single()!["id"]!;
        var answer = Path.GetTempFileName();
        await File.WriteAllTextAsync(answer, """{"number":"S4711"}""", TestContext.Current.CancellationToken);

        Assert.Matches($"{id}  open .* odoo/order.create .* waits for the backend", await Verb(world.Gateway.AdminUrl, 0, "intents", "list"));
        Assert.Contains("\"customerReference\": \"PO-1\"", await Verb(world.Gateway.AdminUrl, 0, "intents", "show", id), StringComparison.Ordinal);
        Assert.Contains("refused with 404", await Verb(world.Gateway.AdminUrl, 1, "intents", "show", "int_none"), StringComparison.Ordinal);
        await Until.Found(async () => DateTimeOffset.Parse((string)(await admin.GetAsync("/intents/" + id)).Json["intent"]!["overAt"]!, CultureInfo.InvariantCulture) < TimeProvider.System.GetUtcNow() ? "" : null, "the call to be over");
        Assert.Contains("refused with 400", await Verb(world.Gateway.AdminUrl, 1, "intents", "settle", id, "done", "--reason", "no reference"), StringComparison.Ordinal);
        var settled = await Verb(world.Gateway.AdminUrl, 0, "intents", "settle", id, "done", "--reference", "4711", "--answer", answer, "--reason", "made by hand");

        Assert.Contains($"{id} is succeeded now", settled, StringComparison.Ordinal);
        var replayed = await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1");
        Assert.Equal((201, "true", "S4711"), (replayed.Status, replayed.Header("Idempotency-Replayed"), replayed.Text("number")));
        Assert.Equal("", await Verb(world.Gateway.AdminUrl, 0, "intents", "list") is var none && none.Contains(id, StringComparison.Ordinal) ? none : "");
        File.Delete(answer);
    }

    [Fact]
    public async Task The_verb_plan_reload_takes_a_workspace_over_that_is_not_followed()
    {
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner);
        var (process, gateway, adminUrl) = await ChildProcess.ServeAsync(workspace, "--reload", "signal");
        await using var serving = process;
        using var caller = new Caller(gateway);
        var orders = workspace.Read("routes/orders.yaml");

        workspace.Write("routes/orders.yaml", orders.Replace("maxBody: 256KB", "maxBody: 100", StringComparison.Ordinal));
        Assert.Matches("revision [0-9a-f]{16} runs", await Verb(adminUrl, 0, "plan", "reload", "--reason", "a smaller limit"));
        Assert.Equal(413, (await caller.OrderAsync(Order.Json("PO-1"), "k-1")).Status);

        workspace.Write("routes/orders.yaml", orders.Replace("partner-quota", "partner-quta", StringComparison.Ordinal));
        Assert.Contains("did you mean 'partner-quota'?", await Verb(adminUrl, 1, "plan", "reload", "--reason", "a slip"), StringComparison.Ordinal);
        Assert.Equal(413, (await caller.OrderAsync(Order.Json("PO-2"), "k-2")).Status);
    }

    [Fact]
    public async Task Tokens_come_by_reference_and_what_is_wrong_with_them_is_told()
    {
        await using var world = await World.StartAsync();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, TestWorkspace.OperatorToken, TestContext.Current.CancellationToken);
            await Verb(world.Gateway.AdminUrl, 0, "deliveries", "list", "--token", "secret://file" + file);
            Assert.Contains("refused with 401", await Verb(world.Gateway.AdminUrl, 1, "deliveries", "list", "--token", "secret://env/ODOO_KEY"), StringComparison.Ordinal);
            var clear = await Verb(world.Gateway.AdminUrl, 2, "deliveries", "list", "--token", TestWorkspace.OperatorToken);
            Assert.Contains("a secret stands in clear", clear, StringComparison.Ordinal);
            Assert.DoesNotContain(TestWorkspace.OperatorToken, clear, StringComparison.Ordinal);
            Assert.Contains("can't be reached", await Verb(new Uri("http://127.0.0.1:1"), 2, "deliveries", "list"), StringComparison.Ordinal);
            Assert.Contains("--reason", await Verb(world.Gateway.AdminUrl, 2, "deliveries", "retry", "msg_1"), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Serve_refuses_an_admin_port_that_is_open_to_a_network_and_declares_nobody()
    {
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner);
        foreach (var file in (string[])["policies.yaml", "policies.test.yaml"])
            workspace.Write(file, string.Join('\n', workspace.Read(file).Split("operators:\n").Select((part, i) => i == 0 ? part : string.Join('\n', part.Split('\n').SkipWhile(line => line.StartsWith(' '))))));

        var (serve, _) = await ChildProcess.StartAsync(
            ["serve", workspace.Root, "--data", workspace.Data, "--keys", workspace.Keys, "--environment", "test", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://0.0.0.0:0"]);
        await using (serve)
        {
            Assert.Equal(2, await serve.ExitAsync(TimeSpan.FromSeconds(30)));
            Assert.Contains("nobody is declared who may come there", serve.Output, StringComparison.Ordinal);
        }
    }

    /// <summary>What a verb says, both on output and on error, when it ends with a code.</summary>
    private static async Task<string> Verb(Uri admin, int code, params string[] arguments)
    {
        var (verb, _) = await ChildProcess.StartAsync([.. arguments, "--admin", admin.AbsoluteUri]);
        await using (verb)
        {
            Assert.True(await verb.ExitAsync(TimeSpan.FromSeconds(30)) == code, verb.Output);
            return verb.Output;
        }
    }
}
