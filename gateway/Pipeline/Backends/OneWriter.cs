namespace Gateway.Pipeline.Backends;

/// <summary>
/// One change at a time of a record of a backend, from this process: two requests about one order are carried out one behind the other, and each finds
/// what the one before has left. Over nodes, and for what is made new, the open intent holds the external id.
/// </summary>
internal sealed class RecordTurns
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

/// <summary>A changing operation that waits for its record's turn. Its read-back changes nothing and does not wait.</summary>
internal sealed class OneWriter(BackendOperation inner, RecordTurns turns) : BackendOperation
{
    public override string Backend => inner.Backend;

    public override OperationDescriptor Descriptor => inner.Descriptor;

    public override string? WrongReference(string reference) => inner.WrongReference(reference);

    public override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) => inner.ReadBackAsync(call, cancellation);

    public override async ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation)
    {
        if ((call.Reference ?? call.ExternalId) is not { } record) return await inner.CallAsync(call, cancellation);
        IDisposable turn;
        try
        {
            turn = await turns.EnterAsync(record, cancellation);
        }
        catch (OperationCanceledException)
        {
            return new OperationResult(OperationStatus.NotSent) { Reason = "record-busy", RetryAfter = TimeSpan.FromSeconds(1) };
        }
        using (turn) return await inner.CallAsync(call, cancellation);
    }
}
