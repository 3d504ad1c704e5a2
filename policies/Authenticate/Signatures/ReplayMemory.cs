using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gateway.Policies.Authenticate.Signatures;

/// <summary>
/// Signed requests of one consumer that came, so that none is taken twice while its time lets it in: by a hash of what was signed, which unlike
/// a signature nobody can write in another way. The store decides, for all nodes and over restarts; what is remembered here spares it repeats, and
/// bounds what one consumer may put there: when so many are remembered, others are refused until some have ended.
/// </summary>
internal sealed class ReplayMemory(string consumer, TimeProvider clock, int most = 500_000)
{
    private const int SlotSeconds = 60;
    private const string Replayed = "request-replayed";

    private static readonly TimeSpan ClocksApart = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Slot> _slots = [];
    private long _swept;

    /// <summary>Remembers a request; returns why it is not taken, or null.</summary>
    /// <param name="signed">What was signed, the time among it.</param>
    /// <param name="made">When it says it was made.</param>
    /// <param name="validFor">How long after that it is let in.</param>
    /// <exception cref="StoreUnavailableException">Nobody can say whether it came before. It is not remembered.</exception>
    public ValueTask<string?> RememberAsync(ReadOnlySpan<byte> signed, DateTimeOffset made, TimeSpan validFor, IStore store, CancellationToken cancellation)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(signed, hash);
        var id = MemoryMarshal.Read<UInt128>(hash);
        return Remember(id, made, validFor) is { } known ? ValueTask.FromResult<string?>(known) : TakeAsync(id, made, validFor, store, cancellation);
    }

    /// <summary>Nodes' clocks may differ: one that is behind lets the request in for longer.</summary>
    private async ValueTask<string?> TakeAsync(UInt128 id, DateTimeOffset made, TimeSpan validFor, IStore store, CancellationToken cancellation)
    {
        try
        {
            return await store.TakeOnceAsync($"signed/{consumer}/{id:x32}", made + validFor + ClocksApart, cancellation) ? null : Replayed;
        }
        catch (Exception unknown) when (unknown is StoreUnavailableException or OperationCanceledException)
        {
            Forget(id, made);
            throw;
        }
    }

    private string? Remember(UInt128 id, DateTimeOffset made, TimeSpan validFor)
    {
        lock (_lock)
        {
            Sweep(clock.GetUtcNow().ToUnixTimeSeconds());
            // By its own time, and not by its end, which another policy may see elsewhere.
            var minute = made.ToUnixTimeSeconds() / SlotSeconds;
            if (!_slots.TryGetValue(minute, out var slot)) _slots[minute] = slot = new Slot();
            if (slot.Seen.Contains(id)) return Replayed;
            if (_slots.Values.Sum(s => s.Seen.Count) >= most) return "replay-memory-full";
            slot.Seen.Add(id);
            slot.Ends = Math.Max(slot.Ends, ((minute + 1) * SlotSeconds) + (long)validFor.TotalSeconds);
            return null;
        }
    }

    private void Forget(UInt128 id, DateTimeOffset made)
    {
        lock (_lock)
        {
            if (_slots.TryGetValue(made.ToUnixTimeSeconds() / SlotSeconds, out var slot)) slot.Seen.Remove(id);
        }
    }

    private void Sweep(long now)
    {
        if (now / SlotSeconds == _swept) return;
        _swept = now / SlotSeconds;
        foreach (var ended in _slots.Where(s => s.Value.Ends < now).Select(s => s.Key).ToList()) _slots.Remove(ended);
    }

    private sealed class Slot
    {
        public HashSet<UInt128> Seen { get; } = [];

        /// <summary>When the last of them is let in no more, in seconds since 1970.</summary>
        public long Ends { get; set; }
    }
}
