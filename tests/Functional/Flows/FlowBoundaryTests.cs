using System.Diagnostics;
using Gateway.Tests.Functional.Storm;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Flows;

/// <summary>
/// <c>kill -9</c> of a real gateway process exactly at each write of a flow: the one that begins it, what it is about to do, what came of that, what it has heard, how it
/// ends. The first order's gateway is killed at its first write, the next one's at its second, and so on until an order ends before its turn comes.
/// </summary>
public sealed class FlowBoundaryTests
{
    /// <summary>Whatever changes an instance; its journal, references, figures and events are written with it.</summary>
    private static readonly WriteBoundary Write = new("(INSERT INTO|UPDATE) flow_instances", "INSERT ON flow_instances", "UPDATE ON flow_instances");

    private static readonly TimeSpan LongestBegin = TimeSpan.FromSeconds(8);

    /// <summary>An order that is shipped has more, whatever comes together.</summary>
    private const int Fewest = 12;

    /// <summary>Engine, side of the write, and whether the order is called off.</summary>
    public static TheoryData<string, string, bool> Every =>
        [.. StateEngines.Names.SelectMany(engine => Enum.GetNames<WriteSide>().SelectMany(side => (IEnumerable<TheoryDataRow<string, string, bool>>)[new(engine, side, false), new(engine, side, true)]))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public Task Killed_behind_every_fifth_write_of_a_flow_its_order_has_left_once(string engine) => KillAsync(engine, WriteSide.Behind, callOff: false, stride: 5);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(Every))]
    public Task Killed_at_every_write_of_a_flow_its_order_has_left_once_or_is_cancelled_everywhere(string engine, string side, bool callOff) =>
        KillAsync(engine, Enum.Parse<WriteSide>(side), callOff, stride: 1);

    private static async Task KillAsync(string engine, WriteSide side, bool callOff, int stride)
    {
        var (world, stops) = await StoppedWorlds.StormAsync(engine, FlowWorkspace.Create);
        await using var _ = stops;
        await using var __ = world;
        var complaints = new Complaints();
        using var asking = new Asking(world, TestWorkspace.ShopKey, complaints);
        using var stop = new CancellationTokenSource();
        // Who is called off is left alone by the people in the warehouse.
        var people = callOff ? Task.CompletedTask : Task.Run(() => FlowPeople.WorkAsync(world.Backends, new Random(4711), stop.Token), Cancellation);
        List<FlowOrder> orders = [];
        bool killed;
        var write = 0;
        do
        {
            var order = new FlowOrder($"B-{write}", 4);
            orders.Add(order);
            var reached = stops.StopAt(Write with { Nth = write + 1, NthRow = write + 1 }, side);
            var asked = Task.Run(() => AskAsync(asking, order, callOff), Cancellation);
            killed = await IsReachedAsync(world, reached, asked);
            if (killed) await world.KillAsync(stops.GoOn);
            await asked;
            await FlowPeople.SettledAsync(world.Backends, world.Operator);
            write += stride;
        }
        while (killed);
        stops.GoOn();
        await stop.CancelAsync();
        await people;

        Assert.InRange(write, callOff ? Fewest / 2 : Fewest, 1000);
        var findings = await new FlowReckoning(world.Backends, world.Operator, orders).FindAsync();
        Assert.True(findings.Count == 0, string.Join('\n', findings.Concat(complaints.All)));
    }

    /// <summary>The order is taken, and called off where it is to be, as often as it must be asked.</summary>
    private static async Task AskAsync(Asking asking, FlowOrder order, bool callOff)
    {
        var answer = await asking.UntilKnownAsync("POST", "/v1/orders", order.Json, "k-" + order.Reference);
        Assert.True(answer.Status is 200 or 201, $"{order.Reference}: {answer.Status} {answer.Body}");
        order.Id = answer.Text("id");
        if (callOff) order.CancelAnswer = (await asking.UntilKnownAsync("POST", $"/v1/orders/{order.Id}/cancellation", "{}", "x-" + order.Reference)).Status;
    }

    /// <summary>False where the order's flow has ended before.</summary>
    private static async Task<bool> IsReachedAsync(StormWorld world, Task reached, Task asked)
    {
        long? since = null;
        await Until.Found(async () =>
        {
            if (reached.IsCompleted) return "";
            // It begins a moment after the order is taken, seconds after where its first write is a heavy one; and nothing is written behind its end.
            var none = asked.IsCompleted && await HasNoneAsync(world);
            since = none ? since ?? Stopwatch.GetTimestamp() : null;
            return since is { } began && Stopwatch.GetElapsedTime(began) > LongestBegin ? "" : null;
        }, "the write, or the end of the flow", seconds: 120);
        return reached.IsCompleted;
    }

    private static async Task<bool> HasNoneAsync(StormWorld world)
    {
        try
        {
            return (await world.ListAsync("/flows")).Count == 0;
        }
        catch (HttpRequestException)
        {
            // It has died at the write.
            return false;
        }
    }
}
