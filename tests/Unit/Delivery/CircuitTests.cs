using Gateway.Delivery.Redis;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>How often a Redis that does not answer is asked.</summary>
public sealed class CircuitTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Circuit _circuit;

    public CircuitTests() => _circuit = new Circuit(_clock);

    [Fact]
    public void One_failure_stops_nobody_and_three_in_a_row_stop_all()
    {
        Assert.False(Fail());
        Fail();
        Assert.False(_circuit.Succeed());
        Assert.False(Fail());
        Assert.False(Fail());
        Assert.True(_circuit.Enter());

        Assert.True(Fail());

        Assert.False(_circuit.IsClosed);
        Assert.False(_circuit.Enter());
    }

    [Fact]
    public void While_it_is_open_one_in_a_second_asks_and_no_other()
    {
        Open();
        for (var second = 0; second < 5; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            var asked = 0;
            Parallel.For(0, 64, _ =>
            {
                if (_circuit.Enter()) Interlocked.Increment(ref asked);
            });

            Assert.Equal(1, asked);
        }
    }

    [Fact]
    public void It_closes_when_the_one_was_answered_and_is_told_once()
    {
        Open();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_circuit.Enter());

        Assert.True(_circuit.Succeed());

        Assert.False(_circuit.Succeed());
        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(_circuit.Enter()));
    }

    [Fact]
    public void It_stays_open_when_the_one_was_not_and_tells_nobody_again()
    {
        Open();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_circuit.Enter());

        Assert.False(Fail());

        Assert.False(_circuit.Enter());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_circuit.Enter());
    }

    [Fact]
    public void However_many_fail_at_the_same_time_that_is_one_stall_and_stops_nobody()
    {
        for (var i = 0; i < 50; i++) Assert.False(_circuit.Fail(Least));
        _clock.Advance(Least - TimeSpan.FromMilliseconds(1));
        Assert.False(_circuit.Fail(Least));
        Assert.True(_circuit.IsClosed);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(_circuit.Fail(Least));
    }

    [Fact]
    public void Failures_before_the_last_answer_do_not_count()
    {
        for (var i = 0; i < 3; i++) _circuit.Fail(Least);
        _clock.Advance(Least);
        _circuit.Succeed();

        for (var i = 0; i < 3; i++) Assert.False(_circuit.Fail(Least));
    }

    private static TimeSpan Least => TimeSpan.FromMilliseconds(250);

    /// <summary>One that waited as long as one waits.</summary>
    private bool Fail()
    {
        _clock.Advance(Least);
        return _circuit.Fail(Least);
    }

    private void Open()
    {
        for (var i = 0; i < 3; i++) Fail();
    }
}
