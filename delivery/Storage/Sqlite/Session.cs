using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>One connection with its prepared commands. Used by one caller at a time.</summary>
internal sealed class Session : IDisposable
{
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(2);

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = [];

    private Session(string file, SqliteOpenMode mode)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = (int)Busy.TotalSeconds,
        }.ToString());
    }

    /// <summary>Opens the writing connection. <paramref name="create"/> is for the store's opening only: a file that is gone later must not come back empty.</summary>
    public static Session OpenWriter(string file, bool create) => Open(file, create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
        // FULL: a commit in WAL mode is on the disk before it returns.
        // FAST: what moves from one page to another leaves no copy behind, so that what is erased later is erased everywhere.
        "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA secure_delete=FAST", "PRAGMA journal_size_limit=67108864", "PRAGMA cache_size=-16384");

    /// <summary>Opens the writing connection of a database that lives in memory, as long as a connection to it is open.</summary>
    public static Session OpenInMemory(string name) => Open(name, SqliteOpenMode.ReadWriteCreate, "PRAGMA journal_mode=MEMORY", "PRAGMA synchronous=OFF");

    public static Session OpenReader(string file) => Open(file, SqliteOpenMode.ReadWrite, "PRAGMA query_only=ON");

    private static Session Open(string file, SqliteOpenMode mode, params ReadOnlySpan<string> pragmas)
    {
        var session = new Session(file, mode);
        try
        {
            session._connection.Open();
            session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout={Busy.TotalMilliseconds:0}"));
            foreach (var pragma in pragmas) session.Execute(pragma);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Becomes what another database is: schema and rows. A page at a time, which is far faster than to make them anew.</summary>
    public void CopyFrom(Session other)
    {
        // SQLite lets one connection be copied from by one thread at a time.
        lock (other._connection) other._connection.BackupDatabase(_connection);
    }

    /// <summary>The prepared command of an SQL text, made at its first use. The texts are constants: their number is the number of statements in this folder.</summary>
    public SqliteCommand Command(string sql)
    {
        if (_commands.TryGetValue(sql, out var known)) return known;
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        _commands.Add(sql, command);
        return command;
    }

    /// <summary>Runs one statement, or a script of several, without parameters and without keeping it.</summary>
    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _connection.Dispose();
    }
}

/// <summary>Binding and reading, in the store's types. Times are UTC ticks, spans are ticks.</summary>
internal static class SqliteRows
{
    public static SqliteCommand Bind(this SqliteCommand command, string name, object? value)
    {
        var kept = value is string text ? StoredText.Of(text) : value ?? DBNull.Value;
        var at = command.Parameters.IndexOf(name);
        if (at < 0) command.Parameters.AddWithValue(name, kept);
        else command.Parameters[at].Value = kept;
        return command;
    }

    public static SqliteCommand Bind(this SqliteCommand command, string name, DateTimeOffset? time) =>
        command.Bind(name, (object?)time?.UtcTicks);

    /// <summary>Runs a writing command; the number of rows it changed.</summary>
    public static int Run(this SqliteCommand command) => command.ExecuteNonQuery();

    public static T? First<T>(this SqliteCommand command, Func<SqliteDataReader, T> read) where T : class
    {
        using var rows = command.ExecuteReader();
        return rows.Read() ? read(rows) : null;
    }

    public static List<T> All<T>(this SqliteCommand command, Func<SqliteDataReader, T> read)
    {
        using var rows = command.ExecuteReader();
        var all = new List<T>();
        while (rows.Read()) all.Add(read(rows));
        return all;
    }

    public static string? TextOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static byte[] Bytes(this SqliteDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static byte[]? BytesOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.Bytes(column);

    public static DateTimeOffset Time(this SqliteDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);

    /// <summary>A time that somebody may have put out of all bounds: then the earliest there is.</summary>
    public static DateTimeOffset AnyTime(this SqliteDataReader row, int column) =>
        row.GetInt64(column) is var ticks && ticks >= DateTimeOffset.MinValue.Ticks && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : DateTimeOffset.MinValue;

    public static DateTimeOffset? TimeOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    public static TimeSpan Span(this SqliteDataReader row, int column) => new(row.GetInt64(column));
}

/// <summary>Which errors of SQLite mean that the store is not available, rather than that a statement is wrong.</summary>
internal static class SqliteOutage
{
    /// <summary>Primary result codes, https://sqlite.org/rescode.html: PERM, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.</summary>
    public static bool Is(SqliteException error) => error.SqliteErrorCode is 3 or 5 or 6 or 7 or 8 or 9 or 10 or 11 or 13 or 14 or 15 or 26;

    /// <param name="nothingWritten">It failed before its commit, so all of it was undone.</param>
    public static StoreUnavailableException Of(SqliteException error, bool nothingWritten = false) =>
        new($"The store can't be read or written: {error.Message}", error) { NothingWritten = nothingWritten };

    public static StoreUnavailableException Closed()
    {
        const string message = "The store is closed.";
        return new StoreUnavailableException(message, new ObjectDisposedException(nameof(SqliteStore), message));
    }
}
