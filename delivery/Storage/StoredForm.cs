using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gateway.Delivery.Storage;

/// <summary>
/// A record as JSON, and behind it, byte by byte, the documents it carries: inside the JSON they would be base64, a third longer and next
/// to incompressible. One byte says which form it is, then comes each part after its length (Int32, little endian). The form before
/// this one was JSON alone, which begins with a brace.
/// </summary>
internal static class StoredForm
{
    private const byte Parts = 1;
    private const byte Brace = (byte)'{';

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

    /// <summary>The record and its documents; false for the form before, where the record has them inside.</summary>
    /// <exception cref="InvalidDataException">It is in a form this build does not know.</exception>
    public static bool TryRead<T>(ReadOnlyMemory<byte> stored, JsonTypeInfo<T> type, out T record, out List<ReadOnlyMemory<byte>> documents)
    {
        documents = [];
        switch (stored.Span)
        {
            case [Brace, ..]:
                record = JsonSerializer.Deserialize(stored.Span, type)!;
                return false;
            case [Parts, ..]:
                var rest = stored[1..];
                record = JsonSerializer.Deserialize(Next(ref rest).Span, type)!;
                while (!rest.IsEmpty) documents.Add(Next(ref rest));
                return true;
            default:
                throw new InvalidDataException("The stored record is in a form this build does not know.");
        }
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
internal sealed partial class StoredJson : JsonSerializerContext;
