namespace Gateway;

/// <summary>An API key that was issued at run time, as it is kept: the key itself is shown once and stored nowhere.</summary>
/// <param name="Id">Public: it stands in the key, in logs and lists. 12 characters of base 32.</param>
/// <param name="Tenant">The partner of its consumer.</param>
/// <param name="Consumer">Who comes with it.</param>
/// <param name="Hash">HMAC-SHA-256 of the whole key under the store's secret: 32 bytes.</param>
public sealed record IssuedKey(string Id, string Tenant, string Consumer, ReadOnlyMemory<byte> Hash)
{
    /// <summary>What it may do at most; null for all that its consumer may.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>The place a device's key is for; null for none.</summary>
    public string? Location { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it holds no more; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was taken back; null while it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The key that comes in its place; null for none.</summary>
    public string? ReplacedBy { get; init; }

    /// <summary>When it was used last, a minute more or less; null for never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Grows over all keys with every change but use: what a node keeps in step by, and what a change must have read.</summary>
    public long Change { get; init; }

    public bool HoldsAt(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}

/// <summary>What a key that somebody brought came to.</summary>
/// <param name="Key">Null where it does not hold.</param>
/// <param name="Reason">Why not, for the operator; empty where it holds.</param>
public readonly record struct FoundKey(IssuedKey? Key, string Reason);

/// <summary>The keys that were issued at run time, in memory and in step with the store.</summary>
public abstract class IssuedKeys
{
    /// <summary>What every key that was issued begins with, so that scanners for secrets, and we, know one when we see it.</summary>
    public const string Prefix = "gwk_";

    /// <summary>The key as it is kept, if it is one of ours and holds now; notes that it was used.</summary>
    public abstract FoundKey Find(ReadOnlySpan<char> key);

    /// <summary>The consumer whose key it says it is, by its id alone; null when there is no such id.</summary>
    public abstract string? ClaimedBy(ReadOnlySpan<char> key);
}

/// <summary>Where issued keys are kept: part of the store. Throws <see cref="StoreUnavailableException"/> as all of it does.</summary>
public interface IKeyStore
{
    /// <summary>The secret that keys are hashed under, 32 bytes: made when it is first asked for, and sealed at rest by the key ring.</summary>
    ValueTask<ReadOnlyMemory<byte>> KeySecretAsync(CancellationToken cancellation);

    /// <summary>Stores a new key, the change of the one it replaces, and the audit of both, in one transaction.</summary>
    /// <param name="replaced">As it becomes, with the <see cref="IssuedKey.Change"/> that was read; null for none.</param>
    /// <returns>False when the id is taken, or the replaced key was changed meanwhile: nothing is stored.</returns>
    ValueTask<bool> IssueKeyAsync(IssuedKey key, IssuedKey? replaced, AuditRecord audit, CancellationToken cancellation);

    /// <summary>Stores what became of a key, and the audit of it. False when it was changed meanwhile.</summary>
    /// <param name="key">As it becomes, with the <see cref="IssuedKey.Change"/> that was read.</param>
    ValueTask<bool> ChangeKeyAsync(IssuedKey key, AuditRecord audit, CancellationToken cancellation);

    /// <summary>Keys that were issued or changed after a change, in the order of their changes.</summary>
    ValueTask<IReadOnlyList<IssuedKey>> KeysChangedAsync(long after, int max, CancellationToken cancellation);

    /// <summary>Keeps when keys were used last.</summary>
    ValueTask NoteUseAsync(IReadOnlyCollection<KeyValuePair<string, DateTimeOffset>> used, CancellationToken cancellation);
}
