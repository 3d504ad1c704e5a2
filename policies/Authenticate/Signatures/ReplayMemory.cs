using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gateway.Policies.Authenticate.Signatures;

/// <summary>
/// Signed requests of one consumer that came, so that none is taken twice while its time lets it in: by a hash of what was signed, which unlike
/// a signature nobody can write in another way. Bounded: when <see cref="Most"/> are remembered, others are refused until some have ended; a
/// consumer fills its own alone. It is this process's: a node beside it does not know of it.
/// </summary>
internal sealed class ReplayMemory(TimeProvider clock)
{
    internal const int Most = 500_000;

    private const int SlotSeconds = 60;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Slot> _slots = [];
    private long _swept;

    /// <summary>Remembers a request; returns why it is not taken, or null.</summary>
    /// <param name="signed">What was signed, the time among it.</param>
    /// <param name="made">When it says it was made.</param>
    /// <param name="validFor">How long after that it is let in.</param>
    public string? Remember(ReadOnlySpan<byte> signed, DateTimeOffset made, TimeSpan validFor)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(signed, hash);
        var (id, now) = (MemoryMarshal.Read<UInt128>(hash), clock.GetUtcNow().ToUnixTimeSeconds());
        lock (_lock)
        {
            Sweep(now);
            // By its own time, and not by its end, which another policy may see elsewhere.
            var minute = made.ToUnixTimeSeconds() / SlotSeconds;
            if (!_slots.TryGetValue(minute, out var slot)) _slots[minute] = slot = new Slot();
            if (slot.Seen.Contains(id)) return "request-replayed";
            if (_slots.Values.Sum(s => s.Seen.Count) >= Most) return "replay-memory-full";
            slot.Seen.Add(id);
            slot.Ends = Math.Max(slot.Ends, ((minute + 1) * SlotSeconds) + (long)validFor.TotalSeconds);
            return null;
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
