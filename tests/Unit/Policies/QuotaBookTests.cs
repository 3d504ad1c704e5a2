using Gateway.Delivery.Storage.Sqlite;
using Gateway.Policies.Quota;
using Gateway.Tests.Unit.Delivery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>Several nodes over one store: never more than the quota, little that lies idle, and what a store that is away changes.</summary>
public sealed class QuotaBookTests : IAsyncLifetime
{
    private static readonly QuotaCaller Caller = new("orders", "acme", "", QuotaSpan.Day);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private IStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = FlakyStore.Around(SqliteStore.InMemory(new EphemeralDataProtectionProvider(), _clock));
        await _store.OpenAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Nodes_that_take_at_once_let_exactly_the_quota_through()
    {
        QuotaBook[] nodes = [new(_clock), new(_clock), new(_clock), new(_clock)];

        var taken = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () =>
        {
            var passed = 0;
            for (var request = 0; request < 100; request++)
            {
                if (await IsTakenAsync(nodes[i % 4], 1000)) passed++;
            }
            return passed;
        })));

        Assert.Equal(1000, taken.Sum());
    }

    [Fact]
    public async Task Most_requests_write_nothing()
    {
        var (book, writes) = (new QuotaBook(_clock), 0);
        FlakyStore.Of(_store).Broken = call =>
        {
            if (call == nameof(IStore.TakeQuotaAsync)) writes++;
            return false;
        };

        for (var i = 0; i < 5000; i++) Assert.True(await IsTakenAsync(book, 1_000_000));

        Assert.Equal(50, writes);
    }

    [Fact]
    public async Task A_killed_node_costs_a_small_part_of_what_was_left()
    {
        var killed = new QuotaBook(_clock);
        Assert.True(await IsTakenAsync(killed, 1000));
        var after = new QuotaBook(_clock);

        var passed = 0;
        while (await IsTakenAsync(after, 1000)) passed++;

        // 1000 / 64, less the one that was used.
        Assert.Equal(1000 - 15, passed);
    }

    [Fact]
    public async Task What_nobody_uses_any_more_is_given_back()
    {
        var (idle, busy) = (new QuotaBook(_clock), new QuotaBook(_clock));
        Assert.True(await IsTakenAsync(idle, 1000));

        await idle.SettleAsync(_store, all: false, Cancellation);
        Assert.Equal(15, await TakenAsync());
        await idle.SettleAsync(_store, all: false, Cancellation);
        Assert.Equal(1, await TakenAsync());

        for (var i = 0; i < 999; i++) Assert.True(await IsTakenAsync(busy, 1000));
        Assert.False(await IsTakenAsync(busy, 1000));
    }

    [Fact]
    public async Task A_node_that_stops_gives_all_back()
    {
        var book = new QuotaBook(_clock);
        Assert.True(await IsTakenAsync(book, 1000));

        await book.SettleAsync(_store, all: true, Cancellation);

        Assert.Equal(1, await TakenAsync());
    }

    [Fact]
    public async Task What_could_not_be_given_back_is_not_used_again()
    {
        var book = new QuotaBook(_clock);
        Assert.True(await IsTakenAsync(book, 1000));
        FlakyStore.Of(_store).Broken = call => call == nameof(IStore.AddQuotaAsync);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await book.SettleAsync(_store, all: true, Cancellation));
        FlakyStore.Of(_store).Broken = null;

        var passed = 1;
        while (await IsTakenAsync(book, 1000)) passed++;

        Assert.Equal(1000 - 14, passed);
    }

    [Fact]
    public async Task The_next_period_begins_whole_and_the_last_keeps_what_was_used()
    {
        var book = new QuotaBook(_clock);
        for (var i = 0; i < 3; i++) Assert.True(await IsTakenAsync(book, 3));
        Assert.False(await IsTakenAsync(book, 3));

        _clock.Advance(TimeSpan.FromHours(15));

        for (var i = 0; i < 3; i++) Assert.True(await IsTakenAsync(book, 3));
        Assert.False(await IsTakenAsync(book, 3));
        await book.SettleAsync(_store, all: true, Cancellation);
        Assert.Equal([("2026-11-23", 3L), ("2026-11-24", 3L)], (await _store.QuotasAsync("acme", Cancellation)).Select(u => (u.Key.Period, u.Taken)));
    }

    [Fact]
    public async Task What_a_period_that_is_over_held_is_given_back_to_it()
    {
        var book = new QuotaBook(_clock);
        Assert.True(await IsTakenAsync(book, 1000));
        _clock.Advance(TimeSpan.FromHours(15));
        Assert.True(await IsTakenAsync(book, 1000));

        await book.SettleAsync(_store, all: false, Cancellation);

        Assert.Equal([("2026-11-23", 1L), ("2026-11-24", 15L)], (await _store.QuotasAsync("acme", Cancellation)).Select(u => (u.Key.Period, u.Taken)));
    }

    [Fact]
    public async Task A_limit_that_is_lowered_holds_for_what_is_set_aside_and_one_that_is_raised_counts_on()
    {
        var book = new QuotaBook(_clock);
        for (var i = 0; i < 20; i++) Assert.True(await IsTakenAsync(book, 1000));

        Assert.False(await IsTakenAsync(book, 20));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await IsTakenAsync(book, 21));
        Assert.False(await IsTakenAsync(book, 21));
    }

    [Fact]
    public async Task What_costs_more_than_is_left_is_refused_and_what_costs_less_is_not()
    {
        var book = new QuotaBook(_clock);
        Assert.True(await IsTakenAsync(book, 10, units: 7));

        Assert.False(await IsTakenAsync(book, 10, units: 4));
        Assert.True(await IsTakenAsync(book, 10, units: 3));
        Assert.False(await IsTakenAsync(book, 10));
    }

    [Fact]
    public async Task A_refusal_is_not_asked_about_again_at_once_and_is_after_a_second()
    {
        var (one, other) = (new QuotaBook(_clock), new QuotaBook(_clock));
        for (var i = 0; i < 3; i++) Assert.True(await IsTakenAsync(one, 3));
        Assert.False(await IsTakenAsync(other, 3));
        await _store.AddQuotaAsync(Key, -1, _clock.GetUtcNow().AddDays(1), Cancellation);

        Assert.False(await IsTakenAsync(other, 3));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await IsTakenAsync(other, 3));
    }

    [Fact]
    public async Task Without_the_store_a_node_counts_on_by_itself_and_tells_it_later()
    {
        var book = new QuotaBook(_clock);
        Assert.True(await IsTakenAsync(book, 10));
        Away(true);
        for (var i = 0; i < 9; i++) Assert.True(await IsTakenAsync(book, 10));
        Assert.False(await IsTakenAsync(book, 10));

        Away(false);
        await book.SettleAsync(_store, all: false, Cancellation);

        Assert.Equal(10, await TakenAsync());
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(await IsTakenAsync(book, 10));
    }

    [Fact]
    public async Task What_is_owed_is_counted_before_more_is_taken()
    {
        var book = new QuotaBook(_clock);
        Away(true);
        for (var i = 0; i < 8; i++) Assert.True(await IsTakenAsync(book, 10));
        Away(false);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.True(await IsTakenAsync(book, 10));
        Assert.True(await IsTakenAsync(book, 10));
        Assert.False(await IsTakenAsync(book, 10));
        Assert.Equal(10, await TakenAsync());
    }

    [Fact]
    public async Task Without_the_store_a_quota_may_be_closed_or_open()
    {
        Away(true);

        Assert.Equal(QuotaVerdict.Unknown, (await TakeAsync(new QuotaBook(_clock), 1, 1, QuotaFailing.Deny)).Verdict);
        var open = new QuotaBook(_clock);
        for (var i = 0; i < 3; i++) Assert.Equal(QuotaVerdict.Taken, (await TakeAsync(open, 1, 1, QuotaFailing.Allow)).Verdict);

        Away(false);
        await open.SettleAsync(_store, all: false, Cancellation);
        Assert.Equal(3, await TakenAsync());
    }

    [Fact]
    public async Task A_store_that_is_away_is_asked_once_a_second_and_not_by_every_request()
    {
        var (book, asked) = (new QuotaBook(_clock), 0);
        FlakyStore.Of(_store).Broken = call => call.Contains("Quota", StringComparison.Ordinal) && ++asked > 0;

        for (var i = 0; i < 10; i++) await IsTakenAsync(book, 100);
        Assert.Equal(1, asked);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await IsTakenAsync(book, 100);
        Assert.Equal(2, asked);
    }

    [Theory]
    [InlineData("Local", "Taken")]
    [InlineData("Allow", "Taken")]
    [InlineData("Deny", "Unknown")]
    public async Task A_store_that_hangs_holds_up_one_for_a_while_and_nobody_else(string failing, string verdict)
    {
        var (book, answers, asked) = (new QuotaBook(_clock), new TaskCompletionSource(), 0);
        FlakyStore.Of(_store).Stalled = call => call == nameof(IStore.TakeQuotaAsync) && ++asked > 0 ? answers.Task : null;
        ValueTask<QuotaTaken> Next() => TakeAsync(book, 100, 1, Enum.Parse<QuotaFailing>(failing));

        var first = Next().AsTask();
        while (!first.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(5, Cancellation);
        }
        Assert.Equal(verdict, (await first).Verdict.ToString());
        _clock.Advance(TimeSpan.FromSeconds(30));
        for (var i = 0; i < 9; i++) Assert.Equal(verdict, (await Next().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Verdict.ToString());
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await book.SettleAsync(_store, all: false, Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        Assert.Equal(1, asked);

        FlakyStore.Of(_store).Stalled = null;
        answers.SetResult();
        await UntilAsync(() => !book.IsStoreAway);
        Assert.Equal("Taken", (await Next()).Verdict.ToString());
        await book.SettleAsync(_store, all: true, Cancellation);
        Assert.Equal(verdict == "Taken" ? 11 : 1, await TakenAsync());
    }

    [Fact]
    public async Task What_can_not_be_told_in_time_holds_nobody_up_and_is_told_once()
    {
        var (book, answers) = (new QuotaBook(_clock), new TaskCompletionSource());
        Assert.True(await IsTakenAsync(book, 3));
        Away(true);
        Assert.True(await IsTakenAsync(book, 3));
        Away(false);
        FlakyStore.Of(_store).Stalled = call => call == nameof(IStore.AddQuotaAsync) ? answers.Task : null;

        var settling = book.SettleAsync(_store, all: false, Cancellation).AsTask();
        while (!settling.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(5, Cancellation);
        }
        await Assert.ThrowsAsync<StoreUnavailableException>(() => settling);
        Assert.True(await TakeAsync(book, 3, 1, QuotaFailing.Local).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation) is { Verdict: QuotaVerdict.Taken });

        FlakyStore.Of(_store).Stalled = null;
        answers.SetResult();
        await UntilAsync(() => !book.IsStoreAway);
        await book.SettleAsync(_store, all: true, Cancellation);
        Assert.Equal(3, await TakenAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_given_back_is_there_for_the_next_and_not_used(bool away)
    {
        var book = new QuotaBook(_clock);
        Away(away);
        var counter = book.Of(Caller);

        for (var i = 0; i < 10; i++)
        {
            var taken = await TakeAsync(book, 3, 3, QuotaFailing.Local);
            Assert.Equal(QuotaVerdict.Taken, taken.Verdict);
            counter.GiveBack(taken, 3);
        }

        Away(false);
        Assert.True(await IsTakenAsync(book, 3));
        await book.SettleAsync(_store, all: true, Cancellation);
        Assert.Equal(1, await TakenAsync());
    }

    [Fact]
    public async Task What_is_given_back_after_its_period_is_given_back_to_it()
    {
        var book = new QuotaBook(_clock);
        var taken = await TakeAsync(book, 2, 2, QuotaFailing.Local);
        _clock.Advance(TimeSpan.FromHours(15));
        Assert.True(await IsTakenAsync(book, 2));

        book.Of(Caller).GiveBack(taken, 2);
        await book.SettleAsync(_store, all: true, Cancellation);

        Assert.Equal([("2026-11-23", 0L), ("2026-11-24", 1L)], (await _store.QuotasAsync("acme", Cancellation)).Select(u => (u.Key.Period, u.Taken)));
    }

    [Fact]
    public async Task What_is_told_to_be_left_is_right_on_one_node()
    {
        var book = new QuotaBook(_clock);

        for (var left = 999; left >= 0; left--) Assert.Equal(left, (await TakeAsync(book, 1000, 1, QuotaFailing.Local)).Left);
        Assert.Equal(0, (await TakeAsync(book, 1000, 1, QuotaFailing.Local)).Left);
    }

    private async Task UntilAsync(Func<bool> holds)
    {
        for (var tries = 0; tries < 1000 && !holds(); tries++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, Cancellation);
        }
        Assert.True(holds());
    }

    private static QuotaKey Key => new("acme", "orders", "", "2026-11-23");

    private void Away(bool away) => FlakyStore.Of(_store).Broken = away ? call => call.Contains("Quota", StringComparison.Ordinal) : null;

    private async Task<long> TakenAsync() => Assert.Single(await _store.QuotasAsync("acme", Cancellation)).Taken;

    private async Task<bool> IsTakenAsync(QuotaBook book, long limit, long units = 1) => (await TakeAsync(book, limit, units, QuotaFailing.Local)).Verdict == QuotaVerdict.Taken;

    private ValueTask<QuotaTaken> TakeAsync(QuotaBook book, long limit, long units, QuotaFailing failing) =>
        book.Of(Caller).TakeAsync(_store, units, limit, TimeZoneInfo.Utc, failing);
}
