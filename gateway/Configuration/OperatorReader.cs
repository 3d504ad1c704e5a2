using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Who may come to the admin port, checked against the rest of the document and against <see cref="Duties"/>.</summary>
internal sealed class OperatorReader(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
{
    /// <summary>256 bits in base64, the densest form that people write.</summary>
    private const int ShortestToken = 43;

    private const int MostTokens = 2;

    private readonly Dictionary<string, string> _owners = [];

    public IReadOnlyList<Operator> Read() => [.. document.Operators.Select(o => Read(o.Key, o.Value))];

    private Operator Read(string name, OperatorDocument written)
    {
        CheckRoles(name, written);
        if (!places.Has(written, nameof(written.Tokens)) && !places.Has(written, nameof(written.Subjects)) && !places.Has(written, nameof(written.Groups)))
            Add(Severity.Warning, "GW2081", places.Of(document.Operators, name), $"the operator '{name}' has no way in", "add tokens:, subjects: or groups:, or remove it");
        if (written.Tokens.Count > MostTokens)
            Add(Severity.Error, "GW2083", places.Of(written, nameof(written.Tokens)), $"the operator '{name}' has {written.Tokens.Count} tokens", "keep two at most: the one that is used, and the one that replaces it");
        CheckNames(name, written.Subjects, "subject");
        CheckNames(name, written.Groups, "group");
        return new Operator(name)
        {
            Roles = written.Roles.ToFrozenSet(),
            Tokens = [.. written.Tokens.Select(token => Read(token, name)).OfType<OperatorToken>()],
            Subjects = written.Subjects,
            Groups = written.Groups,
        };
    }

    private void CheckRoles(string name, OperatorDocument written)
    {
        if (written.Roles.Count == 0)
            Add(Severity.Warning, "GW2080", places.Of(written, nameof(written.Roles)), $"the operator '{name}' has no role, and may do nothing", "add viewer, operator, approver or administrator, or remove it");
        if (Duties.Conflict(written.Roles.ToFrozenSet()) is { } apart)
            Add(Severity.Error, "GW2082", places.Of(written, nameof(written.Roles)), $"the operator '{name}' is {Word(apart.One)} and {Word(apart.Other)}: {apart.Why}", "give the roles to two operators, who are not the same person");
    }

    private void CheckNames(string name, IReadOnlyList<string> written, string kind)
    {
        for (var i = 0; i < written.Count; i++)
        {
            var place = places.Of(written, i.ToString(CultureInfo.InvariantCulture));
            if (written[i].Split('/', 2) is not [var issuer, { Length: > 0 }] || !document.Issuers.ContainsKey(issuer))
                Add(Severity.Error, "GW2085", place, $"the {kind} '{written[i]}' does not begin with a declared issuer", $"write it as ISSUER/{kind.ToUpperInvariant()}; {Nearest.Cure(written[i].Split('/')[0], document.Issuers.Keys)}");
            else
                CheckOwner($"{kind} {written[i]}", $"the {kind} '{written[i]}'", name, place);
        }
    }

    private OperatorToken? Read(OperatorTokenDocument token, string name)
    {
        if (places.Has(token, nameof(token.Sha256)) == places.Has(token, nameof(token.Secret)))
            Add(Severity.Error, "GW2008", places.Of(token), "a token is either a hash or a secret", "write sha256: … or secret: secret://env/NAME");
        else if (token.Secret?.Reveal() is { Length: > 0 and < ShortestToken })
            Add(Severity.Error, "GW2086", places.Of(token, nameof(token.Secret)), $"a token of the operator '{name}' is shorter than 256 bits", "make one with openssl rand -base64 32");
        else if (Hash(token) is { } hash)
        {
            CheckOwner(Convert.ToHexString(hash), "this token", name, places.Of(token));
            return new OperatorToken(hash, token.Expires);
        }
        return null;
    }

    /// <summary>Null where the hash was not one, or where secrets are not at hand.</summary>
    private static byte[]? Hash(OperatorTokenDocument token)
    {
        if (token.Secret is { } secret) return secret.Reveal() is { Length: > 0 } value ? SHA256.HashData(Encoding.UTF8.GetBytes(value)) : null;
        return token.Sha256 is { Length: 64 } hex && hex.All(char.IsAsciiHexDigitLower) ? Convert.FromHexString(hex) : null;
    }

    /// <summary>One credential is one operator: else the audit could not say who it was.</summary>
    private void CheckOwner(string credential, string called, string name, Place place)
    {
        if (!_owners.TryAdd(credential, name) && _owners[credential] is var owner && owner != name)
            Add(Severity.Error, "GW2084", place, $"{called} belongs to the operator '{owner}' already", "let one operator have it");
    }

    private void Add(Severity severity, string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, severity, place, message, cure));

    private static string Word(Role role) => role.ToString().ToLowerInvariant();
}
