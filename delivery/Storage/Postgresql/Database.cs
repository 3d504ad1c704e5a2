using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// The connections to the database: a bounded pool, and a bound on how long anybody waits for it. A call takes one connection, gives it back, and
/// ends in <see cref="StoreUnavailableException"/> where there is none or it is lost.
/// </summary>
internal sealed class Database(PostgresqlOptions options) : IAsyncDisposable
{
    /// <summary>The longest wait for a connection, of the pool or to the server.</summary>
    private const int ConnectSeconds = 3;

    /// <summary>The longest wait for an answer.</summary>
    private const int AnswerSeconds = 5;

    /// <summary>How long a question to a server that does not answer is waited for once more, when it is taken back.</summary>
    private const int TakeBackMilliseconds = 200;

    /// <summary>The server gives up what a node that stands still has begun: others may wait for its locks.</summary>
    private const string ServerSettings = "-c idle_in_transaction_session_timeout=10000 -c statement_timeout=30000 -c lock_timeout=4000";

    private NpgsqlDataSource? _source;

    /// <summary>The longest wait of a call for its turn, where calls have turns.</summary>
    public static TimeSpan LongestTurn => TimeSpan.FromSeconds(AnswerSeconds);

    /// <summary>Reads what to connect to; connects to nothing yet.</summary>
    /// <exception cref="StoreUnavailableException">The text of the connection is malformed.</exception>
    public void Open()
    {
        var text = Parsed(options.Connection);
        text.MaxPoolSize = options.Connections;
        text.MinPoolSize = 0;
        text.Timeout = ConnectSeconds;
        text.CommandTimeout = AnswerSeconds;
        text.CancellationTimeout = TakeBackMilliseconds;
        // Finds out about connections that nobody uses and that are gone.
        text.KeepAlive = 15;
        text.MaxAutoPrepare = 100;
        text.AutoPrepareMinUsages = 2;
        text.ApplicationName ??= "gateway";
        text.Options = $"{text.Options} {ServerSettings}".Trim();
        // Every transaction ends before its connection is given back.
        text.NoResetOnClose = true;
        var builder = new NpgsqlDataSourceBuilder();
        if (text.Password is { Length: > 0 })
        {
            // A password in a file may be replaced while the gateway runs: each new connection takes the one that is there.
            builder.UsePasswordProvider(_ => Password(), (_, _) => new ValueTask<string>(Password()));
            text.Password = null;
        }
        // Of several hosts, whichever takes writes.
        text.TargetSessionAttributes = null;
        builder.ConnectionStringBuilder.ConnectionString = text.ConnectionString;
        _source = text.Host!.Contains(',') ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.ReadWrite) : builder.Build();
    }

    /// <summary>Reads. A connection that turns out to be lost is replaced once: reading twice does no harm.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellation)
    {
        await SocketThread.LeaveAsync();
        for (var again = false; ; again = true)
        {
            try
            {
                await using var connection = await ConnectAsync(cancellation);
                var result = await read(connection);
                // An answer comes on a thread of the sockets; what the caller does with it is none of theirs.
                await SocketThread.LeaveAsync();
                return result;
            }
            catch (Exception error) when (Outage.Of(error) is { } outage)
            {
                await SocketThread.LeaveAsync();
                // The others of the pool are as old.
                if (Outage.IsLost(error)) _source?.Clear();
                if (again || !Outage.IsLost(error)) throw outage;
            }
        }
    }

    /// <summary>
    /// Writes. Cancellation is heard until the write has begun and not after: a caller that was told "cancelled" can rely on nothing having been
    /// stored. One that was told that the store is not available can't: the commit may have happened, and its answer been lost.
    /// </summary>
    public async ValueTask<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> write, CancellationToken cancellation)
    {
        await SocketThread.LeaveAsync();
        cancellation.ThrowIfCancellationRequested();
        var begun = false;
        try
        {
            await using var connection = await ConnectAsync(cancellation);
            begun = true;
            var result = await write(connection);
            await SocketThread.LeaveAsync();
            return result;
        }
        catch (Exception error) when (Outage.Of(error) is { } outage)
        {
            await SocketThread.LeaveAsync();
            if (Outage.IsLost(error)) _source?.Clear();
            throw begun ? outage : new StoreUnavailableException(outage.Message, outage.InnerException!) { NothingWritten = true };
        }
    }

    /// <summary>The same, where a write takes several steps: all of them, or none where it gives null or false.</summary>
    public ValueTask<T> TransactAsync<T>(Func<NpgsqlConnection, Task<T>> write, CancellationToken cancellation) => WriteAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
        var result = await write(connection);
        if (result is null or false) await transaction.RollbackAsync(CancellationToken.None);
        else await transaction.CommitAsync(CancellationToken.None);
        return result;
    }, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_source is not null) await _source.DisposeAsync();
    }

    private ValueTask<NpgsqlConnection> ConnectAsync(CancellationToken cancellation) =>
        (_source ?? throw new InvalidOperationException("The store is not open.")).OpenConnectionAsync(cancellation);

    private string Password() => Parsed(options.Connection).Password ?? "";

    private static NpgsqlConnectionStringBuilder Parsed(Secret connection)
    {
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(connection.Reveal());
            return parsed.Host is { Length: > 0 } ? parsed : throw new ArgumentException("There is no host.");
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or InvalidOperationException or InvalidCastException or OverflowException)
        {
            // What was read stays untold: the part that is wrong may be the end of a password.
            var message = $"What {connection.Reference} says of the connection to PostgreSQL can't be read: it is written Host=db;Database=gateway;Username=gateway;Password='…', "
                + "with quotes around what holds a semicolon.";
            throw new StoreUnavailableException(message, new InvalidOperationException(message));
        }
    }
}
