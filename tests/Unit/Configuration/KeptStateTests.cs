using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>What outlives a reload.</summary>
public sealed class KeptStateTests
{
    private readonly KeptState _kept = new();

    [Fact]
    public void What_is_asked_for_again_is_the_same()
    {
        var first = Get("a");
        Assert.Same(first, Get("a"));
        _kept.Commit();

        Assert.Same(first, Get("a"));
        Assert.NotSame(first, Get("b"));
    }

    [Fact]
    public void What_a_taken_plan_no_longer_asks_for_is_dropped_and_left_to_the_plan_before()
    {
        var (a, b) = (Get("a"), Get("b"));
        Assert.Empty(_kept.Commit());
        Get("b");
        var left = _kept.Commit();

        Assert.Same(a, Assert.Single(left));
        Assert.False(a.Closed);
        Assert.False(b.Closed);
        Assert.NotSame(a, Get("a"));
    }

    [Fact]
    public void A_refused_plan_changes_nothing()
    {
        var a = Get("a");
        _kept.Commit();
        var b = Get("b");
        _kept.Rollback();

        Assert.False(a.Closed);
        Assert.True(b.Closed);
        Assert.Same(a, Get("a"));
        Assert.NotSame(b, Get("b"));
    }

    private Limiter Get(string key) => _kept.Get(key, () => new Limiter());

    private sealed class Limiter : IDisposable
    {
        public bool Closed { get; private set; }

        public void Dispose() => Closed = true;
    }
}
