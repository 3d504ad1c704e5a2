using System.Globalization;
using Gateway.Configuration;

namespace Gateway.Explaining;

/// <summary>What an operator may do on the admin port, how it comes in, and what keeps it from more.</summary>
internal static class OperatorExplanation
{
    /// <summary>One line a fact: what it is about, and what there is to say.</summary>
    public static IEnumerable<(string About, string Text)> Of(OperatorDocument written, WorkspaceDocument document)
    {
        foreach (var role in written.Roles.Distinct().Order()) yield return ("may", $"as {Word(role)}: {Meaning(role)}");
        foreach (var token in written.Tokens) yield return ("comes in", $"by a token of its own{(token.Expires is { } end ? $", before {end.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : ", which never ends")}");
        foreach (var subject in written.Subjects) yield return ("comes in", $"by a token of {Issuer(subject, document)}, as {subject.Split('/', 2)[1]}");
        foreach (var group in written.Groups) yield return ("comes in", $"by a token of {Issuer(group, document)}, in the group {group.Split('/', 2)[1]}, under a name of its own");
        foreach (var apart in Duties.Roles.Where(a => written.Roles.Contains(a.One) != written.Roles.Contains(a.Other)))
            yield return ("may not be", $"{Word(written.Roles.Contains(apart.One) ? apart.Other : apart.One)} too: {apart.Why}");
    }

    private static string Issuer(string name, WorkspaceDocument document)
    {
        var issuer = name.Split('/')[0];
        var declared = document.Issuers[issuer];
        return $"{issuer} for {declared.OperatorAudience ?? declared.Audience}";
    }

    private static string Meaning(Role role) => role switch
    {
        Role.Viewer => "look at the Plan, audit, events and deliveries",
        Role.Operator => "look, and act on deliveries, keys and the Plan",
        Role.Approver => "look, and let go what others ask for",
        Role.Administrator => "look, and look after the record of all others",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    private static string Word(Role role) => role.ToString().ToLowerInvariant();
}
