using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
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
    KeySecret,
    AuditPerson,
    AuditKey,
    NearAnswer,
    Path,
    Attempt,
    EditedData,
    Subscription,
    Flow,
    FlowEntry,
}

/// <summary>
/// Payload columns as they are at rest: compressed when long, then encrypted and authenticated by ASP.NET Core Data Protection,
/// with a purpose of their own per kind, so that one column's bytes can't be put into another. Sizes are capped by the callers.
/// </summary>
public sealed class Payloads(IDataProtectionProvider protection)
{
    /// <summary>Bytes below which compressing costs more than it saves at encrypting and writing.</summary>
    private const int CompressFrom = 4096;

    private const int CompressQuality = 0;
    private const int CompressWindow = 18;
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

    /// <summary>The payload in clear; null when it can't be opened, where that is a finding and no outage.</summary>
    public byte[]? TryOpen(PayloadKind kind, byte[] payload)
    {
        try
        {
            return Open(kind, payload);
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }

    /// <summary>What a caller wrote into path and query may be about people, as what it wrote into the body is.</summary>
    public byte[] SealPath(Intent intent) => Seal(PayloadKind.Path, Encoding.UTF8.GetBytes(StoredText.Of(intent.Path)!));

    /// <param name="payload">Null for intents of before paths were sealed: of those that were open then the path stood in clear.</param>
    public string OpenPath(byte[]? payload, string clear) => payload is null ? clear : Encoding.UTF8.GetString(Open(PayloadKind.Path, payload));

    public byte[] Seal(Answer answer) =>
        Seal(PayloadKind.Answer, StoredForm.Write(answer with { Body = default }, StoredJson.Default.Answer, answer.Body));

    public byte[] Seal(OperationResult result) =>
        Seal(PayloadKind.Result, StoredForm.Write(result with { Record = default, Facts = default }, StoredJson.Default.OperationResult, result.Record, result.Facts));

    public byte[]? Seal(AttemptDetails? details) => details is null ? null : Seal(PayloadKind.Attempt, StoredForm.Write(details, StoredJson.Default.AttemptDetails));

    /// <summary>Null where it can't be opened: the attempt is worth showing without it.</summary>
    public AttemptDetails? OpenDetails(byte[] payload) =>
        TryOpen(PayloadKind.Attempt, payload) is { } bytes ? StoredForm.Read(bytes, StoredJson.Default.AttemptDetails).Record : null;

    public byte[]? Seal(SubscriptionTerms? terms) => terms is null ? null : Seal(PayloadKind.Subscription, StoredForm.Write(terms, StoredJson.Default.SubscriptionTerms));

    /// <summary>Null where they can't be opened: one subscription that can't be read does not stand in the way of the others.</summary>
    public SubscriptionTerms? OpenTerms(byte[]? payload) =>
        payload is not null && TryOpen(PayloadKind.Subscription, payload) is { } bytes ? StoredForm.Read(bytes, StoredJson.Default.SubscriptionTerms).Record : null;

    public Answer OpenAnswer(byte[] payload)
    {
        var (answer, documents) = StoredForm.Read(Open(PayloadKind.Answer, payload), StoredJson.Default.Answer);
        return answer with { Body = documents[0] };
    }

    public OperationResult OpenResult(byte[] payload)
    {
        var (result, documents) = StoredForm.Read(Open(PayloadKind.Result, payload), StoredJson.Default.OperationResult);
        return result with { Record = documents[0], Facts = documents[1] };
    }

    private static byte[] Pack(ReadOnlySpan<byte> clear)
    {
        if (clear.Length >= CompressFrom)
        {
            // Room for less than the original only: what does not shrink stays plain.
            var pooled = ArrayPool<byte>.Shared.Rent(clear.Length);
            var packed = pooled.AsSpan(0, clear.Length);
            var shrunk = BrotliEncoder.TryCompress(clear, packed[BrotliHeader..], out var length, CompressQuality, CompressWindow);
            packed[0] = Brotli;
            BinaryPrimitives.WriteInt32LittleEndian(packed[1..], clear.Length);
            var kept = shrunk ? packed[..(BrotliHeader + length)].ToArray() : null;
            ArrayPool<byte>.Shared.Return(pooled, clearArray: true);
            if (kept is not null) return kept;
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
