using Gateway.Pipeline.Accepted;
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
        var pauses = Enumerable.Range(0, 60).Select(_ => rest.Down(Now, null).TotalSeconds).ToList();

        Assert.InRange(pauses[0], 0.375, 0.625);
        Assert.InRange(pauses[2], 1.5, 2.5);
        Assert.All(pauses.Skip(5), pause => Assert.InRange(pause, 7.5, 12.5));
        Assert.True(pauses.Skip(5).Distinct().Count() > 50);
        Assert.Equal(60, rest.Failures);
    }

    [Fact]
    public void What_the_backend_asks_for_is_heeded_up_to_five_minutes()
    {
        Assert.InRange(new Rest().Down(Now, TimeSpan.FromMinutes(1)).TotalSeconds, 45, 75);
        Assert.InRange(new Rest().Down(Now, TimeSpan.FromDays(1)).TotalMinutes, 3.75, 6.25);
        var rest = new Rest();
        for (var i = 0; i < 9; i++) rest.Down(Now, null);
        Assert.InRange(rest.Down(Now, TimeSpan.FromSeconds(1)).TotalSeconds, 0.75, 1.25);
    }

    [Fact]
    public void Who_was_reached_is_left_alone_no_more()
    {
        var rest = new Rest();
        rest.Down(Now, null);
        Assert.True(rest.Until > Now);

        rest.Back();

        Assert.Equal((default, 0), (rest.Until, rest.Failures));
    }
}
