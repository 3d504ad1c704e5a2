using System.Text.Json.Nodes;

namespace Gateway.Simulators.Odoo;

/// <summary>One call: a user, a context, a snapshot and a transaction that can be undone.</summary>
internal sealed class Session(Database database, int user, JsonObject context, long snapshot, DateTime now, string userTimeZone)
{
    private readonly Stack<Action> _undo = [];
    private readonly HashSet<Row> _written = [];

    public Database Database => database;

    public int User => user;

    public JsonObject Context => context;

    /// <summary>The start of the transaction in UTC, to the microsecond, as PostgreSQL keeps it: every date it writes.</summary>
    public DateTime Now { get; } = new(now.Ticks - now.Ticks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);

    /// <summary>What this transaction has made or changed, and not removed: what automation rules fire on when it has committed.</summary>
    public IEnumerable<Row> Written => _written.Where(row => Find(row.Model.Name, row.Id) == row).OrderBy(row => row.Id);

    /// <summary>Reads typed dates in imports: the context's <c>tz</c>, else the user's own.</summary>
    public string TimeZone => Context["tz"] is JsonValue tz && tz.TryGetValue(out string? name) ? name : userTimeZone;

    /// <summary>The company that new records belong to, and that company-dependent figures are of: the first of the context's <c>allowed_company_ids</c>, else the user's.</summary>
    public int Company => Context["allowed_company_ids"] is JsonArray and [JsonValue first, ..] && first.TryGetValue(out int company)
        ? company
        : (int)Get(Record("res.users", user), "company_id")!;

    public bool Flag(string name) => Context[name] is JsonValue value && value.TryGetValue(out bool set) && set;

    /// <summary>Whether another transaction changed the row after this one took its snapshot.</summary>
    public bool Overtaken(Row row) => row.ChangedIn > snapshot;

    public Table Table(string model) => database.Find(model) ?? throw OdooError.NotFound($"the model '{model}' does not exist");

    public IEnumerable<Row> All(string model) => database[model].Rows;

    /// <summary>The records whose indexed cell has the value.</summary>
    public IEnumerable<Row> Where(string model, string cell, object value) => database[model].Where(cell, value);

    public Row? Find(string model, int id) => database.Find(model)?.Find(id);

    /// <exception cref="OdooError">There is no such record.</exception>
    public Row Record(string model, int id) => Find(model, id) ?? throw OdooError.Missing(model, id, User);

    /// <summary>A field's value: null, string, bool, int, decimal, DateTime, DateOnly, or int[] for x2many.</summary>
    public object? Get(Row row, string name) => Get(row, row.Model.Fields[name]);

    public object? Get(Row row, Field field) =>
        field.Compute is { } compute ? compute(this, row)
        : field.Type is FieldType.One2Many ? Inverse(field, row.Id)
        : row.Cells.GetValueOrDefault(field.Name);

    public decimal Number(Row row, string name) => Get(row, name) is { } value ? Convert.ToDecimal(value) : 0;

    public string? Text(Row row, string name) => Get(row, name) as string;

    public bool Is(Row row, string name) => Get(row, name) is true;

    public int[] Ids(Row row, string name) => Get(row, name) as int[] ?? [];

    /// <summary>The record a many2one leads to.</summary>
    public Row? Follow(Row row, string name) =>
        Get(row, name) is int id ? Find(row.Model.Fields[name].Relation!, id) : null;

    /// <summary>The records an x2many leads to.</summary>
    public IEnumerable<Row> FollowAll(Row row, string name)
    {
        var relation = row.Model.Fields[name].Relation!;
        return Ids(row, name).Select(id => Record(relation, id));
    }

    /// <summary>Adds a bare record; nothing is defaulted or checked.</summary>
    public Row Insert(Model model, int? id = null)
    {
        var table = database[model.Name];
        if (id is { } chosen)
            table.SkipTo(chosen);
        var row = new Row(model, id ?? table.NextId())
        {
            CreatedAt = Now,
            CreatedBy = user,
            WrittenAt = Now,
            WrittenBy = user,
            ChangedIn = database.Commits + 1,
        };
        table.Add(row);
        _written.Add(row);
        _undo.Push(() => table.Remove(row));
        return row;
    }

    /// <summary>Sets one cell, past all conversion and following-up.</summary>
    public void Set(Row row, string name, object? value)
    {
        var table = database[row.Model.Name];
        var before = row.Cells.GetValueOrDefault(name);
        _undo.Push(() => table.Set(row, name, before));
        table.Set(row, name, value);
        Touch(row);
    }

    /// <summary>Marks a record as written by this transaction.</summary>
    public void Touch(Row row)
    {
        var (at, by, commit) = (row.WrittenAt, row.WrittenBy, row.ChangedIn);
        _undo.Push(() => (row.WrittenAt, row.WrittenBy, row.ChangedIn) = (at, by, commit));
        (row.WrittenAt, row.WrittenBy, row.ChangedIn) = (Now, user, database.Commits + 1);
        _written.Add(row);
        if (row.Model.Above(this, row) is { } above)
            Touch(above);
    }

    public void Remove(Row row)
    {
        var table = database[row.Model.Name];
        if (table.Remove(row))
            _undo.Push(() => table.Add(row));
    }

    public void RollBack()
    {
        while (_undo.TryPop(out var step))
            step();
    }

    private int[] Inverse(Field field, int id) => database.Find(field.Relation!) is { } table
        ? [.. Search.Sorted(this, table.Model, table.Where(field.Inverse!, id), table.Model.Order).Select(row => row.Id)]
        : [];
}
