using Gateway.Delivery;
using Xunit;

namespace Gateway.Tests.Unit.Pipeline.Accepted;

/// <summary>How long a backend is left alone that could not be reached.</summary>
public sealed class RestTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Pauses_grow_within_bounds_and_are_never_quite_the_same()
    {
        var rest = new Rest();
        var pauses = Enumerable.Range(0, 60).Select(_ => rest.Down(Now, "a", "gone", null).TotalSeconds).ToList();

        Assert.InRange(pauses[0], 0.375, 0.625);
        Assert.InRange(pauses[2], 1.5, 2.5);
        Assert.All(pauses.Skip(5), pause => Assert.InRange(pause, 7.5, 12.5));
        Assert.True(pauses.Skip(5).Distinct().Count() > 50);
        Assert.Equal(60, rest.Failures);
    }

    [Fact]
    public void What_the_backend_asks_for_is_heeded_up_to_five_minutes()
    {
        Assert.InRange(new Rest().Down(Now, "a", "gone", TimeSpan.FromMinutes(1)).TotalSeconds, 45, 75);
        Assert.InRange(new Rest().Down(Now, "a", "gone", TimeSpan.FromDays(1)).TotalMinutes, 3.75, 6.25);
        var rest = new Rest();
        for (var i = 0; i < 9; i++) rest.Down(Now, "a", "gone", null);
        Assert.InRange(rest.Down(Now, "a", "gone", TimeSpan.FromSeconds(1)).TotalSeconds, 0.75, 1.25);
    }

    [Fact]
    public void Who_was_reached_is_left_alone_no_more()
    {
        var rest = new Rest();
        rest.Down(Now, "a", "gone", null);
        Assert.True(rest.Until > Now);

        rest.Back();

        Assert.Equal((default, 0, null), (rest.Until, rest.Failures, rest.Trouble));
    }

    [Fact]
    public void What_failed_while_nothing_could_be_sent_and_fails_when_others_were_is_kept_by_itself()
    {
        var rest = new Rest();
        rest.Down(Now, "a", "gone", null);
        rest.Down(Now.AddSeconds(9), "b", "closed", null);
        Assert.Equal((false, "b"), (rest.WasPassedOver("a"), rest.Last));
        Assert.Equal((Now, "closed"), rest.Trouble);

        rest.Back();

        Assert.True(rest.WasPassedOver("a"));
        Assert.False(rest.WasPassedOver("c"));
        rest.Down(Now, "c", "gone", null);
        rest.Back();
        Assert.False(rest.WasPassedOver("a"));
    }

    [Fact]
    public void What_waits_by_itself_waits_twice_as_long_each_time_up_to_a_quarter_of_an_hour()
    {
        var before = new OperationResult(OperationStatus.NotSent) { RetryAfter = Rest.ByItself(null, null) };

        Assert.Equal(TimeSpan.FromSeconds(1), before.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(2), Rest.ByItself(before, null));
        Assert.Equal(TimeSpan.FromSeconds(9), Rest.ByItself(before, TimeSpan.FromSeconds(9)));
        Assert.Equal(TimeSpan.FromMinutes(15), Rest.ByItself(before with { RetryAfter = TimeSpan.FromMinutes(14) }, TimeSpan.FromDays(1)));
    }
}
