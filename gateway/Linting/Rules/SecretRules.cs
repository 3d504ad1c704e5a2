using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Linting.Rules;

/// <summary>
/// No secret stands in the files in clear, and none ends unnoticed. Options that are secrets take references only; what is looked for here is what people write beside
/// them: in addresses, in comments, in cases.
/// </summary>
internal static partial class SecretRules
{
    public static readonly IReadOnlyList<LintRule> All =
    [
        new("secret-in-clear", Severity.Error, "No secret stands in the files in clear.", InClear),
        new("credential-expires", Severity.Warning, "Every credential of the gateway that ends says when.", Expires),
    ];

    /// <summary>Keys of protocols whose keys end, as Odoo's do, and client secrets. Other keys and passwords may hold for good; a certificate says it itself.</summary>
    private static IEnumerable<LintFinding> Expires(LintSubject subject) => subject.Document.Backends
        .Where(b => b.Value.Credential is { Expires: null } credential && (credential.Oauth2 is not null || Adapters.Adapters.All.First(a => a.Name == b.Value.Adapter).TakesKeysOnly))
        .Select(b => new LintFinding([b.Key], subject.Places.Of(b.Value, nameof(BackendOptions.Credential)), $"the credential of the backend '{b.Key}' ends one day, and nobody says which", "add expires: the day"))
        .Concat(subject.Document.Partners.SelectMany(p => p.Value.Endpoints.Select(e => (Name: $"{p.Key}/{e.Key}", Endpoint: e.Value)))
            .Where(e => e.Endpoint.Credential is { Expires: null, Oauth2: not null })
            .Select(e => new LintFinding([e.Name], subject.Places.Of(e.Endpoint, nameof(EndpointOptions.Credential)), $"the credential of the endpoint '{e.Name}' ends one day, and nobody says which", "add expires: the day")));

    private static IEnumerable<LintFinding> InClear(LintSubject subject)
    {
        foreach (var path in subject.Workspace.Files.Paths)
        {
            var lines = Encoding.UTF8.GetString(subject.Workspace.Files[path]!.Value.Span).Split('\n');
            var named = path.EndsWith(".yaml", StringComparison.Ordinal) && !path.EndsWith(".tests.yaml", StringComparison.Ordinal);
            for (var i = 0; i < lines.Length; i++)
            {
                var found = Known().Match(lines[i]);
                if (!found.Success && named) found = Named().Match(lines[i]);
                if (found.Success)
                    yield return new LintFinding([path], new Place(path, i + 1, found.Index + 1), "this looks like a secret in clear", "write secret://env/NAME or secret://file/PATH, and change the secret: it has been seen");
            }
        }
    }

    /// <summary>Forms that secrets have by themselves: keys in PEM, of clouds and forges, signing secrets, tokens, passwords in addresses. What <c>secret://demo/</c> says is known to everybody.</summary>
    [GeneratedRegex("""-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bsk_live_[A-Za-z0-9]{16,}|(?<!secret://demo/)\bwhs(?:ec|k)_[A-Za-z0-9+/]{24,}|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.|\b[a-z][a-z0-9+.-]*://[^/\s:@"'$]+:[^/\s@"'$]+@""")]
    private static partial Regex Known();

    /// <summary>Members that say of themselves that they are secret, with a value that is neither a reference nor a variable.</summary>
    [GeneratedRegex("""\b(?:password|passwd|passphrase|secret|client_?secret|api_?key|access_?key|private_?key|(?:auth_?|access_?)?token|credential)\b["']?\s*[:=](?!//)\s*["']?(?!secret://|\$\{)[^\s"'{}\[\],#|>&*]{8,}""", RegexOptions.IgnoreCase)]
    private static partial Regex Named();
}
