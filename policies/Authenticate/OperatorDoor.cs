using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// Who stands at the admin port: a bearer token in the Authorization header (RFC 6750 section 2.1) that is an operator's own, or one of a
/// declared issuer, checked as those of callers are. A token in the address is refused whatever else there is: it has been logged on its way.
/// </summary>
public sealed class OperatorDoor : IAsyncDisposable
{
    private const int MaxTokenLength = 16 * 1024;

    /// <summary>Names under which tokens are put into addresses (RFC 6750 section 2.3, and what people try).</summary>
    private static readonly string[] QueryNames = ["access_token", "token", "api_key", "apikey"];

    private readonly TimeProvider _clock;
    private readonly List<(OperatorToken Token, Operator Owner)> _tokens;
    private readonly FrozenDictionary<string, Operator> _subjects;
    private readonly FrozenDictionary<string, Operator> _groups;
    private readonly List<Lazy<TokenIssuer>> _issuers;

    /// <param name="issuers">Those whose subjects or groups are operators.</param>
    public OperatorDoor(IReadOnlyList<Operator> operators, IReadOnlyDictionary<string, IssuerOptions> issuers, Outside outside, TimeProvider clock)
    {
        _clock = clock;
        _tokens = [.. operators.SelectMany(o => o.Tokens.Select(token => (token, o)))];
        _subjects = ByName(operators, o => o.Subjects);
        _groups = ByName(operators, o => o.Groups);
        _issuers = [.. issuers.Select(i => new Lazy<TokenIssuer>(() => new TokenIssuer(i.Key, ForOperators(i.Value), outside, clock)))];
    }

    /// <param name="askIssuers">False refuses tokens of issuers unseen: checking a signature is work, and looking up a hash is not.</param>
    public async ValueTask<OperatorVerdict> JudgeAsync(HttpContext http, bool askIssuers)
    {
        if (QueryNames.Any(http.Request.Query.ContainsKey)) return OperatorVerdict.Refuse("credentials-in-query");
        var headers = http.Request.Headers.Authorization;
        if (headers.Count == 0) return OperatorVerdict.Stranger;
        if (headers is not [{ } header] || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || header.Length > MaxTokenLength)
            return OperatorVerdict.Refuse("authorization-malformed");
        var token = header.AsMemory(7).Trim();
        if (Find(token.Span) is { } own) return own;
        if (!askIssuers) return OperatorVerdict.Refuse("too-many-failures");
        if (!TokenShape.IsBearer(token.Span)) return OperatorVerdict.Refuse("token-malformed");
        if (TokenShape.Parse(token) is { } parsed)
        {
            return _issuers.FirstOrDefault(i => i.Value.Issues(parsed.Issuer)) is { Value: var signer }
                ? OfIssuer(await signer.ValidateAsync(http, parsed), signer)
                : OperatorVerdict.Refuse("token-issuer-unknown");
        }
        // What says nothing of itself is shown to the only issuer that can be asked.
        return _issuers.Where(i => i.Value.Introspection is not null).ToList() is [{ Value: var asked }]
            ? OfIssuer(await asked.Introspection!.AskAsync(token.ToString(), http.RequestAborted), asked)
            : OperatorVerdict.Refuse("token-unknown");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var issuer in _issuers.Where(i => i.IsValueCreated)) await issuer.Value.DisposeAsync();
    }

    /// <summary>The operator whose own token it is; null when it is nobody's. Every one is compared, to the last byte, whatever is found.</summary>
    private OperatorVerdict? Find(ReadOnlySpan<char> token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token.ToString()), hash);
        (OperatorToken Token, Operator Owner)? found = null;
        foreach (var known in _tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(known.Token.Hash.Span, hash)) found = known;
        }
        if (found is not { } held) return null;
        return held.Token.Until <= _clock.GetUtcNow() ? OperatorVerdict.Refuse("token-ended") : OperatorVerdict.Admit(held.Owner);
    }

    private OperatorVerdict OfIssuer(Validation validation, TokenIssuer issuer)
    {
        if (validation.Reason != "") return OperatorVerdict.Refuse(validation.Reason) with { Unavailable = validation.Unavailable };
        var known = validation.Subjects.Select(subject => _subjects.GetValueOrDefault($"{issuer.Name}/{subject}")).FirstOrDefault(o => o is not null);
        return known is not null ? OperatorVerdict.Admit(known) : OfGroups(validation, issuer);
    }

    /// <summary>A member of groups may what each of them may, as far as one person may do all of it; it is told by its own name.</summary>
    private OperatorVerdict OfGroups(Validation validation, TokenIssuer issuer)
    {
        var groups = validation.Groups.Select(group => _groups.GetValueOrDefault($"{issuer.Name}/{group}")).OfType<Operator>().ToList();
        if (groups.Count == 0 || validation.Subjects.Count == 0) return OperatorVerdict.Refuse("token-subject-unknown");
        var roles = groups.SelectMany(o => o.Roles).ToFrozenSet();
        return Duties.Conflict(roles) is null
            ? OperatorVerdict.Admit(new Operator($"{issuer.Name}/{validation.Subjects[^1]}") { Roles = roles })
            : OperatorVerdict.Refuse("roles-apart");
    }

    /// <summary>Tokens for the admin port say so, where the issuer can tell its audiences apart.</summary>
    private static IssuerOptions ForOperators(IssuerOptions declared) => declared with { Audience = declared.OperatorAudience ?? declared.Audience };

    private static FrozenDictionary<string, Operator> ByName(IReadOnlyList<Operator> operators, Func<Operator, IReadOnlyList<string>> names) => operators
        .SelectMany(o => names(o).Select(name => KeyValuePair.Create(name, o)))
        .DistinctBy(pair => pair.Key)
        .ToFrozenDictionary();
}
