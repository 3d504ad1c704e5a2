namespace Gateway.Simulators.Odoo;

/// <summary>One record.</summary>
internal sealed class Row(Model model, int id)
{
    public Model Model => model;

    public int Id => id;

    /// <summary>The commit this row was last changed by, for the conflicts PostgreSQL would see.</summary>
    public long ChangedIn { get; set; }

    public DateTime CreatedAt { get; init; }

    public int CreatedBy { get; init; }

    public DateTime WrittenAt { get; set; }

    public int WrittenBy { get; set; }

    public Dictionary<string, object?> Cells { get; } = [];
}

/// <summary>The records of one model, by id, and by the cells that are looked up often.</summary>
internal sealed class Table(Model model)
{
    private readonly SortedDictionary<int, Row> _rows = [];
    private readonly Dictionary<string, Dictionary<object, SortedSet<int>>> _indexes = [];
    private int _lastId;

    public Model Model => model;

    public IEnumerable<Row> Rows => _rows.Values;

    public Row? Find(int id) => _rows.GetValueOrDefault(id);

    /// <summary>The next id. As a PostgreSQL sequence, it isn't given back by a roll-back.</summary>
    public int NextId() => ++_lastId;

    /// <summary>Keeps ids chosen by the seed out of the sequence.</summary>
    public void SkipTo(int id) => _lastId = Math.Max(_lastId, id);

    /// <summary>Indexes a cell; to be called before there are rows.</summary>
    public void Index(string cell) => _indexes.TryAdd(cell, []);

    public bool IsIndexed(string cell) => _indexes.ContainsKey(cell);

    /// <summary>The rows whose indexed cell has the value, by id.</summary>
    public IEnumerable<Row> Where(string cell, object value) =>
        _indexes[cell].TryGetValue(value, out var ids) ? ids.Select(id => _rows[id]) : [];

    public void Add(Row row)
    {
        _rows.Add(row.Id, row);
        foreach (var cell in _indexes.Keys)
            Note(cell, row.Cells.GetValueOrDefault(cell), row.Id, present: true);
    }

    public bool Remove(Row row)
    {
        if (!_rows.Remove(row.Id))
            return false;
        foreach (var cell in _indexes.Keys)
            Note(cell, row.Cells.GetValueOrDefault(cell), row.Id, present: false);
        return true;
    }

    public void Set(Row row, string cell, object? value)
    {
        if (IsIndexed(cell))
        {
            Note(cell, row.Cells.GetValueOrDefault(cell), row.Id, present: false);
            Note(cell, value, row.Id, present: true);
        }
        row.Cells[cell] = value;
    }

    private void Note(string cell, object? value, int id, bool present)
    {
        if (value is null)
            return;
        if (!_indexes[cell].TryGetValue(value, out var ids))
            _indexes[cell].Add(value, ids = []);
        if (present)
            ids.Add(id);
        else
            ids.Remove(id);
    }
}

/// <summary>All tables, the sequences and the one lock under which transactions run.</summary>
internal sealed class Database
{
    private readonly Dictionary<string, Table> _tables = [];
    private readonly Dictionary<string, int> _sequences = [];
    private long _commits;

    public Database(int version, IEnumerable<Model> models)
    {
        Version = version;
        foreach (var model in models)
            _tables.Add(model.Name, new Table(model));
        foreach (var table in _tables.Values)
        {
            foreach (var cell in table.Model.Indexed)
                table.Index(cell);
            foreach (var field in table.Model.Fields.Values)
                if (field.Inverse is { } inverse && _tables.TryGetValue(field.Relation!, out var lines))
                    lines.Index(inverse);
        }
    }

    /// <summary>The major version of Odoo that it plays.</summary>
    public int Version { get; }

    /// <summary>Held by the transaction that runs.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>How many transactions have committed: a snapshot is this number, taken when a request came in.</summary>
    public long Commits => Volatile.Read(ref _commits);

    public void Committed() => Interlocked.Increment(ref _commits);

    public Table? Find(string model) => _tables.GetValueOrDefault(model);

    public Table this[string model] => _tables[model];

    /// <summary>The next name of a document: <c>S00001</c>, <c>WH/OUT/00001</c>.</summary>
    public string NextName(string prefix, int digits = 5)
    {
        var number = _sequences[prefix] = _sequences.GetValueOrDefault(prefix) + 1;
        return prefix + number.ToString().PadLeft(digits, '0');
    }
}
