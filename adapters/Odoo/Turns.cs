namespace Gateway.Adapters.Odoo;

/// <summary>One writer for each record, in this process. Odoo makes writers of one row wait for each other, but not those who have only looked at it.</summary>
internal sealed class Turns
{
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>Waits for the record; disposing what comes back lets the next one in.</summary>
    /// <exception cref="OperationCanceledException">No turn came in time.</exception>
    public async ValueTask<IDisposable> TakeAsync(string record, CancellationToken cancellation)
    {
        Line? line;
        lock (_lines)
        {
            if (!_lines.TryGetValue(record, out line))
                _lines[record] = line = new Line();
            line.People++;
        }
        try
        {
            await line.Free.WaitAsync(cancellation);
        }
        catch
        {
            Leave(record, line);
            throw;
        }
        return new Turn(this, record, line);
    }

    private void Leave(string record, Line line)
    {
        lock (_lines)
            if (--line.People == 0)
                _lines.Remove(record);
    }

    private sealed class Line
    {
        public SemaphoreSlim Free { get; } = new(1, 1);

        /// <summary>Who waits or works; guarded by the table's lock.</summary>
        public int People { get; set; }
    }

    private sealed class Turn(Turns turns, string record, Line line) : IDisposable
    {
        private bool _over;

        public void Dispose()
        {
            if (_over)
                return;
            _over = true;
            line.Free.Release();
            turns.Leave(record, line);
        }
    }
}
