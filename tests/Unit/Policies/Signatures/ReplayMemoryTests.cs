using Gateway.Policies.Authenticate.Signatures;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Policies.Signatures;

/// <summary>What was signed is let in once, for as long as its time lets it in at all.</summary>
public sealed class ReplayMemoryTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 1, 1, 9, 0, 30, TimeSpan.Zero));
    private readonly ReplayMemory _memory;

    public ReplayMemoryTests() => _memory = new ReplayMemory(_clock);

    [Fact]
    public void A_request_is_known_until_its_time_is_over()
    {
        var made = _clock.GetUtcNow();
        Assert.Null(Remember("one", made));

        for (var passed = TimeSpan.Zero; passed <= Window; passed += TimeSpan.FromSeconds(10))
        {
            Assert.Equal("request-replayed", Remember("one", made));
            _clock.Advance(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public void Requests_of_the_past_and_of_clocks_that_run_ahead_are_known_too()
    {
        foreach (var made in (DateTimeOffset[])[_clock.GetUtcNow() - Window, _clock.GetUtcNow().AddSeconds(30)])
        {
            Assert.Null(Remember("one", made));
            Assert.Equal("request-replayed", Remember("one", made));
        }
    }

    [Fact]
    public void Others_are_others() => Assert.All(Enumerable.Range(0, 1000), i => Assert.Null(Remember($"request {i}", _clock.GetUtcNow())));

    [Fact]
    public void It_takes_no_more_than_it_can_hold_and_forgets_what_has_ended()
    {
        for (var i = 0; i < ReplayMemory.Most; i++) Assert.Null(Remember($"request {i}", _clock.GetUtcNow()));

        Assert.Equal("replay-memory-full", Remember("one more", _clock.GetUtcNow()));
        Assert.Equal("request-replayed", Remember("request 7", _clock.GetUtcNow()));

        _clock.Advance(Window + TimeSpan.FromMinutes(2));
        Assert.Null(Remember("one more", _clock.GetUtcNow()));
    }

    private string? Remember(string signed, DateTimeOffset made) => _memory.Remember(System.Text.Encoding.UTF8.GetBytes(signed), made, Window);
}
