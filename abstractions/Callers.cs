using System.Collections.Frozen;
using System.Text.Json;

namespace Gateway;

/// <summary>A company we trade with; it owns data. <see cref="Name"/> is the tenant of every stored row.</summary>
public sealed record Partner(string Name, string DisplayName)
{
    /// <summary>Service level; limits may differ by it.</summary>
    public string? Tier { get; init; }

    /// <summary>Buyers it may order for, by the id they have in orders (<c>buyerParty.id</c>).</summary>
    public IReadOnlyList<string> Buyers { get; init; } = [];

    /// <summary>Our companies that it trades with, and beyond which it sees nothing; what is made for it is made in the first. Empty: the backend's own.</summary>
    public IReadOnlyList<Company> Companies { get; init; } = [];

    /// <summary>The warehouse its orders ship from: Odoo's warehouse code.</summary>
    public string? Warehouse { get; init; }

    /// <summary>Codes of the warehouses whose stock it may see: its own, and those of its tier.</summary>
    public IReadOnlyList<string> Warehouses { get; init; } = [];

    /// <summary>Where the clocks are that its days go by: those of our company that it trades with.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Code tables in which this partner has entries of its own, by name; the others are everybody's.</summary>
    public IReadOnlyDictionary<string, CodeTable> Codes { get; init; } = new Dictionary<string, CodeTable>();
}

/// <summary>One of our companies, a legal entity.</summary>
/// <param name="Name">As the workspace calls it.</param>
/// <param name="Id">Its database id in Odoo.</param>
public sealed record Company(string Name, int Id);

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

    /// <summary>Tokens that are this consumer: <c>issuer/subject</c>, the subject being <c>azp</c>, <c>client_id</c>, <c>appid</c> or <c>sub</c>.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>Roles that the workspace grants it, less those that its token leaves out.</summary>
    public IReadOnlyList<ConsumerRole> Roles { get; init; } = [];

    /// <summary>What it may do: what the workspace grants it, by itself and by its roles, less what its token leaves out.</summary>
    public IReadOnlySet<string> Scopes { get; init; } = FrozenSet<string>.Empty;

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
