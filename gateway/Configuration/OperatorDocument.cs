using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Configuration;

public sealed record OperatorDocument
{
    [Description("What it may do on the admin port: viewer looks; operator acts on deliveries, keys and the Plan; approver lets go what others ask for; administrator looks after the record. Each may look.")]
    public required IReadOnlyList<Role> Roles { get; init; }

    [Description("Tokens of its own; two may be valid at once while one replaces the other.")]
    public IReadOnlyList<OperatorTokenDocument> Tokens { get; init; } = [];

    [Description("Tokens of issuers that are this operator, as issuer/subject; the subject is the token's azp, client_id, appid or sub.")]
    public IReadOnlyList<string> Subjects { get; init; } = [];

    [Description("Groups whose members are this operator, as issuer/group; the group is in the token's groups or roles. The audit names the member.")]
    public IReadOnlyList<string> Groups { get; init; } = [];
}

public sealed record OperatorTokenDocument
{
    [Description("SHA-256 of the token, 64 hex digits: printf %s TOKEN | sha256sum.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public string? Sha256 { get; init; }

    [Description("The token itself, by reference; at least 256 bits, which are 43 characters.")]
    public Secret? Secret { get; init; }

    [Description("The first day on which it is refused; it begins at midnight UTC.")]
    public DateTimeOffset? Expires { get; init; }
}
