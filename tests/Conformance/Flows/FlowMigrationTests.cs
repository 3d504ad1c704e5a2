using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Delivery.Flows;
using Gateway.Tests.Conformance.Admin;
using Gateway.Tests.Conformance.Idempotency;
using Gateway.Tests.Conformance.PolicyKinds;
using Gateway.Tests.Conformance.Stores;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>A flow is declared anew while instances of it run: they go on by it where all that they have begun means the same there, and else stay as they are.</summary>
public sealed class FlowMigrationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_is_moved_goes_on_by_the_new_declaration_from_where_it_is(string engine)
    {
        await using var world = await AwaitingAsync(engine);
        var to = FlowWorld.Ships(world.Warehouse, "r2") is var ships ? ships with { Steps = [.. ships.Steps.Take(2), ships.Steps[3]] } : ships;
        world.Declare(to);

        Assert.Null(await MoveAsync(world, to));
        await world.TellAsync("wms.order.shipped.v1", world.Warehouse.Calls.Single());
        await world.Node().RunDueAsync(Cancellation);

        var moved = await world.FindAsync("o-1");
        Assert.Equal(("r2", FlowState.Done), (moved.Revision, moved.State));
        Assert.EndsWith("release:done migrated shipped:done told:done ended", await world.JournalAsync("o-1"), StringComparison.Ordinal);
        Assert.Equal("""{"by":"r2"}""", System.Text.Encoding.UTF8.GetString((await world.Store.ReadEventsAsync("acme", 0, 100, Cancellation))[^1].Event.Data.Span));
        Assert.Single(world.Warehouse.Calls);
    }

    public static TheoryData<string, string> Obstacles => new()
    {
        { "gone", "the step 'release' was begun, and is gone" },
        { "before", "the step 'look' is new, and stands before 'shipped', which was begun" },
        { "elsewhere", "the step 'shipped' was begun, and stands elsewhere now" },
        { "kind", "the step 'shipped' was a step of the kind await, and is one of the kind wait" },
        { "operation", "the step 'release' has called wms/order.create, and calls wms/order.cancel now" },
        { "undo", "the step 'release' is undone by wms/order.cancel, and by nothing now" },
        { "trigger", "it began with order.accepted.v1, and the flow begins with order.taken.v1 now" },
        { "house", "it is a partner's, and the flow is for the house now" },
    };

    [Theory, MemberData(nameof(Obstacles))]
    public async Task What_it_has_begun_has_to_mean_the_same(string change, string obstacle)
    {
        await using var world = await AwaitingAsync("sqlite");
        var to = Changed(FlowWorld.Ships(world.Warehouse, "r2"), world.Warehouse, change);
        world.Declare(to);

        Assert.Equal([obstacle], await MoveAsync(world, to));
        Assert.Equal("r1", (await world.FindAsync("o-1")).Revision);
    }

    /// <summary>What is new there would never be done.</summary>
    [Fact]
    public async Task What_is_new_within_a_step_that_is_over_is_an_obstacle_on_the_way_that_was_gone()
    {
        Flow Declared(Warehouse warehouse, string revision, params FlowStep[] more) => FlowWorld.Ships(warehouse, revision) is var ships
            ? ships with { Steps = [new FlowStep.Choose("way", [new FlowWay(FlowWorld.Json("false"), revision == "r1" ? [] : [new FlowStep.Wait("aside", TimeSpan.FromMinutes(1), null)]), new FlowWay(null, [ships.Steps[0], .. more])]), .. ships.Steps.Skip(1)] } : ships;
        await using var world = await FlowWorld.NewAsync("sqlite", w => Declared(w, "r1"));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        var longer = Declared(world.Warehouse, "r2", new FlowStep.Wait("look", TimeSpan.FromMinutes(1), null));
        world.Declare(longer);
        Assert.Equal(["the step 'look' is new within 'way', which is over"], await MoveAsync(world, longer));

        // On a way that was not gone nothing is missed.
        var instance = (await world.Store.FindFlowAsync((await world.FindAsync("o-1")).Id, Cancellation))!;
        Assert.Null(RunOf(Declared(world.Warehouse, "r3"), instance, world).TakeOver(Declared(world.Warehouse, "r1"), "olaf"));
    }

    /// <summary>Its backend refuses what the flow says: the flow is mended, and the instance goes on.</summary>
    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task A_call_that_has_failed_is_made_by_the_new_declaration(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        world.Warehouse.Ends = _ => new OperationResult(OperationStatus.Refused) { Detail = "no such address" };
        world.Warehouse.Works = false;
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowState.Parked, (await world.FindAsync("o-1")).State);
        var to = FlowWorld.Ships(world.Warehouse, "r2");
        var input = """{"to":"another"}""";
        to = to with { Steps = [((FlowStep.Call)to.Steps[0]) with { Input = FlowWorld.Json(input) }, .. to.Steps.Skip(1)] };
        world.Declare(to);

        Assert.Null(await MoveAsync(world, to, run => run.Retry(null, null, "olaf")));
        (world.Warehouse.Ends, world.Warehouse.Works) = (_ => null, true);
        await world.Node().RunDueAsync(Cancellation);

        Assert.Equal("shipped", (await world.FindAsync("o-1")).Stage);
        Assert.Equal(input, world.Warehouse.Inputs.Last());
    }

    [Fact]
    public async Task What_is_being_undone_stays_as_it_is()
    {
        await using var world = await AwaitingAsync("sqlite");
        world.Warehouse.TakesBack = false;
        await world.TellAsync("order.cancelled.v1", "o-1");
        var to = FlowWorld.Ships(world.Warehouse, "r2");
        world.Declare(to);
        var asked = await world.FindAsync("o-1");
        var run = RunOf(to, (await world.Store.FindFlowAsync(asked.Id, Cancellation))!, world);
        Assert.Null(run.Cancel("no more", "olaf"));

        Assert.Equal(["it is being undone, as it was declared then"], run.TakeOver(FlowWorld.Ships(world.Warehouse), "olaf"));
    }

    [Fact]
    public async Task Operators_look_first_and_move_all_that_can_be_moved()
    {
        await using var world = await KindWorld.StartAsync(
            [Workspace, new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = Desk.Operators }], adapters: new LedgerAdapter(readsBack: true).With, reload: true);
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Desk.TokenOf("olaf"));
        var store = world.Gateway.Services.GetRequiredService<IStore>();
        foreach (var n in (int[])[1, 2]) await world.SendAsync($"k-{n}", Orders.Body($"PO-{n}"));
        await store.AppendEventAsync(new NewEvent("m-1", Partner.House.Name, "wms.stock.adjusted.v1", "/wms", "9001", "9001", TimeProvider.System.GetUtcNow(), """{"id":9001}"""u8.ToArray()), Cancellation);
        var recount = (await HeldOrders.UntilAsync(store, all => all.Any(f => f.Stage == "counted"), "recount"))[0];
        var began = await HeldOrders.UntilAsync(store, all => all.Count == 2 && all.All(f => f.Stage == "look"));
        // The second is past the step that the flow loses.
        Assert.Equal(200, (await PostAsync($"/flows/{began[0].Id}/approve", """{"step":"look","reason":"fine"}""")).Status);
        await HeldOrders.UntilAsync(store, all => all.Any(f => f.Stage == "second"));
        await world.ChangeAsync("routes/orders.yaml", text => text.Replace("- step: look", "- step: view", StringComparison.Ordinal).Replace("#new ", "", StringComparison.Ordinal), Cancellation, Desk.TokenOf("olaf"));

        var looked = await PostAsync("/flows/migrate", """{"flow":"carry-out","dryRun":true,"reason":"a look"}""");
        Assert.Equal((200, 0, 2), (looked.Status, (int)looked.Json["moved"]!, (int)looked.Json["refused"]!));
        Assert.All(looked.Json["obstacles"]!.AsArray(), o => Assert.Contains("the step 'look' was begun, and is gone", o!["why"]!.AsArray().Select(w => (string?)w)));
        await world.ChangeAsync("routes/orders.yaml", text => text.Replace("- step: view", "- step: look", StringComparison.Ordinal), Cancellation, Desk.TokenOf("olaf"));
        Assert.Equal((200, 2), (await PostAsync("/flows/migrate", """{"flow":"carry-out","dryRun":true,"reason":"a look"}""")) is var dry ? (dry.Status, (int)dry.Json["moved"]!) : default);
        Assert.Equal(began[0].Revision, (await store.FindFlowAsync(began[0].Id, Cancellation))!.Revision);

        var moved = await PostAsync("/flows/migrate", """{"flow":"carry-out","reason":"the third look is needed now"}""");
        Assert.Equal((200, 2, 0), (moved.Status, (int)moved.Json["moved"]!, (int)moved.Json["refused"]!));
        Assert.All(await store.FlowsAsync(new FlowFilter { Flow = "carry-out" }, 10, Cancellation), f => Assert.Equal((string?)moved.Json["to"], f.Revision));
        Assert.Equal(0, (int)(await PostAsync("/flows/migrate", """{"flow":"carry-out","reason":"again"}""")).Json["moved"]!);
        var records = await admin.GetStringAsync("/audit?route=flows.migrate", Cancellation);
        Assert.All(began, f => Assert.Contains(f.Id, records, StringComparison.Ordinal));
        Assert.Contains("the third look is needed now", records, StringComparison.Ordinal);

        Assert.Equal(200, (await PostAsync($"/flows/{began[0].Id}/approve", """{"step":"second","reason":"fine"}""")).Status);
        await HeldOrders.UntilAsync(store, all => all.Any(f => f.Stage == "third"));
        Assert.Equal(404, (await PostAsync("/flows/migrate", """{"flow":"carry-on","reason":"x"}""")).Status);
        Assert.Equal(404, (await PostAsync("/flows/migrate", """{"flow":"carry-out","id":"flo_none","reason":"x"}""")).Status);
        Assert.Equal(404, (await PostAsync("/flows/migrate", $$"""{"flow":"carry-out","id":"{{recount.Id}}","reason":"x"}""")).Status);
        Assert.Equal(1, (int)(await PostAsync("/flows/migrate", $$"""{"flow":"recount","id":"{{recount.Id}}","reason":"x"}""")).Json["moved"]!);
        Assert.Equal(400, (await PostAsync("/flows/migrate", """{"flow":"carry-out","dry":true,"reason":"x"}""")).Status);

        async Task<(int Status, JsonNode Json)> PostAsync(string path, string body)
        {
            using var answer = await admin.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Cancellation);
            return ((int)answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!);
        }
    }

    private static readonly CaseWorkspaceFile Workspace = HeldOrders.Workspace("""
        steps:
          - step: look
            approve: { role: operator }
            timeout: 1d
            onTimeout: stay
          - step: second
            approve: { role: operator }
            timeout: 1d
            onTimeout: stay
          #new - step: third
          #new   approve: { role: operator }
          #new   timeout: 1d
          #new   onTimeout: stay
        """, more: """
          recount:
            owner: us
            description: Waits for people, and is nobody's.
            runbook: https://wiki.example/recount
            on: { event: wms.stock.adjusted.v1, for: house, key: $string(data.id) }
            promise: 1d
            steps:
              - step: counted
                approve: { role: operator }
                timeout: 1d
                onTimeout: stay
              #new - step: again
              #new   approve: { role: operator }
              #new   timeout: 1d
              #new   onTimeout: stay
        backends:
          wms: { adapter: wms, url: http://127.0.0.1:1, credential: { key: secret://demo/key-of-the-gateway }, webhooks: { secrets: [secret://demo/whsec_ZGVtby1wYXJ0bmVyLXNlY3JldC0wMDAx] } }
        """);

    private static Flow Changed(Flow to, Warehouse warehouse, string change)
    {
        var release = (FlowStep.Call)to.Steps[0];
        var wait = new FlowStep.Wait("look", TimeSpan.FromMinutes(1), null);
        return change switch
        {
            "gone" => to with { Steps = [.. to.Steps.Skip(1)] },
            "before" => to with { Steps = [release, wait, .. to.Steps.Skip(1)] },
            "elsewhere" => to with { Steps = [release, new FlowStep.Choose("way", [new FlowWay(null, [to.Steps[1]])]), .. to.Steps.Skip(2)] },
            "kind" => to with { Steps = [release, wait with { Name = "shipped" }, .. to.Steps.Skip(2)] },
            "operation" => to with { Steps = [release with { Operation = warehouse.Cancels }, .. to.Steps.Skip(1)] },
            "undo" => to with { Steps = [release with { Undo = null }, .. to.Steps.Skip(1)] },
            "house" => to with { Trigger = to.Trigger with { ForHouse = true } },
            _ => to with { Trigger = to.Trigger with { Event = "order.taken.v1" } },
        };
    }

    /// <summary>One instance has ordered, and waits for the warehouse.</summary>
    private static async Task<FlowWorld> AwaitingAsync(string engine)
    {
        var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal("shipped", (await world.FindAsync("o-1")).Stage);
        return world;
    }

    private static FlowRun RunOf(Flow flow, FlowInstance instance, FlowWorld world) => new(flow, instance, FlowWorld.Acme, EventTypes.None, world.Clock, new Random(1));

    /// <summary>As the admin port does it.</summary>
    private static async Task<IReadOnlyList<string>?> MoveAsync(FlowWorld world, Flow to, Action<FlowRun>? then = null)
    {
        await world.Book.KeepAsync(to, Cancellation);
        var instance = (await world.Store.FindFlowAsync((await world.FindAsync("o-1")).Id, Cancellation))!;
        var run = RunOf(to, instance, world);
        if (run.TakeOver((await world.Book.FindAsync(instance.Flow, instance.Revision, Cancellation))!, "olaf: mended") is { } obstacles) return obstacles;
        then?.Invoke(run);
        Assert.NotNull(await world.Store.SaveFlowAsync(run.Decided(), Cancellation));
        return null;
    }
}
