using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Table <c>webhook_subscriptions</c>.</summary>
internal sealed class SubscriptionRows(Payloads payloads)
{
    private const string NextChange = "(SELECT coalesce(max(change), 0) + 1 FROM webhook_subscriptions)";

    private const string Columns = "id, tenant, name, terms, version, change, changed_by, created_at, changed_at, removed_at, trouble_at, trouble, trouble_count";

    private const string AddSql =
        $"""
        INSERT INTO webhook_subscriptions (id, tenant, name, terms, version, change, changed_by, created_at, changed_at)
        VALUES ($id, $tenant, $name, $terms, $version, {NextChange}, $changedBy, $createdAt, $changedAt)
        """;

    private const string ChangeSql =
        $"""
        UPDATE webhook_subscriptions SET terms = $terms, version = version + 1, change = {NextChange}, changed_by = $changedBy, changed_at = $changedAt,
            removed_at = $removedAt, trouble_at = $troubleAt, trouble = $trouble, trouble_count = $troubleCount
        WHERE id = $id AND tenant = $tenant AND version = $version AND removed_at IS NULL
        """;

    private const string NamesSql = "SELECT name FROM webhook_subscriptions WHERE tenant = $tenant AND removed_at IS NULL";

    private const string TroubleSql = "UPDATE webhook_subscriptions SET trouble_at = $at, trouble = $error, trouble_count = $count WHERE id = $id AND tenant = $tenant AND removed_at IS NULL";

    private const string NewestSql =
        $"""
        SELECT {DeliveryRows.Columns}, e.id, e.type, e.subject, d.row FROM (
            SELECT * FROM deliveries INDEXED BY deliveries_since WHERE tenant = $tenant AND subscription = $name AND (created_at, row) < ($at, $row) ORDER BY created_at DESC, row DESC LIMIT $max) d
        LEFT JOIN events e ON e.position = d.event_position ORDER BY d.created_at DESC, d.row DESC
        """;

    private const string OldestSql =
        $"""
        SELECT {DeliveryRows.Columns}, e.id, e.type, e.subject, d.row FROM (
            SELECT * FROM deliveries INDEXED BY deliveries_since WHERE tenant = $tenant AND subscription = $name AND (created_at, row) > ($at, $row) ORDER BY created_at, row LIMIT $max) d
        LEFT JOIN events e ON e.position = d.event_position ORDER BY d.created_at, d.row
        """;

    /// <param name="terms">Encrypted.</param>
    public SubscriptionAdded Add(Session db, StoredSubscription made, byte[]? terms, int most)
    {
        if (Find(db, made.Tenant, made.Id) is not null) return SubscriptionAdded.Added;
        var others = db.Command(NamesSql).Bind("$tenant", made.Tenant).All(row => row.GetString(0));
        if (others.Contains(made.Name)) return SubscriptionAdded.NameTaken;
        if (others.Count >= most) return SubscriptionAdded.TooMany;
        db.Command(AddSql).Bind("$id", made.Id).Bind("$tenant", made.Tenant).Bind("$name", made.Name).Bind("$terms", terms).Bind("$version", made.Version)
            .Bind("$changedBy", made.ChangedBy).Bind("$createdAt", made.CreatedAt).Bind("$changedAt", made.ChangedAt).Run();
        return SubscriptionAdded.Added;
    }

    /// <param name="terms">Encrypted.</param>
    public static bool Change(Session db, StoredSubscription changed, byte[]? terms) => db.Command(ChangeSql)
        .Bind("$id", changed.Id).Bind("$tenant", changed.Tenant).Bind("$version", changed.Version).Bind("$terms", terms)
        .Bind("$changedBy", changed.ChangedBy).Bind("$changedAt", changed.ChangedAt).Bind("$removedAt", changed.RemovedAt)
        .Bind("$troubleAt", changed.Trouble?.At).Bind("$trouble", changed.Trouble?.Error).Bind("$troubleCount", changed.Trouble?.Count ?? 0).Run() > 0;

    public StoredSubscription? Find(Session db, string tenant, string id) =>
        db.Command($"SELECT {Columns} FROM webhook_subscriptions WHERE id = $id AND tenant = $tenant").Bind("$id", id).Bind("$tenant", tenant).First(Read);

    public List<StoredSubscription> OfTenant(Session db, string tenant) =>
        db.Command($"SELECT {Columns} FROM webhook_subscriptions WHERE tenant = $tenant AND removed_at IS NULL ORDER BY name").Bind("$tenant", tenant).All(Read);

    public List<StoredSubscription> Changed(Session db, long after, int max) =>
        db.Command($"SELECT {Columns} FROM webhook_subscriptions WHERE change > $after ORDER BY change LIMIT $max").Bind("$after", after).Bind("$max", max).All(Read);

    public static void Note(Session db, string tenant, string id, ConditionTrouble trouble) => db.Command(TroubleSql)
        .Bind("$id", id).Bind("$tenant", tenant).Bind("$at", trouble.At).Bind("$error", trouble.Error).Bind("$count", trouble.Count).Run();

    public static List<SubscriptionDelivery> Deliveries(Session db, string tenant, string name, DeliveryPage page) =>
        db.Command(page.OldestFirst ? OldestSql : NewestSql).Bind("$tenant", tenant).Bind("$name", name).Bind("$max", page.Max)
            .Bind("$at", page.After?.At ?? (page.OldestFirst ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue)).Bind("$row", page.After?.Row ?? 0)
            .All(row => new SubscriptionDelivery(DeliveryRows.Read(row), row.TextOrNull(DeliveryRows.ColumnCount), row.TextOrNull(DeliveryRows.ColumnCount + 1), row.TextOrNull(DeliveryRows.ColumnCount + 2), row.GetInt64(DeliveryRows.ColumnCount + 3)));

    private StoredSubscription Read(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2))
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
