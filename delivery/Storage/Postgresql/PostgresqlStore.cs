using System.Security.Cryptography;
using Gateway.Delivery.Audit;
using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// The shared engine: one database, any number of nodes. A write is one batch of statements where that is possible: one round trip, and no lock is
/// held while a node thinks. What several nodes decide by is decided by rows and by the database's clock, never by a node's.
/// </summary>
public sealed partial class PostgresqlStore : IStore
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a claim that met somebody who was gone a moment later is made again.</summary>
    private const int Claims = 5;

    private readonly StoreOptions _options;
    private readonly TimeProvider _clock;
    private readonly Payloads _payloads;
    private readonly Database _db;
    private readonly Signal _appended;
    private readonly IntentRows _intents;
    private readonly KeyRows _keys;
    private readonly TakenRows _taken;
    private readonly ObjectRows _objects;
    private readonly EventRows _events;
    private readonly DeliveryRows _deliveries;
    private readonly DeadRows _dead;
    private readonly SubscriptionRows _subscriptions;
    private readonly FeedRows _feeds;
    private readonly FlowRows _flows;
    private readonly FlowSignalRows _flowSignals;
    private readonly AuditRows _audit;

    // The last position that a waiting reader has looked for.
    private long _polled;

    /// <exception cref="InvalidOperationException">The options say nothing of a database.</exception>
    public PostgresqlStore(StoreOptions options)
    {
        (_options, _clock) = (options, options.Clock);
        _db = new Database(options.Postgresql ?? throw new InvalidOperationException("The store postgresql needs a database."));
        _payloads = new Payloads(options.Protection);
        _appended = new Signal(options.Clock);
        var time = new NodeTime(options.Clock, options.SharedClock);
        _intents = new IntentRows(_payloads, time);
        _keys = new KeyRows(_payloads, time);
        _taken = new TakenRows(time);
        _objects = new ObjectRows(_payloads);
        _events = new EventRows(_payloads);
        _deliveries = new DeliveryRows(time, _payloads);
        _dead = new DeadRows(time, _deliveries);
        _subscriptions = new SubscriptionRows(_payloads, _deliveries, time);
        _feeds = new FeedRows(time);
        _flows = new FlowRows(_payloads, time);
        _flowSignals = new FlowSignalRows(_payloads, time);
        _audit = new AuditRows(_payloads);
    }

    public async ValueTask OpenAsync(CancellationToken cancellation)
    {
        if (_heads is not null) throw new InvalidOperationException("The store is open.");
        try
        {
            var node = NodeName.Of(_options.DataDirectory);
            _db.Open();
            _heads = new AuditHeads(node, await _db.WriteAsync(connection => PrepareAsync(connection, cancellation), cancellation));
        }
        catch (Exception error)
        {
            await DisposeAsync();
            if (error is not (IOException or UnauthorizedAccessException)) throw;
            throw new StoreUnavailableException($"The data directory '{_options.DataDirectory}' can't be used: {error.Message}", error);
        }
    }

    public ValueTask DisposeAsync() => _db.DisposeAsync();

    // --- Exactly once ---------------------------------------------------------------------------

    public ValueTask<KeyRecord?> FindKeyAsync(KeyScope key, CancellationToken cancellation) =>
        FirstAsync(_keys.Find(key), _keys.Read, cancellation);

    public ValueTask<BeginResult> BeginAsync(Intent intent, CancellationToken cancellation)
    {
        var canonical = _payloads.Seal(PayloadKind.Canonical, intent.Canonical.Span);
        var input = _payloads.Seal(PayloadKind.Input, intent.Input.Span);
        var path = _payloads.SealPath(intent);
        return _db.WriteAsync<BeginResult>(async connection =>
        {
            for (var claim = 0; claim < Claims; claim++)
            {
                // Key, intent, and the key back where the intent was not stored: all of it, or nothing.
                var insert = _intents.Insert(intent, canonical, input, path);
                await connection.RunAsync(intent.Key is null ? [insert] : [_keys.Claim(intent), insert, KeyRows.GiveBack(intent)]);
                if (insert.RecordsAffected > 0) return new BeginResult.Granted();
                if (await HolderAsync(connection, intent) is { } holder) return holder;
            }
            throw Outage.TooLong("others take and free the same key or reference all the time.");
        }, cancellation);
    }

    public async ValueTask ReleaseAsync(Intent intent, string reason, CancellationToken cancellation)
    {
        var by = NewWrite();
        List<NpgsqlBatchCommand> batch = [_intents.Close(intent, IntentState.NotDone, reason, by)];
        if (intent.Key is not null) batch.Add(KeyRows.Free(intent, Guard.Closed(intent, by)));
        await RunAsync(batch, cancellation);
    }

    public async ValueTask RefuseAsync(Intent intent, Answer answer, AuditRecord? audit, CancellationToken cancellation)
    {
        var kept = _payloads.Seal(answer);
        var by = NewWrite();
        var guard = Guard.Closed(intent, by);
        await ChainedAsync(audit, async (connection, links) =>
        {
            List<NpgsqlBatchCommand> batch = [_intents.Close(intent, IntentState.Refused, null, by)];
            if (intent.Key is not null) batch.Add(_keys.Finish(intent, kept, guard));
            batch.AddRange(links(guard));
            return (await connection.RunAsync(batch))[0] > 0;
        }, cancellation);
    }

    public async ValueTask<bool> CompleteAsync(Completion completion, CancellationToken cancellation)
    {
        var intent = completion.Intent;
        var result = _payloads.Seal(completion.Result);
        var answer = completion.Answer is { } given ? _payloads.Seal(given) : null;
        var canonical = completion.Object is { } made && !made.Canonical.Equals(intent.Canonical) ? _payloads.Seal(PayloadKind.Canonical, made.Canonical.Span) : null;
        var data = completion.Event is { } happened ? _payloads.Seal(PayloadKind.EventData, happened.Data.Span) : null;
        var by = NewWrite();
        var guard = Guard.Closed(intent, by);
        var completed = await ChainedAsync(completion.Audit, async (connection, links) =>
        {
            List<NpgsqlBatchCommand> batch = [_intents.Succeed(intent, result, by)];
            if (canonical is not null) batch.Add(ObjectRows.Put(completion.Object!, canonical, guard));
            else if (completion.Object is not null) batch.Add(ObjectRows.Put(completion.Object, intent, guard));
            if (intent.Key is not null) batch.Add(_keys.Finish(intent, answer, guard));
            if (completion.Ended is not null) batch.Add(IntentRows.Undo(completion.Ended, guard));
            batch.AddRange(completion.Noted.Select(noted => FeedRows.Note(noted, guard)));
            batch.AddRange(links(guard));
            if (completion.Event is not null) batch.AddRange(EventRows.Append(completion.Event, data!, guard));
            return (await connection.RunAsync(batch))[0] > 0;
        }, cancellation);
        if (completed && completion.Event is not null) Appended();
        return completed;
    }

    public async ValueTask RememberAsync(
        KeyScope key, string fingerprint, TimeSpan keepFor, Answer answer, AuditRecord? audit, CancellationToken cancellation)
    {
        var kept = _payloads.Seal(answer);
        await ChainedAsync(audit, async (connection, links) =>
        {
            await connection.RunAsync([_keys.Remember(key, fingerprint, kept, keepFor), .. links(Guard.None)]);
            return true;
        }, cancellation);
    }

    /// <remarks>Every node lives for all that anybody can tell, so <paramref name="owner"/> says nothing here.</remarks>
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Intent>> AbandonedAsync(string owner, int max, CancellationToken cancellation) =>
        await AllAsync(_intents.Abandoned(max), _intents.ReadAny, cancellation);

    public async ValueTask<Intent?> LeaseAsync(Intent intent, string owner, DateTimeOffset until, CancellationToken cancellation) =>
        await RunAsync([_intents.Lease(intent, owner, until)], cancellation) > 0 ? intent with { LeaseOwner = owner, LeaseUntil = until, Version = intent.Version + 1 } : null;

    public ValueTask<Intent?> FindIntentAsync(string id, CancellationToken cancellation) => FirstAsync(_intents.Find(id), _intents.ReadAny, cancellation);

    public ValueTask<OwnedObject?> FindObjectAsync(string tenant, string kind, string id, CancellationToken cancellation) =>
        FirstAsync(ObjectRows.Find(tenant, kind, id), _objects.Read, cancellation);

    public async ValueTask<bool> TakeOnceAsync(string name, DateTimeOffset until, CancellationToken cancellation) =>
        await RunAsync([_taken.Take(name, until)], cancellation) > 0;

    // --- Inside ---------------------------------------------------------------------------------

    /// <summary>A name for one write, by which its later statements know what its first one did.</summary>
    private static string NewWrite() => Guid.NewGuid().ToString("N");

    /// <summary>Who has the key, the reference, the object or the record of an intent that could not be stored; null where he has gone meanwhile.</summary>
    private async Task<BeginResult?> HolderAsync(NpgsqlConnection connection, Intent intent)
    {
        if (intent.Key is not null
            && await connection.FirstAsync(_keys.Find(KeyRows.ScopeOf(intent)), _keys.Read, CancellationToken.None) is { } held && held.IntentId != intent.Id)
        {
            return new BeginResult.KeyTaken(held);
        }
        if (await connection.FirstAsync(_intents.Holder(intent.Backend, intent.ExternalId), _intents.Read, CancellationToken.None) is { } holder)
        {
            // The same intent: an earlier attempt to store it was reported as failed, though it had been committed.
            var own = holder.Id == intent.Id && holder.State == intent.State && holder.Version == intent.Version;
            return own ? new BeginResult.Granted() : new BeginResult.ReferenceTaken(holder);
        }
        if (await connection.FirstAsync(_intents.Changing(intent.Tenant, intent.ObjectId), _intents.Read, CancellationToken.None) is { } changing)
            return new BeginResult.ObjectTaken(changing);
        return intent is { Record: { } record, State: IntentState.Open }
            && await connection.FirstAsync(_intents.Busy(intent.Backend, record), _intents.Read, CancellationToken.None) is { } busy
                ? new BeginResult.ObjectTaken(busy)
                : null;
    }

    private ValueTask<T?> FirstAsync<T>(NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation) =>
        _db.ReadAsync(connection => connection.FirstAsync(command, read, cancellation), cancellation);

    private ValueTask<List<T>> AllAsync<T>(NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation) =>
        _db.ReadAsync(connection => connection.AllAsync(command, read, cancellation), cancellation);

    /// <summary>Runs a batch, all of it or none; how many rows its first statement has changed.</summary>
    private ValueTask<long> RunAsync(IReadOnlyList<NpgsqlBatchCommand> batch, CancellationToken cancellation) =>
        _db.WriteAsync(async connection => (await connection.RunAsync(batch))[0], cancellation);

    /// <summary>Brings the database to this build's schema, and looks whether the key ring is the one that it was written with.</summary>
    private async Task<AuditChain> PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await Migrations.RunAsync(connection, _clock.GetUtcNow(), cancellation);
        try
        {
            await SealedAsync(connection, PayloadKind.Check, "gateway"u8.ToArray());
            var key = await SealedAsync(connection, PayloadKind.AuditKey, AuditChain.NewKey());
            _polled = await connection.FirstAsync(EventRows.Last(), row => row.GetInt64(0), cancellation);
            return new AuditChain(key);
        }
        catch (StoreUnavailableException foreign) when (foreign.InnerException is CryptographicException)
        {
            throw new StoreUnavailableException(
                "The key ring of this node can't open what others have written to the database. All nodes of a database share one key directory (--keys). "
                + "Restore the key ring that belongs to these data.", foreign.InnerException);
        }
    }

    /// <summary>What was made once for all nodes; <paramref name="made"/> where there is nothing yet.</summary>
    private async Task<byte[]> SealedAsync(NpgsqlConnection connection, PayloadKind kind, byte[] made)
    {
        var name = kind.ToString();
        var find = () => connection.FirstAsync(Statements.Of("SELECT sealed FROM sealed WHERE name = @name").Bind("name", name), row => row.Bytes(0), CancellationToken.None);
        if (await find() is not { } known)
        {
            await connection.RunAsync(Statements.Of("INSERT INTO sealed (name, sealed) VALUES (@name, @sealed) ON CONFLICT DO NOTHING")
                .Bind("name", name).Bind("sealed", _payloads.Seal(kind, made)));
            known = (await find())!;
        }
        return _payloads.Open(kind, known);
    }
}
