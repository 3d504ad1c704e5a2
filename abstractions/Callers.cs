using System.Collections.Frozen;
using System.Text.Json;

namespace Gateway;

/// <summary>A company we trade with; it owns data. <see cref="Name"/> is the tenant of every stored row.</summary>
public sealed record Partner(string Name, string DisplayName)
{
    /// <summary>No partner: whose are what backends tell, and what flows for the house do. Backends go by their own company for it. No partner has its name.</summary>
    public static Partner House { get; } = new("-", "-");

    /// <summary>Service level; limits may differ by it.</summary>
    public string? Tier { get; init; }

    /// <summary>Buyers it may order for, by the id they have in orders (<c>buyerParty.id</c>).</summary>
    public IReadOnlyList<string> Buyers { get; init; } = [];

    /// <summary>Our companies that it trades with, and beyond which it sees nothing; what is made for it is made in the first. Empty: the backend's own.</summary>
    public IReadOnlyList<Company> Companies { get; init; } = [];

    /// <summary>The warehouse its orders ship from: Odoo's warehouse code.</summary>
    public string? Warehouse { get; init; }

    /// <summary>When it is invoiced.</summary>
    public Invoicing Invoicing { get; init; }

    /// <summary>Names of the flows that its events begin; null for all.</summary>
    public IReadOnlyList<string>? Flows { get; init; }

    /// <summary>Codes of the warehouses whose stock it may see: its own, and those of its tier.</summary>
    public IReadOnlyList<string> Warehouses { get; init; } = [];

    /// <summary>Where the clocks are that its days go by: those of our company that it trades with.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Code tables in which this partner has entries of its own, by name; the others are everybody's.</summary>
    public IReadOnlyDictionary<string, CodeTable> Codes { get; init; } = new Dictionary<string, CodeTable>();
}

/// <summary>When a partner is invoiced, as agreed with it.</summary>
public enum Invoicing
{
    /// <summary>What has been shipped of an order, each time that some of it was.</summary>
    Delivery,

    /// <summary>An order at once, when all of it has been shipped.</summary>
    Order,

    /// <summary>All that a buyer ordered up to the end of a month, together.</summary>
    Month,
}

/// <summary>One of our companies, a legal entity.</summary>
/// <param name="Name">As the workspace calls it.</param>
/// <param name="Id">Its database id in Odoo.</param>
public sealed record Company(string Name, int Id)
{
    /// <summary>Code of the journal that its sales invoices are posted in; null leaves it to Odoo.</summary>
    public string? Journal { get; init; }
}

/// <summary>What consumers may do together.</summary>
public sealed record ConsumerRole(string Name, IReadOnlySet<string> Scopes);

/// <summary>What sort of caller a consumer is.</summary>
public enum ConsumerKind
{
    /// <summary>A program: a shop, an EDI box.</summary>
    Service,

    /// <summary>People, by way of a portal.</summary>
    User,

    /// <summary>A device at a location, as a scanner in a warehouse is.</summary>
    Device,
}

/// <summary>An API key as it is kept.</summary>
/// <param name="Sha256">SHA-256 of the key, 32 bytes.</param>
/// <param name="Expires">From then on it opens nothing; null: it does not end by itself.</param>
public readonly record struct KeyHash(ReadOnlyMemory<byte> Sha256, DateTimeOffset? Expires = null)
{
    public bool HoldsAt(DateTimeOffset now) => Expires is not { } end || now < end;
}

/// <summary>What a token says, as its issuer signed it: one JSON object, parsed when somebody asks.</summary>
public sealed class TokenClaims(ReadOnlyMemory<byte> json)
{
    private JsonDocument? _parsed;

    /// <summary>The claims by their names (RFC 7519 section 4).</summary>
    public JsonElement Json => (_parsed ??= JsonDocument.Parse(json)).RootElement;
}

/// <summary>One identity that calls for a partner: its web shop, its EDI box, a device, a service account.</summary>
public sealed record Consumer(string Name, Partner Partner)
{
    public ConsumerKind Kind { get; init; }

    /// <summary>Where it stands: of a device, the code of its warehouse or shop.</summary>
    public string? Location { get; init; }

    /// <summary>API keys of the workspace.</summary>
    public IReadOnlyList<KeyHash> KeyHashes { get; init; } = [];

    /// <summary>Keys it signs requests with.</summary>
    public IReadOnlyList<SignatureKey> SignatureKeys { get; init; } = [];

    /// <summary>Tokens that are this consumer: <c>issuer/subject</c>, the subject being <c>azp</c>, <c>client_id</c>, <c>appid</c> or <c>sub</c>.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>Certificates that are this consumer.</summary>
    public IReadOnlyList<ConsumerCertificate> Certificates { get; init; } = [];

    /// <summary>Roles that the workspace grants it, less those that its token leaves out.</summary>
    public IReadOnlyList<ConsumerRole> Roles { get; init; } = [];

    /// <summary>What it may do: what the workspace grants it, by itself and by its roles, less what its token leaves out.</summary>
    public IReadOnlySet<string> Scopes { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Whom the token of this call is about: <c>issuer/subject</c>; null where it came without one.</summary>
    public string? Subject { get; init; }

    /// <summary>What the token says that it came with; null without one, and where no route asks.</summary>
    public TokenClaims? Claims { get; init; }

    /// <summary>
    /// The same with no scope and no role but those of these names, and the scopes of roles among them: what credentials say never widens what
    /// the workspace grants.
    /// </summary>
    public Consumer NarrowedTo(IReadOnlySet<string> names)
    {
        if (names.IsSupersetOf(Scopes) && Roles.All(r => names.Contains(r.Name))) return this;
        List<ConsumerRole> roles = [.. Roles.Where(r => names.Contains(r.Name))];
        return this with { Roles = roles, Scopes = Scopes.Where(s => names.Contains(s) || roles.Any(r => r.Scopes.Contains(s))).ToFrozenSet() };
    }

    /// <summary>What both may that this consumer was found to be, by credentials of two kinds.</summary>
    public Consumer NarrowedTo(Consumer other) => NarrowedTo(other.Scopes.Concat(other.Roles.Select(r => r.Name)).ToHashSet()) with { Claims = Claims ?? other.Claims };
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

/// <summary>A key that a consumer signs requests with.</summary>
/// <param name="Id">What requests call it by. Two keys of one consumer may have the same id while one replaces the other.</param>
/// <param name="Algorithm">A name of RFC 9421's registry, <c>ed25519</c>, or <c>hmac-sha512</c>.</param>
/// <param name="Material">A public key as SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), or the bytes of a shared secret; empty while secrets are not resolved.</param>
public sealed record SignatureKey(string Id, string Algorithm, ReadOnlyMemory<byte> Material)
{
    /// <summary>From when on it holds no more; null for no end.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The secret stays out of what is printed.</summary>
    public override string ToString() => $"{Id} ({Algorithm})";
}
