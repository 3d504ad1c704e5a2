using System.Collections.Frozen;

namespace Gateway;

/// <summary>A company we trade with; it owns data. <see cref="Name"/> is the tenant of every stored row.</summary>
public sealed record Partner(string Name, string DisplayName)
{
    /// <summary>Service level; limits may differ by it.</summary>
    public string? Tier { get; init; }

    /// <summary>Buyers it may order for, by the id they have in orders (<c>buyerParty.id</c>).</summary>
    public IReadOnlyList<string> Buyers { get; init; } = [];

    /// <summary>Odoo's ids that this partner's calls are bound to.</summary>
    public int? Company { get; init; }

    /// <summary>The warehouse its orders ship from: Odoo's warehouse code.</summary>
    public string? Warehouse { get; init; }

    /// <summary>Where the clocks are that its days go by: those of our company that it trades with.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Code tables in which this partner has entries of its own, by name; the others are everybody's.</summary>
    public IReadOnlyDictionary<string, CodeTable> Codes { get; init; } = new Dictionary<string, CodeTable>();
}

/// <summary>One identity that calls for a partner: its web shop, its EDI box, a device, a service account.</summary>
public sealed record Consumer(string Name, Partner Partner)
{
    /// <summary>Kept API keys as SHA-256 of the key: 32 bytes each.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> KeyHashes { get; init; } = [];

    /// <summary>Tokens that are this consumer: <c>issuer/subject</c>, the subject being <c>azp</c>, <c>client_id</c>, <c>appid</c> or <c>sub</c>.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>Certificates that are this consumer.</summary>
    public IReadOnlyList<ConsumerCertificate> Certificates { get; init; } = [];

    /// <summary>What it may do: what the workspace grants it, less what its token leaves out.</summary>
    public IReadOnlySet<string> Scopes { get; init; } = FrozenSet<string>.Empty;

    /// <summary>The same with no scope but these: what credentials say never widens what the workspace grants.</summary>
    public Consumer NarrowedTo(IReadOnlySet<string> scopes) => scopes.IsSupersetOf(Scopes) ? this : this with { Scopes = Scopes.Where(scopes.Contains).ToFrozenSet() };
}

/// <summary>A certificate that stands for a consumer: of an authority, and with a name that it certified or a thumbprint.</summary>
/// <param name="Name"><c>dns:edi.acme.example</c>, <c>uri:spiffe://acme/edi</c>, <c>email:edi@acme.example</c>, <c>sha256:</c> and 64 hex digits.</param>
public sealed record ConsumerCertificate(string Authority, string Name)
{
    public const string Dns = "dns";
    public const string Uri = "uri";
    public const string Email = "email";
    public const string Sha256 = "sha256";

    /// <summary>The form in which names are compared: of DNS names case does not matter (RFC 4343).</summary>
    public static string NameOf(string kind, string value) => $"{kind}:{(kind == Dns ? value.ToLowerInvariant() : value)}";

    /// <summary><c>partners/dns:edi.acme.example</c>.</summary>
    public override string ToString() => $"{Authority}/{Name}";
}
