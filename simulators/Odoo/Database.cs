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

/// <summary>The records of one model, by id.</summary>
internal sealed class Table(Model model)
{
    private int lastId;

    public Model Model => model;

    public SortedDictionary<int, Row> Rows { get; } = [];

    /// <summary>The next id. As a PostgreSQL sequence, it isn't given back by a roll-back.</summary>
    public int NextId() => ++lastId;

    /// <summary>Keeps ids chosen by the seed out of the sequence.</summary>
    public void SkipTo(int id) => lastId = Math.Max(lastId, id);
}

/// <summary>All tables, the sequences and the one lock under which transactions run.</summary>
internal sealed class Database
{
    private readonly Dictionary<string, Table> tables = [];
    private readonly Dictionary<string, int> sequences = [];
    private long commits;

    public Database(IEnumerable<Model> models)
    {
        foreach (var model in models)
            tables.Add(model.Name, new Table(model));
    }

    /// <summary>Held by the transaction that runs.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>How many transactions have committed: a snapshot is this number, taken when a request came in.</summary>
    public long Commits => Volatile.Read(ref commits);

    public void Committed() => Interlocked.Increment(ref commits);

    public Table? Find(string model) => tables.GetValueOrDefault(model);

    public Table this[string model] => tables[model];

    /// <summary>The next name of a document: <c>S00001</c>, <c>WH/OUT/00001</c>.</summary>
    public string NextName(string prefix, int digits = 5)
    {
        var number = sequences[prefix] = sequences.GetValueOrDefault(prefix) + 1;
        return prefix + number.ToString().PadLeft(digits, '0');
    }
}
