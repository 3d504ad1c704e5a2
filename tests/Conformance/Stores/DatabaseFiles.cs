using Npgsql;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What a PostgreSQL database holds, as bytes: who has a copy of it sees no more.</summary>
internal static class DatabaseFiles
{
    /// <summary>Writes each table into a file of its own, in PostgreSQL's binary form: byte arrays stand there as they are.</summary>
    public static async Task WriteAsync(string connection, string directory)
    {
        await using var source = NpgsqlDataSource.Create(connection + ";Pooling=false");
        foreach (var table in await RowsAsync(source, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'", row => row.GetString(0)))
        {
            await using var db = await source.OpenConnectionAsync();
            await using var rows = await db.BeginRawBinaryCopyAsync($"COPY \"{table}\" TO STDOUT (FORMAT BINARY)");
            await using var file = File.Create(Path.Combine(directory, table));
            await rows.CopyToAsync(file);
        }
    }

    public static async Task<List<byte[]>> BytesAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection + ";Pooling=false");
        return await RowsAsync(source, sql, row => row.GetFieldValue<byte[]>(0));
    }

    private static async Task<List<T>> RowsAsync<T>(NpgsqlDataSource source, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = source.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync();
        var all = new List<T>();
        while (await rows.ReadAsync()) all.Add(read(rows));
        return all;
    }
}
