namespace Gateway.Delivery.Webhooks;

/// <summary>Never more attempts in any stretch as long as the window. Used by the sending loop alone.</summary>
internal sealed class EndpointRate
{
    private readonly Queue<DateTimeOffset> _taken = [];

    /// <summary>Takes a place; else says from when on there is one.</summary>
    public bool TryTake(WebhookRate rate, DateTimeOffset now, out DateTimeOffset next)
    {
        while (_taken.TryPeek(out var first) && first + rate.Window <= now) _taken.Dequeue();
        var free = _taken.Count < rate.Limit;
        if (free) _taken.Enqueue(now);
        next = free ? now : _taken.Peek() + rate.Window;
        return free;
    }
}
