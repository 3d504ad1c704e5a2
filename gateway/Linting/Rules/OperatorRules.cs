using System.Globalization;
using Gateway.Configuration;

namespace Gateway.Linting.Rules;

/// <summary>Who works on the admin port is known, for a time, and does not decide alone.</summary>
internal static class OperatorRules
{
    public static readonly IReadOnlyList<LintRule> All =
    [
        new("operators-declared", Severity.Warning, "Who works on the admin port is declared.", Declared),
        new("operator-token-ends", Severity.Warning, "Every token of an operator has a day on which it ends, and that day has not come.", Ends),
        new("operator-all-roles", Severity.Warning, "No operator has every role that one may have.", AllRoles),
    ];

    private static IEnumerable<LintFinding> Declared(LintSubject subject)
    {
        if (subject.Document.Operators.Count == 0)
            yield return new LintFinding([WorkspaceFiles.Entry], new Place(WorkspaceFiles.Entry, 1, 1), "nobody is declared who works on the admin port: it can be read from its own machine, and nothing can be done there", "add operators: NAME: { roles: […], subjects: [ISSUER/SUBJECT] }");
    }

    private static IEnumerable<LintFinding> Ends(LintSubject subject)
    {
        foreach (var (name, written) in subject.Document.Operators)
        {
            foreach (var token in written.Tokens.Where(t => !IsDemo(t)))
            {
                if (token.Expires is not { } end)
                    yield return new LintFinding([name], subject.Places.Of(token), $"a token of the operator '{name}' never ends", "add expires: a day, and replace it before");
                else if (end <= subject.Now)
                    yield return new LintFinding([name], subject.Places.Of(token, nameof(token.Expires)), $"a token of the operator '{name}' ended on {end.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}", "remove it");
            }
        }
    }

    /// <summary>What everybody knows need not end: it opens demos only.</summary>
    private static bool IsDemo(OperatorTokenDocument token) => token.Secret?.Reference.StartsWith("secret://demo/", StringComparison.Ordinal) == true;

    private static IEnumerable<LintFinding> AllRoles(LintSubject subject) => subject.Document.Operators
        .Where(o => o.Value.Roles.Contains(Role.Operator) && o.Value.Roles.Contains(Role.Approver))
        .Select(o => new LintFinding([o.Key], subject.Places.Of(o.Value, nameof(OperatorDocument.Roles)), $"the operator '{o.Key}' acts, and approves what others ask for", "let somebody else approve"));
}
