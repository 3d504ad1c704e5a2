using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Table <c>webhook_subscriptions</c>. Change numbers are counted as positions of events are: who follows them passes over none.</summary>
internal sealed class SubscriptionRows(Payloads payloads, DeliveryRows deliveries, NodeTime time)
{
    private const string CountSql = "UPDATE counters SET last = last + 1 WHERE name = 'subscriptions'";

    private const string NextChange = "(SELECT last FROM counters WHERE name = 'subscriptions')";

    private const string Columns = "id, tenant, name, terms, version, change, changed_by, created_at, changed_at, removed_at, trouble_at, trouble, trouble_count";

    private const string AddSql =
        $"""
        INSERT INTO webhook_subscriptions (id, tenant, name, terms, version, change, changed_by, created_at, changed_at)
        VALUES (@id, @tenant, @name, @terms, @version, {NextChange}, @changedBy, @createdAt, @changedAt)
        """;

    private const string ChangeSql =
        $"""
        UPDATE webhook_subscriptions SET terms = @terms, version = version + 1, change = {NextChange}, changed_by = @changedBy, changed_at = @changedAt,
            removed_at = @removedAt, trouble_at = @troubleAt, trouble = @trouble, trouble_count = @troubleCount
        WHERE id = @id AND tenant = @tenant AND version = @version AND removed_at IS NULL
        """;

    private const string NamesSql = "SELECT name FROM webhook_subscriptions WHERE tenant = @tenant AND removed_at IS NULL";

    private const string TroubleSql = "UPDATE webhook_subscriptions SET trouble_at = @at, trouble = @error, trouble_count = @count WHERE id = @id AND tenant = @tenant AND removed_at IS NULL";

    private const string NewestSql =
        $"""
        SELECT {DeliveryRows.Columns}, e.id, e.type, e.subject, d.row FROM (
            SELECT * FROM deliveries WHERE tenant = @tenant AND subscription = @name AND (created_at, row) < (@at, @row) ORDER BY created_at DESC, row DESC LIMIT @max) d
        LEFT JOIN events e ON e.position = d.event_position ORDER BY d.created_at DESC, d.row DESC
        """;

    private const string OldestSql =
        $"""
        SELECT {DeliveryRows.Columns}, e.id, e.type, e.subject, d.row FROM (
            SELECT * FROM deliveries WHERE tenant = @tenant AND subscription = @name AND (created_at, row) > (@at, @row) ORDER BY created_at, row LIMIT @max) d
        LEFT JOIN events e ON e.position = d.event_position ORDER BY d.created_at, d.row
        """;

    /// <summary>The first statement of a change: nobody else makes or changes a subscription until the commit.</summary>
    public static NpgsqlBatchCommand Count() => Statements.Of(CountSql);

    public static NpgsqlBatchCommand Names(string tenant) => Statements.Of(NamesSql).Bind("tenant", tenant);

    /// <param name="terms">Encrypted.</param>
    public static NpgsqlBatchCommand Add(StoredSubscription made, byte[]? terms) => Statements.Of(AddSql)
        .Bind("id", made.Id).Bind("tenant", made.Tenant).Bind("name", made.Name).Bind("terms", terms).Bind("version", made.Version)
        .Bind("changedBy", made.ChangedBy).Bind("createdAt", made.CreatedAt).Bind("changedAt", made.ChangedAt);

    /// <param name="terms">Encrypted.</param>
    public static NpgsqlBatchCommand Change(StoredSubscription changed, byte[]? terms) => Statements.Of(ChangeSql)
        .Bind("id", changed.Id).Bind("tenant", changed.Tenant).Bind("version", changed.Version).Bind("terms", terms)
        .Bind("changedBy", changed.ChangedBy).Bind("changedAt", changed.ChangedAt).Bind("removedAt", changed.RemovedAt)
        .Bind("troubleAt", changed.Trouble?.At).Bind("trouble", changed.Trouble?.Error).Bind("troubleCount", changed.Trouble?.Count ?? 0L);

    public static NpgsqlBatchCommand Find(string tenant, string id) =>
        Statements.Of($"SELECT {Columns} FROM webhook_subscriptions WHERE id = @id AND tenant = @tenant").Bind("id", id).Bind("tenant", tenant);

    public static NpgsqlBatchCommand OfTenant(string tenant) =>
        Statements.Of($"SELECT {Columns} FROM webhook_subscriptions WHERE tenant = @tenant AND removed_at IS NULL ORDER BY name COLLATE \"C\"").Bind("tenant", tenant);

    public static NpgsqlBatchCommand Changed(long after, int max) =>
        Statements.Of($"SELECT {Columns} FROM webhook_subscriptions WHERE change > @after ORDER BY change LIMIT @max").Bind("after", after).Bind("max", max);

    public static NpgsqlBatchCommand Note(string tenant, string id, ConditionTrouble trouble) => Statements.Of(TroubleSql)
        .Bind("id", id).Bind("tenant", tenant).Bind("at", trouble.At).Bind("error", trouble.Error).Bind("count", trouble.Count);

    public NpgsqlBatchCommand Deliveries(string tenant, string name, DeliveryPage page) =>
        time.Now(Statements.Of(page.OldestFirst ? OldestSql : NewestSql)).Bind("tenant", tenant).Bind("name", name).Bind("max", page.Max)
            .Bind("at", page.After?.At ?? (page.OldestFirst ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue)).Bind("row", page.After?.Row ?? 0L);

    public SubscriptionDelivery ReadDelivery(NpgsqlDataReader row) =>
        new(deliveries.Read(row), row.TextOrNull(DeliveryRows.ColumnCount), row.TextOrNull(DeliveryRows.ColumnCount + 1), row.TextOrNull(DeliveryRows.ColumnCount + 2), row.GetInt64(DeliveryRows.ColumnCount + 3));

    public StoredSubscription Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2))
    {
        Terms = payloads.OpenTerms(row.BytesOrNull(3)),
        Version = row.GetInt32(4),
        Change = row.GetInt64(5),
        ChangedBy = row.GetString(6),
        CreatedAt = row.Time(7),
        ChangedAt = row.Time(8),
        RemovedAt = row.TimeOrNull(9),
        Trouble = row.TimeOrNull(10) is { } at ? new ConditionTrouble(at, row.TextOrNull(11) ?? "", row.GetInt64(12)) : null,
    };
}
