using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.DataProtection;

namespace Gateway.Delivery.Storage;

/// <summary>What a sealed column holds. The names are part of the encryption purpose: a renamed value can't read what was stored under the old name.</summary>
public enum PayloadKind
{
    Canonical,
    Input,
    Result,
    Answer,
    EventData,
    Check,
}

/// <summary>
/// Payload columns as they are at rest: compressed when long, then encrypted and authenticated by ASP.NET Core Data Protection,
/// with a purpose of their own per kind, so that one column's bytes can't be put into another. Sizes are capped by the callers.
/// </summary>
public sealed class Payloads(IDataProtectionProvider protection)
{
    private const int CompressFrom = 1024;
    private const byte Plain = 0;
    private const byte Brotli = 1;
    private const int BrotliHeader = 1 + sizeof(int);

    private readonly IDataProtector[] _protectors =
        [.. Enum.GetNames<PayloadKind>().Select(kind => protection.CreateProtector("Gateway.Storage.Payloads", kind))];

    /// <exception cref="StoreUnavailableException">The key ring can't be used.</exception>
    public byte[] Seal(PayloadKind kind, ReadOnlySpan<byte> clear)
    {
        try
        {
            return _protectors[(int)kind].Protect(Pack(clear));
        }
        catch (CryptographicException cause)
        {
            throw new StoreUnavailableException("The key ring can't encrypt: its directory can't be read or written.", cause);
        }
    }

    /// <exception cref="StoreUnavailableException">The key is not in the ring, or the bytes are not what was stored.</exception>
    public byte[] Open(PayloadKind kind, byte[] payload)
    {
        try
        {
            return Unpack(_protectors[(int)kind].Unprotect(payload));
        }
        catch (Exception cause) when (cause is CryptographicException or InvalidDataException)
        {
            throw new StoreUnavailableException(
                $"A stored payload ({kind}) can't be decrypted: its key is missing from the key ring, or the stored bytes were changed. "
                + "Restore the key ring that belongs to these data.", cause);
        }
    }

    public byte[] Seal(Answer answer) => Seal(PayloadKind.Answer, JsonSerializer.SerializeToUtf8Bytes(answer, StoredJson.Default.Answer));

    public byte[] Seal(OperationResult result) =>
        Seal(PayloadKind.Result, JsonSerializer.SerializeToUtf8Bytes(result, StoredJson.Default.OperationResult));

    public Answer OpenAnswer(byte[] payload) => JsonSerializer.Deserialize(Open(PayloadKind.Answer, payload), StoredJson.Default.Answer)!;

    public OperationResult OpenResult(byte[] payload) =>
        JsonSerializer.Deserialize(Open(PayloadKind.Result, payload), StoredJson.Default.OperationResult)!;

    private static byte[] Pack(ReadOnlySpan<byte> clear)
    {
        if (clear.Length >= CompressFrom)
        {
            // Room for less than the original only: what does not shrink stays plain.
            var packed = new byte[clear.Length];
            if (BrotliEncoder.TryCompress(clear, packed.AsSpan(BrotliHeader), out var length, quality: 1, window: 22))
            {
                packed[0] = Brotli;
                BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(1), clear.Length);
                return packed[..(BrotliHeader + length)];
            }
        }

        var plain = new byte[1 + clear.Length];
        plain[0] = Plain;
        clear.CopyTo(plain.AsSpan(1));
        return plain;
    }

    private static byte[] Unpack(byte[] packed)
    {
        switch (packed)
        {
            case [Plain, ..]:
                return packed[1..];
            case [Brotli, _, _, _, _, ..]:
                var clear = new byte[BinaryPrimitives.ReadInt32LittleEndian(packed.AsSpan(1))];
                if (BrotliDecoder.TryDecompress(packed.AsSpan(BrotliHeader), clear, out var length) && length == clear.Length) return clear;
                break;
        }

        throw new InvalidDataException("The payload is in a form this build does not know.");
    }
}

/// <summary>The stored form of records. Member names are the storage format: a renamed member needs a migration.</summary>
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(OperationResult))]
internal sealed partial class StoredJson : JsonSerializerContext;
