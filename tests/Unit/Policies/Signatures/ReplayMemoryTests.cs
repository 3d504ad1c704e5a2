using Gateway.Delivery.Storage.Sqlite;
using Gateway.Policies.Authenticate.Signatures;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Policies.Signatures;

/// <summary>What was signed is let in once, for as long as its time lets it in at all.</summary>
public sealed class ReplayMemoryTests : IAsyncLifetime
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 1, 1, 9, 0, 30, TimeSpan.Zero));
    private readonly SqliteStore _store;
    private readonly ReplayMemory _memory;

    public ReplayMemoryTests()
    {
        _store = SqliteStore.InMemory(new EphemeralDataProtectionProvider(NullLoggerFactory.Instance), _clock);
        _memory = new ReplayMemory("shop", _clock);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _store.OpenAsync(Cancellation);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_request_is_known_until_its_time_is_over()
    {
        var made = _clock.GetUtcNow();
        Assert.Null(await RememberAsync("one", made));

        for (var passed = TimeSpan.Zero; passed <= Window; passed += TimeSpan.FromSeconds(10))
        {
            Assert.Equal("request-replayed", await RememberAsync("one", made));
            _clock.Advance(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task Requests_of_the_past_and_of_clocks_that_run_ahead_are_known_too()
    {
        foreach (var made in (DateTimeOffset[])[_clock.GetUtcNow() - Window, _clock.GetUtcNow().AddSeconds(30)])
        {
            Assert.Null(await RememberAsync($"one of {made}", made));
            Assert.Equal("request-replayed", await RememberAsync($"one of {made}", made));
        }
    }

    [Fact]
    public async Task Others_are_others()
    {
        for (var i = 0; i < 1000; i++) Assert.Null(await RememberAsync($"request {i}", _clock.GetUtcNow()));
    }

    [Fact]
    public async Task Another_node_and_the_next_process_know_it_too_but_not_another_consumer()
    {
        var made = _clock.GetUtcNow();
        Assert.Null(await RememberAsync("one", made));

        Assert.Equal("request-replayed", await RememberAsync("one", made, new ReplayMemory("shop", _clock)));
        // A node whose clock is behind lets it in for longer.
        _clock.Advance(Window + TimeSpan.FromMinutes(9));
        Assert.Equal("request-replayed", await RememberAsync("one", made, new ReplayMemory("shop", _clock)));
        Assert.Null(await RememberAsync("one", made, new ReplayMemory("other", _clock)));
    }

    [Fact]
    public async Task While_nobody_can_say_whether_it_came_before_it_is_not_let_in_and_not_held_against_it()
    {
        var made = _clock.GetUtcNow();
        await using var away = SqliteStore.InMemory(new EphemeralDataProtectionProvider(NullLoggerFactory.Instance), _clock);
        await away.OpenAsync(Cancellation);
        await away.DisposeAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _memory.RememberAsync("one"u8, made, Window, away, Cancellation));

        Assert.Null(await RememberAsync("one", made));
    }

    [Fact]
    public async Task It_takes_no_more_than_it_can_hold_and_forgets_what_has_ended()
    {
        var memory = new ReplayMemory("shop", _clock, most: 100);
        for (var i = 0; i < 100; i++) Assert.Null(await RememberAsync($"request {i}", _clock.GetUtcNow(), memory));

        Assert.Equal("replay-memory-full", await RememberAsync("one more", _clock.GetUtcNow(), memory));
        Assert.Equal("request-replayed", await RememberAsync("request 7", _clock.GetUtcNow(), memory));

        _clock.Advance(Window + TimeSpan.FromMinutes(2));
        Assert.Null(await RememberAsync("one more", _clock.GetUtcNow(), memory));
    }

    private ValueTask<string?> RememberAsync(string signed, DateTimeOffset made, ReplayMemory? memory = null) =>
        (memory ?? _memory).RememberAsync(System.Text.Encoding.UTF8.GetBytes(signed), made, Window, _store, Cancellation);
}
