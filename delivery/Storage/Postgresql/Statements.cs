using Npgsql;
using NpgsqlTypes;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Binding and running, in the store's types. Times are UTC ticks, spans are ticks: what is stored comes back to the last of them.</summary>
internal static class Statements
{
    public static NpgsqlBatchCommand Of(string sql) => new(sql);

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, string name, string? value) => command.Add(name, NpgsqlDbType.Text, StoredText.Of(value));

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, string name, long? value) => command.Add(name, NpgsqlDbType.Bigint, value);

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, string name, uint value) => command.Add(name, NpgsqlDbType.Bigint, (long)value);

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, string name, int value) => command.Add(name, NpgsqlDbType.Integer, value);

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, string name, bool value) => command.Add(name, NpgsqlDbType.Boolean, value);

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, string name, byte[]? value) => command.Add(name, NpgsqlDbType.Bytea, value);

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, string name, DateTimeOffset? time) => command.Add(name, NpgsqlDbType.Bigint, time?.UtcTicks);

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, string name, string[] values) =>
        command.Add(name, NpgsqlDbType.Array | NpgsqlDbType.Text, Array.ConvertAll(values, value => StoredText.Of(value)!));

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, string name, byte[][] values) => command.Add(name, NpgsqlDbType.Array | NpgsqlDbType.Bytea, values);

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, string name, long[] values) => command.Add(name, NpgsqlDbType.Array | NpgsqlDbType.Bigint, values);

    /// <summary>
    /// Runs statements in one round trip. Outside of a transaction they are one: all of them, or none. How many rows each has changed.
    /// </summary>
    public static async Task<long[]> RunAsync(this NpgsqlConnection connection, params IEnumerable<NpgsqlBatchCommand> commands)
    {
        List<NpgsqlBatchCommand> all = [.. commands];
        await using var batch = connection.BatchOf(all);
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
        return [.. all.Select(c => (long)c.RecordsAffected)];
    }

    public static async Task<List<T>> AllAsync<T>(
        this NpgsqlConnection connection, NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var batch = connection.BatchOf([command]);
        await using var rows = await batch.ExecuteReaderAsync(cancellation);
        var all = new List<T>();
        while (await rows.ReadAsync(cancellation)) all.Add(read(rows));
        return all;
    }

    public static async Task<T?> FirstAsync<T>(
        this NpgsqlConnection connection, NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var batch = connection.BatchOf([command]);
        await using var rows = await batch.ExecuteReaderAsync(cancellation);
        return await rows.ReadAsync(cancellation) ? read(rows) : default;
    }

    public static string? TextOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static byte[] Bytes(this NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static byte[]? BytesOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.Bytes(column);

    public static DateTimeOffset Time(this NpgsqlDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);

    /// <summary>A time that somebody may have put out of all bounds: then the earliest there is.</summary>
    public static DateTimeOffset AnyTime(this NpgsqlDataReader row, int column) =>
        row.GetInt64(column) is var ticks && ticks >= DateTimeOffset.MinValue.Ticks && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : DateTimeOffset.MinValue;

    public static DateTimeOffset? TimeOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    public static TimeSpan Span(this NpgsqlDataReader row, int column) => new(row.GetInt64(column));

    private static NpgsqlBatch BatchOf(this NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands)
    {
        var batch = connection.CreateBatch();
        foreach (var command in commands) batch.BatchCommands.Add(command);
        return batch;
    }

    private static NpgsqlBatchCommand Add(this NpgsqlBatchCommand command, string name, NpgsqlDbType type, object? value)
    {
        command.Parameters.Add(new NpgsqlParameter(name, type) { Value = value ?? DBNull.Value });
        return command;
    }
}
