using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gateway.Delivery.Storage;

/// <summary>
/// A record as JSON, and behind it, byte by byte, the documents it carries: inside the JSON they would be base64, a third longer and next
/// to incompressible. One byte says which form it is, then comes each part after its length (Int32, little endian).
/// </summary>
internal static class StoredForm
{
    private const byte Parts = 1;

    public static byte[] Write<T>(T record, JsonTypeInfo<T> type, params ReadOnlySpan<ReadOnlyMemory<byte>> documents)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(record, type);
        var length = 1 + sizeof(int) + head.Length;
        foreach (var document in documents) length += sizeof(int) + document.Length;
        var stored = new byte[length];
        stored[0] = Parts;
        var rest = Append(stored.AsSpan(1), head);
        foreach (var document in documents) rest = Append(rest, document.Span);
        return stored;
    }

    /// <summary>The record without its documents, and these in the order they were written.</summary>
    /// <exception cref="InvalidDataException">It is in a form this build does not know.</exception>
    public static (T Record, List<ReadOnlyMemory<byte>> Documents) Read<T>(ReadOnlyMemory<byte> stored, JsonTypeInfo<T> type)
    {
        if (stored.Span is not [Parts, ..]) throw new InvalidDataException("The stored record is in a form this build does not know.");
        var rest = stored[1..];
        var record = JsonSerializer.Deserialize(Next(ref rest).Span, type)!;
        var documents = new List<ReadOnlyMemory<byte>>(2);
        while (!rest.IsEmpty) documents.Add(Next(ref rest));
        return (record, documents);
    }

    private static Span<byte> Append(Span<byte> to, ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, part.Length);
        part.CopyTo(to[sizeof(int)..]);
        return to[(sizeof(int) + part.Length)..];
    }

    private static ReadOnlyMemory<byte> Next(ref ReadOnlyMemory<byte> rest)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
        var part = rest.Slice(sizeof(int), length);
        rest = rest[(sizeof(int) + length)..];
        return part;
    }
}

/// <summary>Member names are the storage format: a renamed member needs a migration.</summary>
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(OperationResult))]
[JsonSerializable(typeof(NearRecord))]
[JsonSerializable(typeof(AttemptDetails))]
[JsonSerializable(typeof(SubscriptionTerms))]
internal sealed partial class StoredJson : JsonSerializerContext;

/// <summary>An answer away from the store, with what it belongs to.</summary>
internal sealed record NearRecord(KeyScope Scope, string Fingerprint, Answer Answer);
