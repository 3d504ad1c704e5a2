using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Json;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// Asks an issuer about tokens (RFC 7662). However many requests come with one token at once, it is asked about once. A good answer counts until
/// the token ends, and no longer than is declared; a bad one counts for <see cref="RefusedFor"/>, and both are remembered by the hash of the
/// token, so many and no more. That the issuer could not be asked is not remembered.
/// </summary>
internal sealed class Introspection(string issuer, IssuerOptions declared, IntrospectionOptions options, IssuerKeys discovery, HttpClient connections, TimeProvider clock)
{
    internal const int PerGeneration = 16 * 1024;

    internal static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private static readonly Meter Meter = new("Gateway.Policies");
    private static readonly Counter<long> Asked = Meter.CreateCounter<long>("gateway.introspections", "{question}", "Questions to issuers about tokens, by issuer and answer.");

    private readonly Generations<TokenHash, Validation> _good = new(PerGeneration);
    private readonly Generations<TokenHash, Validation> _refused = new(PerGeneration);
    private readonly ConcurrentDictionary<TokenHash, Lazy<Task<Validation>>> _flights = new();

    /// <summary>Whom the issuer says the token names, or why it is refused, or that the issuer can't be asked.</summary>
    public async ValueTask<Validation> AskAsync(string token, CancellationToken hungUp)
    {
        var hash = TokenHash.Of(token);
        if ((_good.TryGet(hash, out var known) || _refused.TryGet(hash, out known)) && known.Until > clock.GetUtcNow()) return known;
        // One caller that hangs up does not end the question of the others.
        return await _flights.GetOrAdd(hash, h => new Lazy<Task<Validation>>(() => AskAsync(h, token))).Value.WaitAsync(hungUp);
    }

    private async Task<Validation> AskAsync(TokenHash hash, string token)
    {
        try
        {
            var validation = await SendAsync(token);
            if (!validation.Unavailable) (validation.Reason == "" ? _good : _refused).Keep(hash, validation);
            Asked.Add(1, new("gateway.issuer", issuer), new("gateway.answer", validation.Unavailable ? "none" : validation.Reason == "" ? "good" : "refused"));
            return validation;
        }
        finally
        {
            _flights.TryRemove(hash, out _);
        }
    }

    private async Task<Validation> SendAsync(string token)
    {
        try
        {
            if (options.Endpoint is null && await discovery.GetAsync(CancellationToken.None) is null) return Validation.CantSay("issuer-unreachable");
            if ((options.Endpoint ?? Discovered()) is not { } endpoint) return Validation.CantSay("introspection-nowhere");
            using var question = Question(endpoint, token);
            using var answer = await connections.SendAsync(question);
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) return Validation.CantSay("introspection-refuses-us");
            if (answer.StatusCode != HttpStatusCode.OK) return Validation.CantSay("introspection-unusable");
            using var said = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(), Strict);
            return said.RootElement.ValueKind == JsonValueKind.Object ? Judge(said.RootElement) : Validation.CantSay("introspection-unusable");
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException or OperationCanceledException)
        {
            return Validation.CantSay("issuer-unreachable");
        }
        catch (JsonException)
        {
            return Validation.CantSay("introspection-unusable");
        }
    }

    private Uri? Discovered() => Uri.TryCreate(discovery.Current?.IntrospectionEndpoint, UriKind.Absolute, out var endpoint) && endpoint.Scheme == declared.Issuer.Scheme ? endpoint : null;

    private HttpRequestMessage Question(Uri endpoint, string token)
    {
        List<KeyValuePair<string, string>> form = [new("token", token), new("token_type_hint", "access_token")];
        var question = new HttpRequestMessage(HttpMethod.Post, endpoint);
        question.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (options.Authentication == ClientAuthentication.Form) form.AddRange([new("client_id", options.Client), new("client_secret", options.Secret.Reveal())]);
        else question.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Encoded(options.Client)}:{Encoded(options.Secret.Reveal())}")));
        question.Content = new FormUrlEncodedContent(form);
        return question;
    }

    /// <summary>As forms encode it (RFC 6749 section 2.3.1).</summary>
    private static string Encoded(string text) => WebUtility.UrlEncode(text);

    /// <summary>The answer of RFC 7662 section 2.2. What it does not say of the audience is refused: it could be a token for anybody.</summary>
    private Validation Judge(JsonElement said)
    {
        var now = clock.GetUtcNow();
        var claims = said.EnumerateObject().SelectMany(member => Claims(member.Name, member.Value)).ToList();
        var end = Time(said, "exp");
        string? reason = (said.TryGetProperty("active", out var active) ? active.ValueKind : JsonValueKind.Undefined) switch
        {
            JsonValueKind.False => "token-inactive",
            not JsonValueKind.True => null,
            _ when claims.Any(c => c.Type == "token_type" && !c.Value.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) => "token-type",
            _ when claims.Any(c => c.Type == "iss" && !declared.Signers.Contains(c.Value.TrimEnd('/'))) => "token-invalidissuer",
            _ when !claims.Any(c => c.Type == "aud" && c.Value == declared.Audience) => "token-invalidaudience",
            _ when end <= now => "token-expired",
            _ when Time(said, "nbf") > now => "token-notyetvalid",
            _ => "",
        };
        if (reason is null) return Validation.CantSay("introspection-unusable");
        if (reason != "") return Validation.Refuse(reason) with { Until = now + RefusedFor };
        var counts = now + options.CacheFor;
        return Validation.Good(claims, end < counts ? end : counts, declared.CallerClaims) with { Said = JsonSerializer.SerializeToUtf8Bytes(said), Keys = this, KeysInForce = () => this };
    }

    /// <summary>A list comes once for each entry; objects are no claims that anybody looks at.</summary>
    private static IEnumerable<Claim> Claims(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [new Claim(name, value.GetString()!)],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(entry => Claims(name, entry)),
        _ => [],
    };

    /// <summary>Seconds since 1970 (RFC 7519 section 2, NumericDate); null where there are none, and what no calendar holds is never.</summary>
    private static DateTimeOffset? Time(JsonElement said, string name)
    {
        if (!said.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Number) return null;
        var seconds = Math.Clamp(value.GetDouble(), 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        return DateTimeOffset.FromUnixTimeSeconds((long)seconds);
    }
}
