using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Gateway;

/// <summary>What an operator may do on the admin port. Whoever has a role may look; no role brings another one along.</summary>
public enum Role
{
    /// <summary>Looks: the Plan, audit, events, deliveries.</summary>
    Viewer,

    /// <summary>Acts on what is under way: deliveries, keys of consumers, the Plan.</summary>
    Operator,

    /// <summary>Lets go what somebody else has asked for.</summary>
    Approver,

    /// <summary>Looks after the record of all others: retention, erasure.</summary>
    Administrator,
}

/// <summary>Somebody who works on the admin port: a person, a team by its group at a token issuer, a program.</summary>
public sealed record Operator(string Name)
{
    public IReadOnlySet<Role> Roles { get; init; } = FrozenSet<Role>.Empty;

    public IReadOnlyList<OperatorToken> Tokens { get; init; } = [];

    /// <summary>Tokens of issuers that are this operator: <c>issuer/subject</c>, the subject being <c>azp</c>, <c>client_id</c>, <c>appid</c> or <c>sub</c>.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>Groups whose members are this operator, each under a name of its own: <c>issuer/group</c>, of the claims <c>groups</c> and <c>roles</c>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    public bool May(Role role) => role == Role.Viewer ? Roles.Count > 0 : Roles.Contains(role);
}

/// <summary>A token of an operator's own.</summary>
/// <param name="Hash">SHA-256 of the token: 32 bytes.</param>
/// <param name="Until">From when on it is refused; null for never.</param>
public sealed record OperatorToken(ReadOnlyMemory<byte> Hash, DateTimeOffset? Until);

/// <summary>Who may come to the admin port of a Plan.</summary>
/// <param name="Operators">Empty where none are declared: then the port is for looking, and for callers on the same machine.</param>
/// <param name="Judge">Whose the credentials of a request are.</param>
public sealed record AdminAccess(IReadOnlyList<Operator> Operators, OperatorJudge Judge)
{
    /// <summary>No operator is declared.</summary>
    public static readonly AdminAccess Undeclared = new([], (_, _) => ValueTask.FromResult(OperatorVerdict.Stranger));

    /// <summary>Who may scrape.</summary>
    public MetricsAccess Metrics { get; init; }
}

/// <summary>Whose the credentials of a request at the admin port are.</summary>
/// <param name="askIssuers">False for an address that failed too often: tokens of issuers are then refused without a look at them.</param>
public delegate ValueTask<OperatorVerdict> OperatorJudge(HttpContext http, bool askIssuers);

/// <summary>Who may read the metrics.</summary>
public enum MetricsAccess
{
    /// <summary>Callers on the same machine, and operators.</summary>
    Loopback,

    /// <summary>Operators alone.</summary>
    Operators,

    /// <summary>Everybody who reaches the admin port.</summary>
    Open,
}

/// <summary>What came of the credentials of a request at the admin port.</summary>
public readonly record struct OperatorVerdict
{
    /// <summary>There are no credentials.</summary>
    public static readonly OperatorVerdict Stranger = new() { Reason = "credentials-missing" };

    /// <summary>Who it is; null for one who is refused.</summary>
    public Operator? Operator { get; private init; }

    /// <summary>Why not, for the log only: a reason code.</summary>
    public string Reason { get; private init; }

    /// <summary>There were credentials, and they do not hold: RFC 6750 section 3.1 has a word for that.</summary>
    public bool Presented { get; private init; }

    /// <summary>The token's issuer can't be asked: nobody knows whether it holds.</summary>
    public bool Unavailable { get; init; }

    public static OperatorVerdict Admit(Operator known) => new() { Operator = known, Reason = "" };

    public static OperatorVerdict Refuse(string reason) => new() { Reason = reason, Presented = true };
}
