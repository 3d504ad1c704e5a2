using Gateway.Delivery.Webhooks;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>When a delivery is tried again, and when it is dead.</summary>
public sealed class RetryScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    /// <summary>As the table of Standard Webhooks has it.</summary>
    private static readonly string[] Table = ["00:00:05", "00:05:00", "00:30:00", "02:00:00", "05:00:00", "10:00:00", "14:00:00", "20:00:00", "1.00:00:00"];

    [Fact]
    public void Ten_attempts_in_about_three_days_and_then_it_is_dead()
    {
        var (waits, schedule) = (new List<TimeSpan>(), Of(0.5));
        for (var number = 1; number <= 10; number++)
        {
            var (state, next) = schedule.After(number, Failed, WebhookRetries.ByDefault, Now);
            Assert.Equal(number < 10 ? DeliveryState.Pending : DeliveryState.Dead, state);
            if (next is { } due) waits.Add(due - Now);
        }
        Assert.Equal(Table.Select(t => TimeSpan.Parse(t, System.Globalization.CultureInfo.InvariantCulture)), waits);
    }

    /// <summary>What failed together does not come back together.</summary>
    [Theory]
    [InlineData(0.0, 0.9)]
    [InlineData(1.0, 1.1)]
    public void The_wait_is_a_tenth_shorter_or_longer(double chance, double share)
    {
        for (var number = 1; number <= 9; number++)
            Assert.Equal(Now + (WebhookRetries.ByDefault[number - 1] * share), Of(chance).After(number, Failed, WebhookRetries.ByDefault, Now).NextAt!.Value, TimeSpan.FromMilliseconds(1));
    }

    [Theory]
    [InlineData("00:00:02", "00:00:05")]
    [InlineData("00:01:00", "00:01:00")]
    [InlineData("30.00:00:00", "1.00:00:00")]
    public void A_longer_Retry_After_is_obeyed_for_a_day_at_the_most(string asked, string waited)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var (state, next) = Of(0.5).After(1, Failed with { RetryAfter = TimeSpan.Parse(asked, culture) }, WebhookRetries.ByDefault, Now);
        Assert.Equal((DeliveryState.Pending, Now + TimeSpan.Parse(waited, culture)), (state, next));
    }

    [Fact]
    public void Who_is_gone_is_asked_no_more_and_who_has_it_neither()
    {
        Assert.Equal((DeliveryState.Dead, null), Of(0.5).After(1, new WebhookAnswer(410, null, null, TimeSpan.Zero), WebhookRetries.ByDefault, Now));
        Assert.Equal((DeliveryState.Delivered, null), Of(0.5).After(1, new WebhookAnswer(204, null, null, TimeSpan.Zero), WebhookRetries.ByDefault, Now));
        Assert.Equal((DeliveryState.Dead, null), Of(0.5).After(1, Failed, [], Now));
    }

    private static WebhookAnswer Failed => new(500, null, null, TimeSpan.Zero);

    private static RetrySchedule Of(double chance) => new(new Chance(chance));

    private sealed class Chance(double always) : Random
    {
        public override double NextDouble() => always;
    }
}
