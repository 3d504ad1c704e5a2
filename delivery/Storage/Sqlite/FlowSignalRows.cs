namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Tables <c>flow_signals</c>, <c>flow_refs</c> and <c>flow_journal</c>. One writer, so a reference and a signal that come at the same time see each other.</summary>
internal sealed class FlowSignalRows(Payloads payloads)
{
    private const string AddRefSql = "INSERT INTO flow_refs (value, kind, tenant, instance) VALUES ($value, $kind, $tenant, $id) ON CONFLICT DO NOTHING";

    private const string KeptSql = "SELECT type FROM flow_signals WHERE value = $value AND kind = $kind AND tenant = $tenant LIMIT 1";

    private const string KeepSql = "INSERT INTO flow_signals (value, kind, tenant, type, position) VALUES ($value, $kind, $tenant, $type, $position) ON CONFLICT DO NOTHING";

    internal const string FoundSql = "SELECT instance FROM flow_refs WHERE value = $value AND kind = $kind AND tenant = $tenant";

    internal const string SignalsSql =
        "SELECT position FROM flow_signals WHERE value = $value AND kind = $kind AND tenant = $tenant AND type = $type ORDER BY position LIMIT $max";

    private const string Awaited =
        """
        EXISTS (SELECT 1 FROM flow_refs r JOIN flow_instances i ON i.id = r.instance
            WHERE r.value = s.value AND r.kind = s.kind AND r.tenant = s.tenant AND i.state < 4)
        """;

    private const string SpentSql =
        $"SELECT s.tenant, s.type, s.kind, s.value, s.position FROM flow_signals s WHERE s.position <= $upTo AND NOT {Awaited} ORDER BY s.position LIMIT $max";

    private const string ForgetSql =
        $"DELETE FROM flow_signals AS s WHERE s.value = $value AND s.kind = $kind AND s.tenant = $tenant AND s.type = $type AND s.position = $position AND NOT {Awaited}";

    private const string AddEntrySql =
        """
        INSERT INTO flow_journal (instance, number, tenant, at, step, what, detail)
        VALUES ($id, (SELECT coalesce(max(number), 0) + 1 FROM flow_journal WHERE instance = $id), $tenant, $at, $step, $what, $detail)
        """;

    internal const string JournalSql = "SELECT number, at, step, what, detail FROM flow_journal WHERE instance = $id ORDER BY number";

    /// <summary>Stores references and entries of an instance; true where a signal is kept for a reference that it did not have.</summary>
    public static bool Add(Session db, SealedFlow flow)
    {
        var instance = flow.Instance;
        var early = false;
        foreach (var found in flow.Step.Refs)
        {
            var value = FoundBy.Of(found.Value);
            if (db.Command(AddRefSql).Bind("$value", value).Bind("$kind", found.Kind).Bind("$tenant", instance.Tenant).Bind("$id", instance.Id).Run() == 0) continue;
            early |= db.Command(KeptSql).Bind("$value", value).Bind("$kind", found.Kind).Bind("$tenant", instance.Tenant).First(row => row.GetString(0)) is not null;
        }
        foreach (var (entry, detail) in flow.Step.Entries.Zip(flow.Details))
        {
            db.Command(AddEntrySql).Bind("$id", instance.Id).Bind("$tenant", instance.Tenant).Bind("$at", entry.At)
                .Bind("$step", entry.Step).Bind("$what", entry.What).Bind("$detail", detail).Run();
        }
        return early;
    }

    /// <summary>False where it is there.</summary>
    public static bool Keep(Session db, FlowSignal signal) => db.Command(KeepSql)
        .Bind("$value", FoundBy.Of(signal.Value)).Bind("$kind", signal.Kind).Bind("$tenant", signal.Tenant).Bind("$type", signal.Type).Bind("$position", signal.Position).Run() > 0;

    /// <summary>Ids of the instances that a signal is for.</summary>
    public static List<string> For(Session db, FlowSignal signal) =>
        db.Command(FoundSql).Bind("$value", FoundBy.Of(signal.Value)).Bind("$kind", signal.Kind).Bind("$tenant", signal.Tenant).All(row => row.GetString(0));

    public static List<FlowSignal> Of(Session db, string tenant, string type, string kind, string value, int max) => db.Command(SignalsSql)
        .Bind("$value", FoundBy.Of(value)).Bind("$kind", kind).Bind("$tenant", tenant).Bind("$type", type).Bind("$max", max)
        .All(row => new FlowSignal(tenant, type, kind, value, row.GetInt64(0)));

    /// <summary>Those that nothing waits for; their values as they are stored.</summary>
    public static List<FlowSignal> Spent(Session db, long upTo, int max) => db.Command(SpentSql).Bind("$upTo", upTo).Bind("$max", max)
        .All(row => new FlowSignal(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4)));

    /// <summary>How many there are that still nothing waits for.</summary>
    public static int Forget(Session db, IReadOnlyList<FlowSignal> spent) => spent.Sum(signal => db.Command(ForgetSql)
        .Bind("$value", signal.Value).Bind("$kind", signal.Kind).Bind("$tenant", signal.Tenant).Bind("$type", signal.Type).Bind("$position", signal.Position).Run());

    public List<FlowEntry> Journal(Session db, string id) => db.Command(JournalSql).Bind("$id", id)
        .All(row => new FlowEntry(row.GetInt32(0), row.Time(1), row.GetString(2), row.GetString(3)) { Detail = SealedFlow.OpenDetail(row.BytesOrNull(4), payloads) });
}
