using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Pipeline.Own;

/// <summary>
/// How far a reader has come in the log, as callers keep it: opaque, of one partner, and of one event. It opens nothing, for what is read is the
/// caller's own whatever it says; that it is another's, or was written by hand, is told by its sum.
/// </summary>
/// <param name="Position">Of the last event that was passed by; 0 before the first.</param>
/// <param name="Event">Sum of that event's id, so that it is known to be the same event.</param>
/// <param name="At">When it was given, in milliseconds since 1970: what was too old by then could not be missed.</param>
internal readonly record struct EventCursor(long Position, long Event, long At)
{
    private const byte Version = 1;
    private const int SumBytes = 8;

    /// <summary>The end of the year 9999.</summary>
    private const long LastMoment = 253_402_300_800_000;
    private const int Length = 1 + 3 * sizeof(long) + SumBytes;

    /// <summary>Before the first event.</summary>
    public static EventCursor Start(DateTimeOffset now) => new(0, 0, now.ToUnixTimeMilliseconds());

    /// <summary>Behind an event.</summary>
    public static EventCursor Behind(StoredEvent passed, DateTimeOffset now) => new(passed.Position, SumOf(passed.Event), now.ToUnixTimeMilliseconds());

    /// <summary>Whether something that happened then was kept when this was given, by how long its type is.</summary>
    public bool WasKept(DateTimeOffset happened, TimeSpan retention) => DateTimeOffset.FromUnixTimeMilliseconds(At) - happened < retention;

    /// <summary>Null where it is none of this partner's.</summary>
    public static EventCursor? Read(string text, string tenant)
    {
        Span<byte> bytes = stackalloc byte[Length];
        // More than its length in base64url can't be one.
        if (text.Length != Base64Url.GetEncodedLength(Length) || Base64Url.DecodeFromChars(text, bytes, out _, out var read) != System.Buffers.OperationStatus.Done || read != Length || bytes[0] != Version) return null;
        var cursor = new EventCursor(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), BinaryPrimitives.ReadInt64BigEndian(bytes[9..]), BinaryPrimitives.ReadInt64BigEndian(bytes[17..]));
        // Whoever knows how the sum is made can make one; what follows must stand it.
        return cursor is { Position: >= 0, At: >= 0 and < LastMoment } && cursor.Write(tenant) == text ? cursor : null;
    }

    public string Write(string tenant)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], Position);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], Event);
        BinaryPrimitives.WriteInt64BigEndian(bytes[17..], At);
        Hash(string.Create(CultureInfo.InvariantCulture, $"cursor of events\n{tenant}\n{Position}\n{Event}\n{At}"))[..SumBytes].CopyTo(bytes[25..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Whether this is the event that the cursor stands behind.</summary>
    public bool IsBehind(StoredEvent stored, string tenant) => stored.Event.Tenant == tenant && SumOf(stored.Event) == Event;

    private static long SumOf(NewEvent happened) => BinaryPrimitives.ReadInt64BigEndian(Hash($"{happened.Source}\n{happened.Id}"));

    private static ReadOnlySpan<byte> Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
