namespace Gateway.Pipeline.Backends;

/// <summary>
/// Who waits for a backend: those that go first, then the partners in turns, each partner's in the order of their coming. Whose turn is over
/// stands behind all other partners. Belongs to a gate, under its lock.
/// </summary>
internal sealed class WaitingLine
{
    private readonly LinkedList<Waiter> _first = [];
    private readonly LinkedList<Lane> _turns = [];
    private readonly Dictionary<string, Lane> _lanes = [];

    public int Count => _first.Count + CountOfPartners;

    /// <summary>Without those that go first.</summary>
    public int CountOfPartners { get; private set; }

    /// <summary>Calls that all of them will take.</summary>
    public int Calls { get; private set; }

    public int CountOf(string partner) => _lanes.TryGetValue(partner, out var lane) ? lane.Waiters.Count : 0;

    public IReadOnlyDictionary<string, int> Counts()
    {
        var counts = _lanes.ToDictionary(l => l.Key, l => l.Value.Waiters.Count);
        if (_first.Count > 0) counts[""] = _first.Count;
        return counts;
    }

    public void AddFirst(Waiter waiter)
    {
        waiter.Place = _first.AddLast(waiter);
        Calls += waiter.Calls;
    }

    public void Add(Waiter waiter)
    {
        if (!_lanes.TryGetValue(waiter.Partner, out var lane))
        {
            _lanes[waiter.Partner] = lane = new Lane();
            lane.Turn = _turns.AddLast(lane);
        }
        waiter.Place = lane.Waiters.AddLast(waiter);
        Calls += waiter.Calls;
        CountOfPartners++;
    }

    /// <summary>Whose turn it is; null when nobody waits.</summary>
    public Waiter? Peek() => (_first.First ?? _turns.First?.Value.Waiters.First)?.Value;

    /// <summary>Takes out whose turn it is (<see cref="Peek"/>); its partner's turn is over.</summary>
    public void TakeNext()
    {
        var (next, turn) = (Peek()!, _first.Count > 0 ? null : _turns.First);
        Remove(next);
        if (turn is not { List: not null }) return;
        _turns.Remove(turn);
        _turns.AddLast(turn);
    }

    /// <summary>Takes one out of the line who gives up; false when it stands there no more.</summary>
    public bool Remove(Waiter waiter)
    {
        if (waiter.Place is not { List: { } list } place) return false;
        list.Remove(place);
        waiter.Place = null;
        Calls -= waiter.Calls;
        if (list == _first) return true;
        CountOfPartners--;
        var lane = _lanes[waiter.Partner];
        if (lane.Waiters.Count > 0) return true;
        _lanes.Remove(waiter.Partner);
        _turns.Remove(lane.Turn!);
        return true;
    }

    /// <summary>The last of the partner with the most waiting, if those are more than so many.</summary>
    public Waiter? LastOfLongest(int moreThan) =>
        _turns.MaxBy(l => l.Waiters.Count) is { } longest && longest.Waiters.Count > moreThan ? longest.Waiters.Last!.Value : null;

    /// <summary>Takes out all of whom something holds.</summary>
    public IReadOnlyList<Waiter> TakeAll(Func<Waiter, bool> holds)
    {
        List<Waiter> taken = [.. _first.Concat(_turns.SelectMany(l => l.Waiters)).Where(holds)];
        foreach (var waiter in taken) Remove(waiter);
        return taken;
    }

    private sealed class Lane
    {
        public LinkedList<Waiter> Waiters { get; } = [];

        public LinkedListNode<Lane>? Turn { get; set; }
    }
}

/// <summary>A call that waits for its turn.</summary>
/// <param name="calls">Calls to the backend that it will take, about.</param>
/// <param name="until">When its patience ends, on the gate's clock.</param>
internal sealed class Waiter(string partner, int calls, TimeSpan until)
{
    public string Partner { get; } = partner;

    public int Calls { get; } = calls;

    public TimeSpan Until { get; } = until;

    /// <summary>Null for who may begin; else when it is worth to come again.</summary>
    public TimeSpan? Again { get; set; }

    public bool IsCancelled { get; set; }

    public LinkedListNode<Waiter>? Place { get; set; }

    public TaskCompletionSource<TimeSpan?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Tell()
    {
        if (IsCancelled) Answer.TrySetCanceled();
        else Answer.TrySetResult(Again);
    }
}
