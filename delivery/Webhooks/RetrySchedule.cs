namespace Gateway.Delivery.Webhooks;

/// <summary>What follows from an attempt.</summary>
internal sealed class RetrySchedule(Random random)
{
    private const double Jitter = 0.1;

    /// <summary>No endpoint can put its deliveries off for longer than this.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    /// <summary>
    /// The state after attempt <paramref name="number"/> (from 1), and when the next is due. Waits follow the subscription's schedule,
    /// 10 % more or less so that deliveries that failed together don't come back together; a longer Retry-After is obeyed.
    /// </summary>
    public (DeliveryState State, DateTimeOffset? NextAt) After(int number, WebhookAnswer answer, IReadOnlyList<TimeSpan> schedule, DateTimeOffset now)
    {
        if (answer.Delivered) return (DeliveryState.Delivered, null);
        if (answer.Gone || number > schedule.Count) return (DeliveryState.Dead, null);
        var wait = schedule[number - 1] * (1 - Jitter + (2 * Jitter * Next()));
        if (answer.RetryAfter is { } asked)
        {
            if (asked > LongestRetryAfter) asked = LongestRetryAfter;
            if (asked > wait) wait = asked;
        }

        return (DeliveryState.Pending, now + wait);
    }

    private double Next()
    {
        // A Random that was made by somebody else may not be safe for many threads.
        lock (random) return random.NextDouble();
    }
}
