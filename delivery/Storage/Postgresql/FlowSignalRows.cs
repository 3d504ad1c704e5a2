using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// Tables <c>flow_signals</c>, <c>flow_refs</c> and <c>flow_journal</c>. A reference looks for signals that came before it, and a signal for references; two writes at
/// the same time would not see each other's, so who keeps signals is alone (<see cref="Alone"/>), and who adds references is not beside it (<see cref="Beside"/>).
/// </summary>
internal sealed class FlowSignalRows(Payloads payloads, NodeTime time)
{
    // Any number that nobody else uses in this database.
    private const string Lock = "7595162394738845797";

    // Least leaves NULL out: of one that nothing was to be done in, too.
    private const string AddRefsSql =
        """
        WITH added AS (
            INSERT INTO flow_refs (value, kind, tenant, instance) SELECT r.value, r.kind, @tenant, @id FROM unnest(@values, @kinds) AS r (value, kind) WHERE
        """;

    private const string WakeEarlySql =
        $"""
         ON CONFLICT DO NOTHING RETURNING value, kind)
        UPDATE flow_instances SET {FlowRows.Woken} WHERE id = @id AND state < 4
            AND EXISTS (SELECT 1 FROM added a JOIN flow_signals s ON s.value = a.value AND s.kind = a.kind AND s.tenant = @tenant)
        """;

    private const string KeepSql =
        """
        WITH kept AS (
            INSERT INTO flow_signals (value, kind, tenant, type, position)
            SELECT k.value, k.kind, k.tenant, k.type, k.position FROM unnest(@values, @kinds, @tenants, @types, @positions) AS k (value, kind, tenant, type, position) WHERE
        """;

    private const string WakeSql =
        $"""
         ON CONFLICT DO NOTHING RETURNING value, kind, tenant)
        UPDATE flow_instances SET {FlowRows.Woken} WHERE state < 4
            AND id = ANY (ARRAY(SELECT r.instance FROM kept k JOIN flow_refs r ON r.value = k.value AND r.kind = k.kind AND r.tenant = k.tenant))
        """;

    private const string SignalsSql =
        "SELECT position FROM flow_signals WHERE value = @value AND kind = @kind AND tenant = @tenant AND type = @type ORDER BY position LIMIT @max";

    // OFFSET keeps it a question for each signal: as a join the planner may read all that is stored.
    private const string Awaited =
        """
        EXISTS (SELECT 1 FROM flow_refs r JOIN flow_instances i ON i.id = r.instance
            WHERE r.value = s.value AND r.kind = s.kind AND r.tenant = s.tenant AND i.state < 4 OFFSET 0)
        """;

    private const string SpentSql =
        $"SELECT s.tenant, s.type, s.kind, s.value, s.position FROM flow_signals s WHERE s.position <= @upTo AND NOT {Awaited} ORDER BY s.position LIMIT @max";

    private const string ForgetSql =
        $"""
        DELETE FROM flow_signals s USING unnest(@values, @kinds, @tenants, @types, @positions) AS k (value, kind, tenant, type, position)
        WHERE s.value = k.value AND s.kind = k.kind AND s.tenant = k.tenant AND s.type = k.type AND s.position = k.position AND NOT {Awaited}
        """;

    private const string AddEntriesSql =
        """
        INSERT INTO flow_journal (instance, number, tenant, at, step, what, detail)
        SELECT @id, (SELECT coalesce(max(number), 0) FROM flow_journal WHERE instance = @id) + e.number, @tenant, e.at, e.step, e.what, e.detail
        FROM unnest(@ats, @steps, @whats, @details) WITH ORDINALITY AS e (at, step, what, detail, number) WHERE
        """;

    private const string JournalSql = "SELECT number, at, step, what, detail FROM flow_journal WHERE instance = @id ORDER BY number";

    /// <summary>From here to the commit nobody else keeps or removes signals, or adds references.</summary>
    public static NpgsqlBatchCommand Alone() => Statements.Of($"SELECT pg_advisory_xact_lock({Lock})");

    /// <summary>From here to the commit nobody keeps or removes signals.</summary>
    public static NpgsqlBatchCommand Beside() => Statements.Of($"SELECT pg_advisory_xact_lock_shared({Lock})");

    /// <summary>References and entries of an instance; it is due at once where a signal is kept for a reference that it did not have.</summary>
    public IEnumerable<NpgsqlBatchCommand> Add(SealedFlow flow, Guard guard)
    {
        var (instance, refs, entries) = (flow.Instance, flow.Step.Refs, flow.Step.Entries);
        if (refs.Count > 0)
        {
            yield return guard.On(time.Now(Statements.Of($"{AddRefsSql} {guard.Sql}{WakeEarlySql}")).Bind("id", instance.Id).Bind("tenant", instance.Tenant)
                .Bind("values", refs.Select(r => FoundBy.Of(r.Value)).ToArray()).Bind("kinds", refs.Select(r => r.Kind).ToArray()));
        }
        if (entries.Count > 0)
        {
            yield return guard.On(Statements.Of($"{AddEntriesSql} {guard.Sql}").Bind("id", instance.Id).Bind("tenant", instance.Tenant)
                .Bind("ats", entries.Select(e => e.At.UtcTicks).ToArray()).Bind("steps", entries.Select(e => e.Step).ToArray())
                .Bind("whats", entries.Select(e => e.What).ToArray()).Bind("details", flow.Details.ToArray()!));
        }
    }

    /// <summary>Keeps signals, and wakes what they are for.</summary>
    public NpgsqlBatchCommand Keep(IReadOnlyList<FlowSignal> signals, Guard guard) =>
        guard.On(Of(time.Now(Statements.Of($"{KeepSql} {guard.Sql}{WakeSql}")), [.. signals.Select(s => s with { Value = FoundBy.Of(s.Value) })]));

    public static NpgsqlBatchCommand Of(string tenant, string type, string kind, string value, int max) => Statements.Of(SignalsSql)
        .Bind("value", FoundBy.Of(value)).Bind("kind", kind).Bind("tenant", tenant).Bind("type", type).Bind("max", max);

    /// <summary>Those that nothing waits for; their values as they are stored.</summary>
    public static NpgsqlBatchCommand Spent(long upTo, int max) => Statements.Of(SpentSql).Bind("upTo", upTo).Bind("max", max);

    /// <summary>Changes those that still nothing waits for.</summary>
    public static NpgsqlBatchCommand Forget(IReadOnlyList<FlowSignal> spent) => Of(Statements.Of(ForgetSql), spent);

    public static NpgsqlBatchCommand Journal(string id) => Statements.Of(JournalSql).Bind("id", id);

    public static FlowSignal ReadSpent(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4));

    public FlowEntry ReadEntry(NpgsqlDataReader row) =>
        new(row.GetInt32(0), row.Time(1), row.GetString(2), row.GetString(3)) { Detail = SealedFlow.OpenDetail(row.BytesOrNull(4), payloads) };

    private static NpgsqlBatchCommand Of(NpgsqlBatchCommand command, IReadOnlyList<FlowSignal> signals) => command
        .Bind("values", signals.Select(s => s.Value).ToArray()).Bind("kinds", signals.Select(s => s.Kind).ToArray()).Bind("tenants", signals.Select(s => s.Tenant).ToArray())
        .Bind("types", signals.Select(s => s.Type).ToArray()).Bind("positions", signals.Select(s => s.Position).ToArray());
}
