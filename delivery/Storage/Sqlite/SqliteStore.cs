using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>
/// The embedded engine: one SQLite file in WAL mode, owned by one process, one writer with group commit, a few readers.
/// Payloads are sealed and opened outside the writer where that is possible, so that the one writer mostly waits for the disk.
/// </summary>
public sealed partial class SqliteStore : IStore
{
    /// <summary>Name of the file in the data directory; SQLite keeps <c>-wal</c> and <c>-shm</c> beside it.</summary>
    public const string FileName = "gateway.db";

    private const int PurgeBatch = 200;
    private const int PurgeLinks = 50;
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromMinutes(1);

    private readonly StoreOptions _options;
    private readonly string _file;
    private readonly TimeProvider _clock;
    private readonly Payloads _payloads;
    private readonly Signal _appended;

    // Set by OpenAsync; a store that is not open has no writer.
    private FileStream? _owned;
    private Writer? _writer;
    private Readers? _readers;
    private DateTimeOffset _nextPurge;

    public SqliteStore(StoreOptions options)
        : this(options, Path.Combine(options.DataDirectory, FileName))
    {
    }

    private SqliteStore(StoreOptions options, string file)
    {
        (_options, _file, _clock) = (options, file, options.Clock);
        _payloads = new Payloads(options.Protection);
        _appended = new Signal(options.Clock);
    }

    private IntentRows Intents => field ??= new IntentRows(_payloads);

    private KeyRows Keys => field ??= new KeyRows(_payloads);

    private ObjectRows Objects => field ??= new ObjectRows(_payloads);

    private EventRows Events => field ??= new EventRows(_payloads);

    private DeliveryRows Deliveries => field ??= new DeliveryRows(_payloads);

    private IssuedKeyRows IssuedKeys => field ??= new IssuedKeyRows(_payloads);

    /// <summary>A database in memory with the schema, and nothing else: what others in memory begin as.</summary>
    private static readonly Lazy<Session> Empty = new(() =>
    {
        var db = Session.OpenInMemory("file:/empty?vfs=memdb");
        Migrations.Run(db, DateTimeOffset.UnixEpoch);
        return db;
    });

    private bool IsInMemory => _options.DataDirectory.Length == 0;

    /// <summary>The same engine on memory in place of a file: empty when it is opened, gone when it is closed. What cases run on.</summary>
    public static SqliteStore InMemory(IDataProtectionProvider protection, TimeProvider clock) =>
        // The name makes it one database for all connections of this store (https://sqlite.org/src/file/src/memdb.c).
        new(new StoreOptions { DataDirectory = "", Protection = protection, Clock = clock }, $"file:/{Guid.NewGuid():N}?vfs=memdb");

    public async ValueTask OpenAsync(CancellationToken cancellation)
    {
        if (_writer is not null) throw new InvalidOperationException("The store is open.");
        try
        {
            var db = IsInMemory ? Session.OpenInMemory(_file) : OpenFile();
            try
            {
                if (IsInMemory) db.CopyFrom(Empty.Value);
                else Migrations.Run(db, _clock.GetUtcNow());
                CheckRing(db);
                Audit = OpenAudit(db);
            }
            catch
            {
                db.Dispose();
                throw;
            }

            _writer = new Writer(db, () => Session.OpenWriter(_file, create: false), Housekeep);
            _readers = new Readers(() => Session.OpenReader(_file));
        }
        catch (Exception error)
        {
            await DisposeAsync();
            if (error is SqliteException sqlite) throw SqliteOutage.Of(sqlite);
            if (error is not (IOException or UnauthorizedAccessException)) throw;
            throw new StoreUnavailableException($"The data directory '{_options.DataDirectory}' can't be used: {error.Message}", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null) await _writer.DisposeAsync();
        if (_readers is not null) await _readers.DisposeAsync();
        _owned?.Dispose();
    }

    // --- Exactly once ---------------------------------------------------------------------------

    public ValueTask<KeyRecord?> FindKeyAsync(KeyScope key, CancellationToken cancellation) =>
        ReadAsync(db => Keys.Find(db, key, _clock.GetUtcNow()), cancellation);

    public ValueTask<BeginResult> BeginAsync(Intent intent, CancellationToken cancellation)
    {
        var canonical = _payloads.Seal(PayloadKind.Canonical, intent.Canonical.Span);
        var input = _payloads.Seal(PayloadKind.Input, intent.Input.Span);
        var path = _payloads.SealPath(intent);
        return WriteAsync(db => Begin(db, intent, canonical, input, path) ?? new BeginResult.Granted(), cancellation);
    }

    /// <summary>Stores an intent with its key; what stands in the way, or that it was stored before, else null.</summary>
    private BeginResult? Begin(Session db, Intent intent, byte[] canonical, byte[] input, byte[] path)
    {
        var now = _clock.GetUtcNow();
        if (intent.Key is not null && Keys.Find(db, KeyRows.ScopeOf(intent), now) is { } held && held.IntentId != intent.Id)
        {
            return new BeginResult.KeyTaken(held);
        }

        if (Intents.Holder(db, intent.Backend, intent.ExternalId) is { } holder)
        {
            // The same intent: an earlier attempt to store it was reported as failed, though its commit had reached the disk.
            var own = holder.Id == intent.Id && holder.State == intent.State && holder.Version == intent.Version;
            return own ? new BeginResult.Granted() : new BeginResult.ReferenceTaken(holder);
        }

        if (Intents.Changing(db, intent.Tenant, intent.ObjectId) is { } changing) return new BeginResult.ObjectTaken(changing);
        // What only waits changes nothing yet.
        if (intent.State == IntentState.Open && Intents.Changing(db, intent) is { } busy) return new BeginResult.ObjectTaken(busy);
        Intents.Insert(db, intent, canonical, input, path);
        if (intent.Key is not null)
        {
            KeyRows.Claim(db, KeyRows.ScopeOf(intent), intent.Fingerprint, intent.Id, null, now + intent.KeepKeyFor);
        }

        return null;
    }

    public async ValueTask ReleaseAsync(Intent intent, string reason, CancellationToken cancellation) => await WriteAsync(db =>
    {
        if (!IntentRows.Close(db, intent, IntentState.NotDone, reason, _clock.GetUtcNow())) return false;
        KeyRows.Free(db, intent);
        return true;
    }, cancellation);

    public async ValueTask RefuseAsync(Intent intent, Answer answer, AuditRecord? audit, CancellationToken cancellation)
    {
        var kept = _payloads.Seal(answer);
        await WriteAsync(db =>
        {
            var now = _clock.GetUtcNow();
            if (!IntentRows.Close(db, intent, IntentState.Refused, null, now)) return false;
            KeyRows.Finish(db, intent, kept, now);
            Audit.Append(db, audit);
            return true;
        }, cancellation);
    }

    public async ValueTask<bool> CompleteAsync(Completion completion, CancellationToken cancellation)
    {
        var intent = completion.Intent;
        var result = _payloads.Seal(completion.Result);
        var answer = completion.Answer is { } given ? _payloads.Seal(given) : null;
        var canonical = completion.Object is { } made && !made.Canonical.Equals(intent.Canonical) ? _payloads.Seal(PayloadKind.Canonical, made.Canonical.Span) : null;
        var data = completion.Event is { } happened ? _payloads.Seal(PayloadKind.EventData, happened.Data.Span) : null;
        var completed = await WriteAsync(db =>
        {
            var now = _clock.GetUtcNow();
            if (!IntentRows.Succeed(db, intent.Id, result, now)) return false;
            if (canonical is not null) ObjectRows.Put(db, completion.Object!, canonical);
            else if (completion.Object is not null) ObjectRows.Put(db, completion.Object, intent);
            if (completion.Event is not null) EventRows.Append(db, completion.Event, data!);
            if (completion.Ended is not null) IntentRows.Undo(db, completion.Ended);
            foreach (var noted in completion.Noted) FeedRows.Note(db, noted);
            KeyRows.Finish(db, intent, answer, now);
            Audit.Append(db, completion.Audit);
            return true;
        }, cancellation);
        if (completed && completion.Event is not null) Appended();
        return completed;
    }

    public async ValueTask RememberAsync(
        KeyScope key, string fingerprint, TimeSpan keepFor, Answer answer, AuditRecord? audit, CancellationToken cancellation)
    {
        var kept = _payloads.Seal(answer);
        await WriteAsync(db =>
        {
            var now = _clock.GetUtcNow();
            if (Keys.Find(db, key, now) is null) KeyRows.Claim(db, key, fingerprint, null, kept, now + keepFor);
            else KeyRows.Fill(db, key, fingerprint, kept, now + keepFor);
            Audit.Append(db, audit);
            return true;
        }, cancellation);
    }

    public async ValueTask<IReadOnlyList<Intent>> AbandonedAsync(string owner, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Intents.Abandoned(db, owner, _clock.GetUtcNow(), max), cancellation);

    public ValueTask<Intent?> LeaseAsync(Intent intent, string owner, DateTimeOffset until, CancellationToken cancellation) => WriteAsync(
        db => IntentRows.Lease(db, intent, owner, until) ? intent with { LeaseOwner = owner, LeaseUntil = until, Version = intent.Version + 1 } : null,
        cancellation);

    public ValueTask<Intent?> FindIntentAsync(string id, CancellationToken cancellation) => ReadAsync(db => Intents.Find(db, id), cancellation);

    public ValueTask<OwnedObject?> FindObjectAsync(string tenant, string kind, string id, CancellationToken cancellation) =>
        ReadAsync(db => Objects.Find(db, tenant, kind, id), cancellation);

    public ValueTask<bool> TakeOnceAsync(string name, DateTimeOffset until, CancellationToken cancellation) =>
        WriteAsync(db => TakenRows.Take(db, name, until, _clock.GetUtcNow()), cancellation);

    // --- Events ---------------------------------------------------------------------------------

    public async ValueTask<bool> AppendEventAsync(NewEvent happened, CancellationToken cancellation)
    {
        var data = _payloads.Seal(PayloadKind.EventData, happened.Data.Span);
        if (!await WriteAsync(db => EventRows.AppendOnce(db, happened, data, _clock.GetUtcNow()), cancellation)) return false;
        Telemetry.EventsAppended.Add(1);
        _appended.Raise();
        return true;
    }

    public async ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(long after, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Events.After(db, after, max), cancellation);

    public async ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(string tenant, long after, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Events.After(db, tenant, after, max), cancellation);

    public ValueTask<long> LastPositionAsync(CancellationToken cancellation) => ReadAsync(EventRows.Last, cancellation);

    public async ValueTask<IReadOnlyList<EventHead>> ReadEventHeadsAsync(long after, int max, CancellationToken cancellation) =>
        await ReadAsync(db => EventRows.HeadsAfter(db, after, max), cancellation);

    public ValueTask<StoredEvent?> FindEventAsync(long position, CancellationToken cancellation) =>
        ReadAsync(db => Events.Find(db, position), cancellation);

    public ValueTask<StoredEvent?> FindEventAsync(string source, string id, CancellationToken cancellation) =>
        ReadAsync(db => Events.Find(db, source, id), cancellation);

    public ValueTask<StoredEvent?> FindEventOfAsync(string tenant, string id, CancellationToken cancellation) =>
        ReadAsync(db => Events.FindOf(db, tenant, id), cancellation);

    public ValueTask<Cursor> FindCursorAsync(string reader, CancellationToken cancellation) =>
        ReadAsync(db => EventRows.FindCursor(db, reader), cancellation);

    public ValueTask<bool> AdvanceAsync(
        string reader, Cursor from, long to, IReadOnlyList<EventDelivery> deliveries, CancellationToken cancellation) => WriteAsync(db =>
    {
        if (!EventRows.MoveCursor(db, reader, from.Version, to)) return false;
        foreach (var delivery in deliveries) DeliveryRows.Add(db, delivery);
        return true;
    }, cancellation);

    public ValueTask WaitForAppendAsync(TimeSpan atMost, CancellationToken cancellation) =>
        new(_appended.WaitAsync(_appended.Next, atMost, cancellation));

    // --- Inside ---------------------------------------------------------------------------------

    private ValueTask<T> ReadAsync<T>(Func<Session, T> read, CancellationToken cancellation) =>
        (_readers ?? throw NotOpen()).RunAsync(read, cancellation);

    private ValueTask<T> WriteAsync<T>(Func<Session, T> work, CancellationToken cancellation) =>
        new((_writer ?? throw NotOpen()).RunAsync(work, cancellation));

    private static InvalidOperationException NotOpen() => new("The store is not open.");

    private Session OpenFile()
    {
        KeyRing.MakePrivateDirectory(_options.DataDirectory);
        _owned = Own();
        MakePrivateFile();
        return Session.OpenWriter(_file, create: true);
    }

    /// <summary>The lock beside the file. It is the operating system's: it goes when the process goes.</summary>
    private FileStream Own()
    {
        try
        {
            return new FileStream(_file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException cause)
        {
            throw new StoreUnavailableException(
                $"The data directory '{_options.DataDirectory}' is in use by another process: SQLite is owned by one. "
                + "Stop the other process, or give this one a data directory of its own.", cause);
        }
    }

    /// <summary>References and audit are in clear: the file is its owner's, and SQLite gives its other files the same mode.</summary>
    private void MakePrivateFile()
    {
        if (OperatingSystem.IsWindows()) return;
        new FileStream(_file, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }).Dispose();
    }

    private void CheckRing(Session db)
    {
        var known = db.Command("SELECT sealed FROM ring_check").First(row => row.Bytes(0));
        if (known is not null) _payloads.Open(PayloadKind.Check, known);
        else db.Command("INSERT INTO ring_check (sealed) VALUES ($sealed)").Bind("$sealed", _payloads.Seal(PayloadKind.Check, "gateway"u8)).Run();
    }

    /// <summary>What rides along with a group of writes.</summary>
    private void Housekeep(Session db)
    {
        Audit.Flush(db, _clock.GetUtcNow());
        Purge(db);
    }

    /// <summary>A few expired keys, quotas and dropped links at a time, so that no group waits long; a full batch is followed by the next group's.</summary>
    private void Purge(Session db)
    {
        var now = _clock.GetUtcNow();
        if (now < _nextPurge) return;
        var (keys, names, quotas, links) = (KeyRows.Purge(db, now, PurgeBatch), TakenRows.Purge(db, now, PurgeBatch), QuotaRows.Purge(db, now, PurgeBatch), AuditRows.Purge(db, PurgeLinks));
        if (keys < PurgeBatch && names < PurgeBatch && quotas < PurgeBatch && links < PurgeLinks) _nextPurge = now + PurgeEvery;
    }
}
