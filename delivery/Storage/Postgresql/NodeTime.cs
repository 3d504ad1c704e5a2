using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// Times that several nodes decide by, as the database's clock counts them. A node says how far away a moment is by its own clock, the statement
/// adds that to the database's; what is read goes back the same way. So clocks of nodes may differ by any time, and are compared nowhere.
/// </summary>
/// <param name="own">This node's clock.</param>
/// <param name="instead">What stands in place of the database's clock; null for that itself.</param>
internal sealed class NodeTime(TimeProvider own, TimeProvider? instead)
{
    /// <summary>The database's clock in a statement, UTC ticks; read once in each, so an index can be used with it. Bound by <see cref="Now"/>.</summary>
    public const string Clock = "(SELECT gateway_now(@clock))";

    /// <summary>Lets a statement use <see cref="Clock"/>.</summary>
    public NpgsqlBatchCommand Now(NpgsqlBatchCommand command) => command.Bind("clock", instead?.GetUtcNow());

    /// <summary>How far away a moment is, in ticks.</summary>
    public long? Until(DateTimeOffset? moment) => (moment - own.GetUtcNow())?.Ticks;

    /// <summary>The moment by this node's clock of a column that says how far away it is.</summary>
    public DateTimeOffset Read(NpgsqlDataReader row, int column) => own.GetUtcNow() + row.Span(column);

    public DateTimeOffset? ReadOrNull(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : Read(row, column);
}
