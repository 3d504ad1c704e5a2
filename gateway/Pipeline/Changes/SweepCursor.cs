namespace Gateway.Pipeline.Changes;

/// <summary>
/// The way through what was written since a moment, page by page, where the backend counts in whole seconds and records may be written while pages are
/// read. A page never begins by an offset, for then a record that moves to the end would push another one over a border; it begins at the second in
/// which the page before ended, so that second is read again. Where one second has more records than a page, they are gone through by their ids.
/// </summary>
internal sealed class SweepCursor(DateTimeOffset from, int max)
{
    private DateTimeOffset _second = Whole(from);
    private int? _afterId;

    /// <summary>What is asked for next; null when all is read.</summary>
    public ChangeQuery? Next { get; private set; } = new(max) { From = Whole(from) };

    /// <summary>The last second of which something was found.</summary>
    public DateTimeOffset? Latest { get; private set; }

    /// <summary>Takes what the backend has answered to <see cref="Next"/>.</summary>
    public void Take(IReadOnlyList<DatedRecord> page)
    {
        if (page.Count > 0 && (Latest is null || page[^1].WrittenAt > Latest)) Latest = page[^1].WrittenAt;
        var isFull = page.Count >= max;
        if (_afterId is null)
        {
            if (!isFull)
            {
                Next = null;
                return;
            }
            // A page of one second alone would come again and again.
            if (page[^1].WrittenAt <= _second) _afterId = 0;
            _second = page[^1].WrittenAt > _second ? page[^1].WrittenAt : _second;
        }
        else if (isFull)
        {
            _afterId = page[^1].Id;
        }
        else
        {
            (_second, _afterId) = (_second.AddSeconds(1), null);
        }
        Next = new ChangeQuery(max) { From = _second, Before = _afterId is null ? null : _second.AddSeconds(1), AfterId = _afterId };
    }

    private static DateTimeOffset Whole(DateTimeOffset moment) => new(moment.Ticks - moment.Ticks % TimeSpan.TicksPerSecond, moment.Offset);
}
