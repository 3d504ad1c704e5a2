using System.Security.Cryptography;
using System.Text;

namespace Gateway.Delivery.Audit;

/// <summary>
/// What of a record is about a person. In the chain stands a commitment to it: a hash over it and 16 random bytes, which tells nothing once
/// both are gone. The two are stored together, beside the chain.
/// </summary>
/// <param name="Address">Where the call came from.</param>
/// <param name="Subject">Who stood behind the consumer; the operator, where an operator acted.</param>
/// <param name="Path">The path of an API whose data are about persons.</param>
internal readonly record struct AuditPerson(string? Address, string? Subject, string? Path)
{
    public const int CommitmentSize = SHA256.HashSizeInBytes;

    private const int SaltSize = 16;

    public static AuditPerson? Of(AuditRecord record)
    {
        var person = new AuditPerson(record.Address, record.Act?.Actor ?? record.Subject, record.Class == AuditClass.Personal ? record.Path : null);
        return person == default ? null : person;
    }

    /// <summary>Salt and content, as they are stored (and encrypted by the engine).</summary>
    public byte[] Salted()
    {
        Span<byte> salt = stackalloc byte[SaltSize];
        RandomNumberGenerator.Fill(salt);
        var to = new AuditBytes(128);
        to.Raw(salt);
        to.Optional(Address);
        to.Optional(Subject);
        to.Optional(Path);
        return to.ToArray();
    }

    public static byte[] Commitment(ReadOnlySpan<byte> salted) => SHA256.HashData(salted);

    /// <exception cref="InvalidDataException">These are not the bytes of a person.</exception>
    public static AuditPerson Read(ReadOnlySpan<byte> salted)
    {
        if (salted.Length < SaltSize) throw new InvalidDataException("What is about a person can't be read.");
        using var from = new BinaryReader(new MemoryStream(salted[SaltSize..].ToArray()), Encoding.UTF8);
        return new AuditPerson(AuditBytes.Optional(from), AuditBytes.Optional(from), AuditBytes.Optional(from));
    }

    public bool Is(string person) => Address == person || Subject == person;
}
