using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What instances make up, and how promises were kept, on every engine: stored with the move that it is true of, and told with all others.</summary>
public sealed class FlowFigureTests
{
    private const string Figure = "shipped-not-invoiced";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Instances_count_in_their_group_until_they_do_not(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var first = fixture.Clock.GetUtcNow();
        await BeginAsync(store, fixture, "f1", new FigureChange(Figure, German, 12_5000, false));
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await BeginAsync(store, fixture, "f2", new FigureChange(Figure, German, 1, false), new FigureChange("late", "{}", null, false));
        await BeginAsync(store, fixture, "f3", new FigureChange(Figure, French, -3_0000, false));

        Assert.Equal(
        [
            new FigureSum("order-to-ship", "late", false, "{}", 1, null, fixture.Clock.GetUtcNow()),
            new FigureSum("order-to-ship", Figure, false, German, 2, 12.5001m, first),
            new FigureSum("order-to-ship", Figure, false, French, 1, -3m, fixture.Clock.GetUtcNow()),
        ], await SumsAsync(store, fixture));
        Assert.Equal(["f3", "f2", "f1"], await InAsync(store, Figure));
        Assert.Equal(["f2"], await InAsync(store, "late"));

        // It moves to another group, and keeps since when it counts; another ends.
        await MoveAsync(store, "f1", new FigureChange(Figure, French, 2_0000, false));
        await MoveAsync(store, "f2", new FigureChange(Figure, null, null, false), new FigureChange("late", null, null, false));

        Assert.Equal([new FigureSum("order-to-ship", Figure, false, French, 2, -1m, first)], await SumsAsync(store, fixture));
        Assert.Empty(await InAsync(store, "late"));
        Assert.Equal(["f1"], (await store.FlowsAsync(new FlowFilter { Figure = Figure, Ref = "key-f1" }, 9, Cancellation)).Select(i => i.Id));
        Assert.Empty(await store.FlowsAsync(new FlowFilter { Figure = Figure, State = FlowState.Parked }, 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_lasts_is_told_by_when_it_happened(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await BeginAsync(store, fixture, "f1", new FigureChange("mismatch", German, null, true));
        fixture.Clock.Advance(TimeSpan.FromDays(3));
        await BeginAsync(store, fixture, "f2", new FigureChange("mismatch", German, 5_0000, true));
        var last = fixture.Clock.GetUtcNow();

        var told = Assert.Single(await store.FlowFiguresAsync(last.AddDays(-1), Cancellation));
        Assert.Equal(new FigureSum("order-to-ship", "mismatch", true, German, 1, 5m, last), told);
        Assert.Equal((2, 5m, last.AddDays(-3)), Assert.Single(await store.FlowFiguresAsync(last.AddDays(-4), Cancellation)) is var all ? (all.Count, all.Amount, all.Oldest) : default);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_is_not_saved_does_not_count(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.BeginAsync(FlowRecords.Instance(fixture, "f1"));
        var read = await store.FlowAsync("f1");
        var moves = Enumerable.Range(0, 8).Select(n => new FlowMove(read) { Figures = [new FigureChange(Figure, German, n, false), new FigureChange("other", n > 8 ? German : null, null, false)], KeptPromise = true });

        var saved = await Task.WhenAll(moves.Select(m => store.SaveFlowAsync(m, Cancellation).AsTask()));

        Assert.Single(saved, s => s is not null);
        Assert.Equal(1, Assert.Single(await SumsAsync(store, fixture)).Count);
        Assert.Equal((1, 0), Assert.Single(await store.FlowHoursAsync(fixture.Clock.GetUtcNow(), Cancellation)) is var hour ? (hour.Kept, hour.Broken) : default);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Promises_are_counted_by_the_hour_and_forgotten(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        var hour = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
        for (var n = 0; n < 20; n++)
            await store.SaveFlowAsync(FlowRecords.Begun(FlowRecords.Instance(fixture, $"f{n}") with { Shard = n }) with { KeptPromise = n % 4 != 0 }, Cancellation);
        fixture.Clock.Leap(TimeSpan.FromHours(2));
        await store.SaveFlowAsync(FlowRecords.Begun(FlowRecords.Instance(fixture, "late")) with { KeptPromise = false }, Cancellation);

        Assert.Equal([new FlowHour("order-to-ship", hour, 15, 5), new FlowHour("order-to-ship", hour.AddHours(2), 0, 1)], await store.FlowHoursAsync(now, Cancellation));
        Assert.Equal([hour.AddHours(2)], (await store.FlowHoursAsync(now.AddHours(1), Cancellation)).Select(h => h.Hour));

        await store.ForgetHoursAsync(hour.AddHours(1), Cancellation);
        Assert.Equal([hour.AddHours(2)], (await store.FlowHoursAsync(now, Cancellation)).Select(h => h.Hour));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Who_counts_from_the_first_is_counted_by_the_event_that_begins_it_and_once(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        FlowMove Start(string id) => FlowRecords.Begun(FlowRecords.Instance(fixture, id)) with { Figures = [new FigureChange(Figure, German, 1_0000, false)] };
        await store.HearAsync([Start("f1"), Start("f2")]);
        await store.HearAsync([Start("f2"), Start("f3")]);

        Assert.Equal([new FigureSum("order-to-ship", Figure, false, German, 3, 3m, fixture.Clock.GetUtcNow())], await SumsAsync(store, fixture));
        Assert.Equal(["f1", "f2", "f3"], (await InAsync(store, Figure)).Order());
    }

    private const string German = """{"company":"1"}""";

    private const string French = """{"company":"2"}""";

    private static Task BeginAsync(IStore store, StoreFixture fixture, string id, params FigureChange[] figures) =>
        store.SaveFlowAsync(FlowRecords.Begun(FlowRecords.Instance(fixture, id)) with { Figures = figures }, Cancellation).AsTask();

    private static async Task MoveAsync(IStore store, string id, params FigureChange[] figures) =>
        Assert.NotNull(await store.SaveFlowAsync(new FlowMove(await store.FlowAsync(id)) { Figures = figures }, Cancellation));

    private static ValueTask<IReadOnlyList<FigureSum>> SumsAsync(IStore store, StoreFixture fixture) => store.FlowFiguresAsync(fixture.Clock.GetUtcNow(), Cancellation);

    private static async Task<IEnumerable<string>> InAsync(IStore store, string figure) => (await store.FlowsAsync(new FlowFilter { Figure = figure }, 9, Cancellation)).Select(i => i.Id);
}
