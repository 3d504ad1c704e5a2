using System.Threading.Channels;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;

namespace HandWrittenOrders;

internal sealed record Intent(
    string Id, string Tenant, string Key, string Fingerprint, string ExternalId, string ObjectId, string CorrelationId, string? TraceParent, long CreatedAt,
    byte[] Canonical, byte[] Input);

internal sealed record KnownKey(string Fingerprint, byte[]? Answer, bool Open);

internal sealed record Audit(
    long At, string Tenant, string? Consumer, string Method, string Path, string CorrelationId, string? TraceId, int Status, string Outcome, double Milliseconds);

/// <summary>What is stored when the order system has the order, all in one transaction.</summary>
internal sealed record Outcome(Intent Intent, string Reference, byte[] Result, byte[] Event, byte[]? Answer, Audit Audit);

internal enum Begun
{
    Granted,
    KeyTaken,
    SameReference,
    OtherContent,
    StillOpen,
}

/// <summary>
/// SQLite in WAL mode with synchronous=FULL, payloads under Data Protection. One thread writes: it takes all waiting writes into one transaction
/// and lets their callers go on after the commit.
/// </summary>
internal sealed class Ledger : IAsyncDisposable
{
    private const int MaxGroup = 256;
    private static readonly TimeSpan KeepFor = TimeSpan.FromHours(24);

    private readonly Channel<Write> _writes = Channel.CreateUnbounded<Write>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<Audit> _audits = Channel.CreateBounded<Audit>(16 * 1024);
    private readonly Sql _writer;
    private readonly System.Collections.Concurrent.ConcurrentBag<Sql> _readers = [];
    private readonly string _file;
    private readonly IDataProtector _canonical, _input, _result, _event, _answer;
    private readonly TimeProvider _clock;
    private readonly Task _loop, _auditLoop;

    public Ledger(string directory, IDataProtectionProvider protection, TimeProvider clock)
    {
        Directory.CreateDirectory(directory);
        _clock = clock;
        _file = Path.Combine(directory, "orders.db");
        _canonical = protection.CreateProtector("Orders", "Canonical");
        _input = protection.CreateProtector("Orders", "Input");
        _result = protection.CreateProtector("Orders", "Result");
        _event = protection.CreateProtector("Orders", "Event");
        _answer = protection.CreateProtector("Orders", "Answer");
        _writer = new Sql(_file);
        _writer.Script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16384;");
        _writer.Script(Schema);
        _loop = Task.Factory.StartNew(WriteLoop, TaskCreationOptions.LongRunning);
        _auditLoop = AuditLoopAsync();
    }

    public KnownKey? FindKey(string tenant, string key)
    {
        if (!_readers.TryTake(out var sql)) sql = new Sql(_file);
        var known = FindKey(sql, tenant, key);
        _readers.Add(sql);
        return known;
    }

    public byte[] OpenAnswer(byte[] answer) => _answer.Unprotect(answer);

    public Task<(Begun Begun, string? ObjectId)> BeginAsync(Intent intent)
    {
        var (canonical, input) = (_canonical.Protect(intent.Canonical), _input.Protect(intent.Input));
        return WriteAsync(sql =>
        {
            if (FindKey(sql, intent.Tenant, intent.Key) is not null) return (Begun.KeyTaken, null);
            using (var holder = sql.Query("SELECT fingerprint, object_id, state FROM intents WHERE external_id = $externalId AND state IN (0, 1)", ("$externalId", intent.ExternalId)))
            {
                if (holder.Read())
                    return (holder.GetInt32(2) == 0 ? Begun.StillOpen : holder.GetString(0) == intent.Fingerprint ? Begun.SameReference : Begun.OtherContent, holder.GetString(1));
            }
            sql.Run(
                """
                INSERT INTO intents (id, tenant, key, fingerprint, external_id, object_id, correlation_id, trace_parent, created_at, canonical, input, state)
                VALUES ($id, $tenant, $key, $fingerprint, $externalId, $objectId, $correlationId, $traceParent, $createdAt, $canonical, $input, 0)
                """,
                ("$id", intent.Id), ("$tenant", intent.Tenant), ("$key", intent.Key), ("$fingerprint", intent.Fingerprint), ("$externalId", intent.ExternalId),
                ("$objectId", intent.ObjectId), ("$correlationId", intent.CorrelationId), ("$traceParent", intent.TraceParent), ("$createdAt", intent.CreatedAt),
                ("$canonical", canonical), ("$input", input));
            sql.Run("INSERT OR REPLACE INTO keys (tenant, key, fingerprint, intent_id, expires_at) VALUES ($tenant, $key, $fingerprint, $id, $expiresAt)",
                ("$tenant", intent.Tenant), ("$key", intent.Key), ("$fingerprint", intent.Fingerprint), ("$id", intent.Id), ("$expiresAt", intent.CreatedAt + KeepFor.Ticks));
            return (Begun.Granted, (string?)null);
        });
    }

    public Task<bool> CompleteAsync(Outcome outcome)
    {
        var intent = outcome.Intent;
        var (result, data) = (_result.Protect(outcome.Result), _event.Protect(outcome.Event));
        var answer = outcome.Answer is null ? null : _answer.Protect(outcome.Answer);
        return WriteAsync(sql =>
        {
            var now = _clock.GetUtcNow().Ticks;
            if (sql.Run("UPDATE intents SET state = 1, result = $result, closed_at = $now WHERE id = $id AND state = 0", ("$id", intent.Id), ("$result", result), ("$now", now)) == 0)
                return false;
            sql.Run("INSERT INTO objects (tenant, id, reference, external_id, canonical, created_at) SELECT $tenant, $id, $reference, $externalId, canonical, $now FROM intents WHERE id = $intent",
                ("$tenant", intent.Tenant), ("$id", intent.ObjectId), ("$reference", outcome.Reference), ("$externalId", intent.ExternalId), ("$intent", intent.Id), ("$now", now));
            sql.Run(
                """
                INSERT INTO events (sequence, id, tenant, type, subject, time, data, trace_parent, correlation_id)
                VALUES ((SELECT coalesce(max(sequence), 0) + 1 FROM events WHERE tenant = $tenant AND subject = $subject), $id, $tenant, 'order.accepted.v1',
                    $subject, $now, $data, $traceParent, $correlationId)
                """,
                ("$id", "evt" + intent.Id["int".Length..]), ("$tenant", intent.Tenant), ("$subject", intent.ObjectId), ("$now", now), ("$data", data),
                ("$traceParent", intent.TraceParent), ("$correlationId", intent.CorrelationId));
            sql.Run("UPDATE keys SET answer = $answer, expires_at = $expiresAt WHERE tenant = $tenant AND key = $key AND intent_id = $id",
                ("$tenant", intent.Tenant), ("$key", intent.Key), ("$id", intent.Id), ("$answer", answer), ("$expiresAt", now + KeepFor.Ticks));
            Append(sql, outcome.Audit);
            return true;
        });
    }

    /// <summary>The call ended without an order: refused keeps the answer for the key, not sent frees it.</summary>
    public Task CloseAsync(Intent intent, byte[]? refusal, Audit audit)
    {
        var answer = refusal is null ? null : _answer.Protect(refusal);
        return WriteAsync(sql =>
        {
            sql.Run("UPDATE intents SET state = $state, closed_at = $now WHERE id = $id AND state = 0",
                ("$id", intent.Id), ("$state", refusal is null ? 3 : 2), ("$now", _clock.GetUtcNow().Ticks));
            if (answer is null) sql.Run("DELETE FROM keys WHERE tenant = $tenant AND key = $key AND intent_id = $id", ("$tenant", intent.Tenant), ("$key", intent.Key), ("$id", intent.Id));
            else sql.Run("UPDATE keys SET answer = $answer WHERE tenant = $tenant AND key = $key AND intent_id = $id", ("$tenant", intent.Tenant), ("$key", intent.Key), ("$id", intent.Id), ("$answer", answer));
            Append(sql, audit);
            return true;
        });
    }

    /// <summary>Open intents made before a moment: nobody works on them any more.</summary>
    public List<Intent> Abandoned(long before)
    {
        using var sql = new Sql(_file);
        var found = new List<Intent>();
        using var row = sql.Query(
            """
            SELECT id, tenant, key, fingerprint, external_id, object_id, correlation_id, trace_parent, created_at, canonical, input
            FROM intents WHERE state = 0 AND created_at < $before ORDER BY created_at LIMIT 64
            """, ("$before", before));
        while (row.Read())
        {
            found.Add(new Intent(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
                row.IsDBNull(7) ? null : row.GetString(7), row.GetInt64(8), _canonical.Unprotect(row.GetFieldValue<byte[]>(9)), _input.Unprotect(row.GetFieldValue<byte[]>(10))));
        }
        return found;
    }

    /// <summary>For what changed nothing; waits while too many records wait.</summary>
    public ValueTask AuditAsync(Audit audit) => _audits.Writer.WriteAsync(audit);

    public async ValueTask DisposeAsync()
    {
        _audits.Writer.TryComplete();
        await _auditLoop;
        _writes.Writer.TryComplete();
        await _loop;
        _writer.Dispose();
        foreach (var reader in _readers) reader.Dispose();
    }

    private KnownKey? FindKey(Sql sql, string tenant, string key)
    {
        using var row = sql.Query(
            """
            SELECT k.fingerprint, k.answer, coalesce(i.state, 1) FROM keys k LEFT JOIN intents i ON i.id = k.intent_id
            WHERE k.tenant = $tenant AND k.key = $key AND (k.expires_at > $now OR i.state = 0)
            """, ("$tenant", tenant), ("$key", key), ("$now", _clock.GetUtcNow().Ticks));
        return row.Read() ? new KnownKey(row.GetString(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1), row.GetInt32(2) == 0) : null;
    }

    private static void Append(Sql sql, Audit audit) => sql.Run(
        """
        INSERT INTO audit (at, tenant, consumer, method, path, correlation_id, trace_id, status, outcome, milliseconds)
        VALUES ($at, $tenant, $consumer, $method, $path, $correlationId, $traceId, $status, $outcome, $milliseconds)
        """,
        ("$at", audit.At), ("$tenant", audit.Tenant), ("$consumer", audit.Consumer), ("$method", audit.Method), ("$path", audit.Path),
        ("$correlationId", audit.CorrelationId), ("$traceId", audit.TraceId), ("$status", audit.Status), ("$outcome", audit.Outcome), ("$milliseconds", audit.Milliseconds));

    private async Task AuditLoopAsync()
    {
        while (await _audits.Reader.WaitToReadAsync())
        {
            var batch = new List<Audit>();
            while (batch.Count < MaxGroup && _audits.Reader.TryRead(out var audit)) batch.Add(audit);
            await WriteAsync(sql =>
            {
                foreach (var audit in batch) Append(sql, audit);
                return true;
            });
        }
    }

    private Task<T> WriteAsync<T>(Func<Sql, T> work)
    {
        var write = new Write<T>(work);
        if (!_writes.Writer.TryWrite(write)) throw new InvalidOperationException("The ledger is closed.");
        return write.Done;
    }

    private void WriteLoop()
    {
        var group = new List<Write>(MaxGroup);
        while (_writes.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (group.Count < MaxGroup && _writes.Reader.TryRead(out var write)) group.Add(write);
            try
            {
                _writer.Run("BEGIN IMMEDIATE");
                foreach (var write in group)
                {
                    _writer.Run("SAVEPOINT one");
                    if (!write.TryRun(_writer)) _writer.Run("ROLLBACK TO one");
                    _writer.Run("RELEASE one");
                }
                _writer.Run("COMMIT");
                foreach (var write in group) write.Succeed();
            }
            catch (SqliteException outage)
            {
                try
                {
                    _writer.Run("ROLLBACK");
                }
                catch (SqliteException)
                {
                    // There is no transaction any more.
                }
                foreach (var write in group) write.Fail(outage);
            }
            group.Clear();
        }
    }

    private abstract class Write
    {
        public abstract bool TryRun(Sql sql);

        public abstract void Succeed();

        public abstract void Fail(Exception cause);
    }

    private sealed class Write<T>(Func<Sql, T> work) : Write
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Done => _done.Task;

        public override bool TryRun(Sql sql)
        {
            try
            {
                _result = work(sql);
                return true;
            }
            catch (Exception wrong) when (wrong is not SqliteException { SqliteErrorCode: not 19 })
            {
                _done.TrySetException(wrong);
                return false;
            }
        }

        public override void Succeed() => _done.TrySetResult(_result);

        public override void Fail(Exception cause) => _done.TrySetException(cause);
    }

    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS intents (
            id TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, external_id TEXT NOT NULL, object_id TEXT NOT NULL,
            correlation_id TEXT NOT NULL, trace_parent TEXT, created_at INTEGER NOT NULL, canonical BLOB NOT NULL, input BLOB NOT NULL, state INTEGER NOT NULL,
            result BLOB, closed_at INTEGER) STRICT;
        CREATE UNIQUE INDEX IF NOT EXISTS intents_reference ON intents (external_id) WHERE state IN (0, 1);
        CREATE INDEX IF NOT EXISTS intents_open ON intents (created_at) WHERE state = 0;
        CREATE TABLE IF NOT EXISTS keys (
            tenant TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, intent_id TEXT, answer BLOB, expires_at INTEGER NOT NULL, UNIQUE (tenant, key)) STRICT;
        CREATE INDEX IF NOT EXISTS keys_expiry ON keys (expires_at);
        CREATE TABLE IF NOT EXISTS objects (
            tenant TEXT NOT NULL, id TEXT NOT NULL, reference TEXT NOT NULL, external_id TEXT NOT NULL, canonical BLOB NOT NULL, created_at INTEGER NOT NULL,
            UNIQUE (tenant, id)) STRICT;
        CREATE TABLE IF NOT EXISTS events (
            position INTEGER PRIMARY KEY AUTOINCREMENT, sequence INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, type TEXT NOT NULL,
            subject TEXT NOT NULL, time INTEGER NOT NULL, data BLOB NOT NULL, trace_parent TEXT, correlation_id TEXT, UNIQUE (tenant, subject, sequence)) STRICT;
        CREATE TABLE IF NOT EXISTS audit (
            row INTEGER PRIMARY KEY, at INTEGER NOT NULL, tenant TEXT NOT NULL, consumer TEXT, method TEXT NOT NULL, path TEXT NOT NULL, correlation_id TEXT NOT NULL,
            trace_id TEXT, status INTEGER NOT NULL, outcome TEXT NOT NULL, milliseconds REAL NOT NULL) STRICT;
        CREATE INDEX IF NOT EXISTS audit_correlation ON audit (correlation_id);
        """;
}

/// <summary>One connection and its prepared commands.</summary>
internal sealed class Sql : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(ReferenceEqualityComparer.Instance as IEqualityComparer<string>);

    public Sql(string file)
    {
        _connection = new SqliteConnection($"Data Source={file};Pooling=False;Default Timeout=2");
        _connection.Open();
    }

    public void Script(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> values) => Command(sql, values).ExecuteNonQuery();

    public SqliteDataReader Query(string sql, params ReadOnlySpan<(string Name, object? Value)> values) => Command(sql, values).ExecuteReader();

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _connection.Dispose();
    }

    /// <summary>Values come in the same order every time, so they are set by place.</summary>
    private SqliteCommand Command(string sql, ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            _commands[sql] = command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in values) command.Parameters.Add(new SqliteParameter(name, null));
        }
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i].Value ?? DBNull.Value;
        return command;
    }
}
