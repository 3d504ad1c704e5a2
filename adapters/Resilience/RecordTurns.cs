namespace Gateway.Adapters.Resilience;

/// <summary>
/// One change at a time of a record of a backend, from this process: two requests about one order are carried out one behind the other, and each finds
/// what the one before has left. Over nodes the open intent holds the object, the external id of what is made new, and what else of the backend is changed.
/// </summary>
public sealed class RecordTurns
{
    private readonly Dictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>Waits for the record's turn, which ends when what it gives is disposed.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while it waited.</exception>
    public async ValueTask<IDisposable> EnterAsync(string record, CancellationToken cancellation)
    {
        Turn turn;
        lock (_turns)
        {
            if (!_turns.TryGetValue(record, out turn!)) _turns[record] = turn = new Turn(this, record);
            turn.Wanted++;
        }
        try
        {
            await turn.One.WaitAsync(cancellation);
            return turn;
        }
        catch (OperationCanceledException)
        {
            Leave(turn);
            throw;
        }
    }

    private void Leave(Turn turn)
    {
        lock (_turns)
        {
            if (--turn.Wanted == 0) _turns.Remove(turn.Record);
        }
    }

    private sealed class Turn(RecordTurns turns, string record) : IDisposable
    {
        public SemaphoreSlim One { get; } = new(1, 1);

        public string Record => record;

        /// <summary>Who has it, and who waits for it.</summary>
        public int Wanted { get; set; }

        public void Dispose()
        {
            One.Release();
            turns.Leave(this);
        }
    }
}
