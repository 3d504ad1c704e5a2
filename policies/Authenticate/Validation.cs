using System.Collections.Frozen;
using System.Security.Claims;

namespace Gateway.Policies.Authenticate;

/// <summary>What came of one token: whom it names and when it ends, or a reason code for the operator's log.</summary>
/// <param name="Subjects">Values of the claims that name the caller, most exact first; empty where the token is not good.</param>
/// <param name="Reason">Empty where the token is good.</param>
internal sealed record Validation(IReadOnlyList<string> Subjects, string Reason)
{
    /// <summary>Claims that say what a token is good for: RFC 9068 section 2.2.3, Entra's for users, Entra's for applications.</summary>
    private static readonly string[] ScopeClaims = ["scope", "scp", "roles"];

    /// <summary>Claims that say which groups the caller belongs to: most issuers', and Entra's for roles of an application.</summary>
    private static readonly string[] GroupClaims = ["groups", "roles"];

    /// <summary>When the token must be looked at anew, its end at the latest; null when nobody said.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What the token is good for; null where it does not say.</summary>
    public IReadOnlySet<string>? Scopes { get; init; }

    /// <summary>Groups and roles of the caller, as the issuer names them.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>All that the issuer said of a token that says nothing of itself, as JSON; empty for one that does.</summary>
    public ReadOnlyMemory<byte> Said { get; init; }

    /// <summary>What it was checked with, see <see cref="KeysInForce"/>.</summary>
    public object? Keys { get; init; }

    /// <summary>What tokens of this issuer are checked with now: another object than <see cref="Keys"/> once that has changed.</summary>
    public Func<object?> KeysInForce { get; init; } = static () => null;

    /// <summary>The issuer can't be asked.</summary>
    public bool Unavailable { get; init; }

    public static Validation Refuse(string reason) => new([], reason);

    public static Validation CantSay(string reason) => new([], reason) { Unavailable = true };

    /// <param name="claims">All of the token; one that is a list comes once for each entry.</param>
    /// <param name="naming">Names of the claims that name the caller, most exact first.</param>
    /// <param name="tenant">What stands before the names of callers, where several directories are trusted that may use the same ones.</param>
    public static Validation Good(IReadOnlyCollection<Claim> claims, DateTimeOffset? until, IReadOnlyList<string> naming, string tenant = "")
    {
        var scopes = claims.Where(c => ScopeClaims.Contains(c.Type)).Select(c => c.Value).ToList();
        return new Validation([.. SubjectsOf(claims, naming, tenant)], "")
        {
            Until = until,
            Scopes = scopes.Count == 0 ? null : scopes.SelectMany(s => s.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToFrozenSet(),
            Groups = [.. claims.Where(c => GroupClaims.Contains(c.Type)).Select(c => c.Value)],
        };
    }

    /// <summary>Whom claims name, whether they are true or not.</summary>
    public static IEnumerable<string> SubjectsOf(IReadOnlyCollection<Claim> claims, IReadOnlyList<string> naming, string tenant) =>
        naming.Select(name => claims.FirstOrDefault(c => c.Type == name)).OfType<Claim>().Select(c => tenant + c.Value);
}
