using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Gateway.Keys;

/// <summary>
/// The keys that were issued, in memory: looked up by their public id, without a lock. In step with the store by the number of the last
/// change that was read; a change that this node makes is taken over at once.
/// </summary>
public sealed class KeyBook(IStore store, TimeProvider clock) : IssuedKeys
{
    private const int Batch = 1000;

    /// <summary>Uses within so long of the last that was noted are not noted.</summary>
    private static readonly TimeSpan UseGrain = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Entry> _byId = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _one = new(1, 1);
    private byte[] _secret = [];
    private long _read;

    /// <summary>All keys that were ever issued, and still are on record.</summary>
    public IEnumerable<IssuedKey> All => _byId.Values.Select(entry => entry.Current);

    public override FoundKey Find(ReadOnlySpan<char> key)
    {
        var id = KeyText.IdOf(key);
        if (id.IsEmpty) return new FoundKey(null, "api-key-malformed");
        if (!_byId.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var entry)) return new FoundKey(null, "api-key-unknown");
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        KeyText.Hash(_secret, key, hash);
        if (!CryptographicOperations.FixedTimeEquals(hash, entry.Key.Hash.Span)) return new FoundKey(null, "api-key-unknown");
        var now = clock.GetUtcNow();
        if (entry.Key.RevokedAt is not null) return new FoundKey(null, "api-key-revoked");
        if (!entry.Key.HoldsAt(now)) return new FoundKey(null, "api-key-expired");
        entry.Use(now);
        return new FoundKey(entry.Key, "");
    }

    public override string? ClaimedBy(ReadOnlySpan<char> key) =>
        _byId.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(KeyText.IdOf(key), out var entry) ? entry.Key.Consumer : null;

    public IssuedKey? Known(string id) => _byId.GetValueOrDefault(id)?.Current;

    /// <summary>A new key for a consumer, and its text, which is shown once.</summary>
    public (IssuedKey Kept, string Key) Make(Consumer consumer, IReadOnlyList<string>? scopes, string? location, DateTimeOffset? expiresAt)
    {
        var (id, key) = KeyText.New();
        var hash = new byte[HMACSHA256.HashSizeInBytes];
        KeyText.Hash(_secret, key, hash);
        return (new IssuedKey(id, consumer.Partner.Name, consumer.Name, hash) { Scopes = scopes, Location = location, CreatedAt = clock.GetUtcNow(), ExpiresAt = expiresAt }, key);
    }

    /// <summary>Stores a new key, and what becomes of the one it replaces. False when that one was changed meanwhile.</summary>
    public async ValueTask<bool> IssueAsync(IssuedKey key, IssuedKey? replaced, AuditRecord audit, CancellationToken cancellation)
    {
        var issued = await store.IssueKeyAsync(key, replaced, audit, cancellation);
        await FollowAsync(CancellationToken.None);
        return issued;
    }

    /// <summary>Takes a key back, at once. False when it was changed meanwhile.</summary>
    public async ValueTask<bool> RevokeAsync(IssuedKey key, AuditRecord audit, CancellationToken cancellation)
    {
        var revoked = await store.ChangeKeyAsync(key with { RevokedAt = clock.GetUtcNow() }, audit, cancellation);
        await FollowAsync(CancellationToken.None);
        return revoked;
    }

    /// <summary>Reads what was issued and changed since the last time, here or on another node.</summary>
    public async ValueTask FollowAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (_secret.Length == 0) _secret = (await store.KeySecretAsync(cancellation)).ToArray();
            while (await store.KeysChangedAsync(_read, Batch, cancellation) is { Count: > 0 } changed)
            {
                foreach (var key in changed) _byId.AddOrUpdate(key.Id, _ => new Entry(key), (_, known) => known.With(key));
                _read = changed[^1].Change;
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Stores which keys were used since the last time. What the store can't take is noted again with the next use.</summary>
    public async ValueTask NoteUseAsync(CancellationToken cancellation)
    {
        var used = _byId.Where(entry => entry.Value.TakeUse()).Select(entry => KeyValuePair.Create(entry.Key, entry.Value.LastUsed!.Value)).ToList();
        if (used.Count > 0) await store.NoteUseAsync(used, cancellation);
    }

    /// <summary>A key and when it was used: a moment that any request may move on, without a lock.</summary>
    private sealed class Entry(IssuedKey key, long lastUsed)
    {
        private long _lastUsed = lastUsed;
        private bool _isNew;

        public Entry(IssuedKey key)
            : this(key, key.LastUsedAt?.UtcTicks ?? 0)
        {
        }

        public IssuedKey Key => key;

        public IssuedKey Current => key with { LastUsedAt = LastUsed };

        public DateTimeOffset? LastUsed => Volatile.Read(ref _lastUsed) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

        public Entry With(IssuedKey changed) => new(changed, Math.Max(Volatile.Read(ref _lastUsed), changed.LastUsedAt?.UtcTicks ?? 0)) { _isNew = _isNew };

        public void Use(DateTimeOffset now)
        {
            if (now.UtcTicks - Volatile.Read(ref _lastUsed) < UseGrain.Ticks) return;
            Volatile.Write(ref _lastUsed, now.UtcTicks);
            Volatile.Write(ref _isNew, true);
        }

        public bool TakeUse() => Interlocked.Exchange(ref _isNew, false);
    }
}
