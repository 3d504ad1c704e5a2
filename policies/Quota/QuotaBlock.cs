namespace Gateway.Policies.Quota;

/// <summary>What this node knows and holds of one quota of one caller in one period. Belongs to a counter, under its lock.</summary>
internal sealed class QuotaBlock(QuotaPeriod period, TimeZoneInfo zone)
{
    private long _refusedAt = long.MinValue;
    private long _refusedUnits;

    public QuotaPeriod Period { get; } = period;

    /// <summary>Units that everybody has taken, as the store said last; those that are held here are among them.</summary>
    public long Taken { get; set; }

    /// <summary>Taken, and not used yet.</summary>
    public long Held { get; set; }

    /// <summary>Used while the store was away, and not counted there yet.</summary>
    public long Owed { get; set; }

    /// <summary>Somebody used it since the last look.</summary>
    public bool IsInUse { get; set; }

    /// <summary>Units that were used, as far as this node knows: what other nodes hold is among them.</summary>
    public long Used => Taken - Held + Owed;

    public bool IsOf(DateTimeOffset now, TimeZoneInfo clocks) => Period.Includes(now) && (ReferenceEquals(zone, clocks) || zone.Id == clocks.Id);

    /// <summary>Uses what is held; false where that is too little, or the limit was lowered below it.</summary>
    public bool TryUse(long units, long limit)
    {
        if (Held < units || Used + units > limit) return false;
        Held -= units;
        return IsInUse = true;
    }

    /// <summary>Takes back what a request used and was refused all the same.</summary>
    /// <param name="owed">It was used without the store; if the store was told by now, it is held, and given back as what is held is.</param>
    public void GiveBack(long units, bool owed)
    {
        if (owed && Owed >= units) Owed -= units;
        else Held += units;
    }

    public void NoteRefused(long units, TimeProvider clock) => (_refusedAt, _refusedUnits) = (clock.GetTimestamp(), units);

    /// <summary>As much was refused a moment ago.</summary>
    public bool IsRefused(long units, TimeSpan since, TimeProvider clock) =>
        _refusedAt != long.MinValue && units >= _refusedUnits && clock.GetElapsedTime(_refusedAt) < since;

    /// <summary>What the store is to be told: what is owed, less what is given back. Both are settled here.</summary>
    /// <param name="whole">What is held is given back too.</param>
    public long Settle(bool whole)
    {
        var units = Owed - (whole ? Held : 0);
        Taken += units;
        Owed = 0;
        if (whole) Held = 0;
        return units;
    }

    /// <summary>
    /// The store could not be told. What was used is owed on; what was given back is not taken again: the store may have it, and would give it to
    /// somebody else.
    /// </summary>
    public void Unsettle(long units)
    {
        if (units <= 0) return;
        Taken -= units;
        Owed += units;
    }
}
