using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Conformance;

/// <summary>How tests let time pass.</summary>
internal static class Clocks
{
    /// <summary>
    /// The time of day is another one, as after a machine's sleep: what is dated has aged, and no timer has run meanwhile.
    /// <c>Advance</c> would run each of them as often as its period goes into the time: millions of times in two weeks.
    /// </summary>
    /// <param name="by">Forwards.</param>
    public static void Leap(this FakeTimeProvider clock, TimeSpan by) => clock.AdjustTime(clock.GetUtcNow() + by);
}
