using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Credentials;

/// <summary>
/// Tokens by OAuth 2.0 client credentials (RFC 6749 section 4.4): one is kept until shortly before it ends and renewed earlier than that, by one
/// call however many requests ask. Where the server fails, it is left alone for a moment.
/// </summary>
internal sealed partial class TokenSource : HeaderValue
{
    /// <summary>What a token without <c>expires_in</c> is good for, and the longest that one is kept (sections 4.4.3 and 5.1).</summary>
    private static readonly TimeSpan Unsaid = TimeSpan.FromMinutes(5), Longest = TimeSpan.FromDays(1);

    /// <summary>A token ends here that much earlier than at the server: clocks differ, and requests take their time.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Time between two tokens that are given up because the backend refuses them: it may refuse all.</summary>
    private static readonly TimeSpan BetweenRefusals = TimeSpan.FromSeconds(30);

    private readonly Lock _one = new();
    private readonly HttpClient _http;
    private readonly string _backend;
    private readonly Oauth2Options _options;
    private readonly Outside _outside;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    private volatile Token? _token;
    private Task<Fetched>? _fetch;
    private Fetched? _failure;
    private long _failedAt;
    private long? _refusedAt;

    public TokenSource(string backend, Oauth2Options options, Func<HttpMessageHandler> connections, Outside outside, TimeProvider clock, ILogger log)
    {
        (_backend, _options, _outside, _clock, _log) = (backend, options, outside, clock, log);
        _http = new HttpClient(outside.Tokens(backend, connections)) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 64 << 10 };
    }

    public override ValueTask<Shown> ShowAsync(CancellationToken cancellation)
    {
        if (_token is not { } token) return WaitAsync(cancellation);
        var age = _clock.GetElapsedTime(token.Since);
        if (age >= token.Ends) return WaitAsync(cancellation);
        // Whoever comes in the meantime goes on with the one that is there.
        if (age >= token.Renews) _ = FetchAsync();
        return new ValueTask<Shown>(token.Shown);
    }

    public override bool Renew(string refused)
    {
        lock (_one)
        {
            // Another request gave it up already.
            if (_token?.Shown.Value != refused) return true;
            if (_refusedAt is { } before && _clock.GetElapsedTime(before) < BetweenRefusals) return false;
            _refusedAt = _clock.GetTimestamp();
            _token = null;
            return true;
        }
    }

    public override void Dispose() => _http.Dispose();

    private async ValueTask<Shown> WaitAsync(CancellationToken cancellation)
    {
        var fetched = await FetchAsync().WaitAsync(cancellation);
        return fetched.Token?.Shown ?? new Shown { Trouble = $"no token for '{_backend}': {fetched.Trouble}", RetryAfter = fetched.RetryAfter };
    }

    /// <summary>The fetch that is under way, or a new one; none where there is a good token, and none right after a failure.</summary>
    private Task<Fetched> FetchAsync()
    {
        lock (_one)
        {
            if (_fetch is { IsCompleted: false }) return _fetch;
            if (_token is { } token && _clock.GetElapsedTime(token.Since) < token.Renews) return Task.FromResult(new Fetched(token));
            if (_failure is { } failure && _clock.GetElapsedTime(_failedAt) < failure.RetryAfter) return Task.FromResult(failure);
            return _fetch = Task.Run(RequestAsync);
        }
    }

    private async Task<Fetched> RequestAsync()
    {
        var since = _clock.GetTimestamp();
        var fetched = await AskAsync(since);
        lock (_one)
        {
            if (fetched.Token is not null) _token = fetched.Token;
            (_failure, _failedAt) = (fetched.Token is null ? fetched : null, _clock.GetTimestamp());
        }
        AdapterTelemetry.Tokens.Add(1, new("backend", _backend), new("outcome", fetched.Token is null ? "failed" : "got"));
        if (fetched.Trouble is { } trouble) LogFailed(_backend, trouble);
        return fetched;
    }

    /// <summary>Asks once. Nothing of what goes wrong is thrown: who waits for it is a request.</summary>
    private async Task<Fetched> AskAsync(long since)
    {
        try
        {
            using var timeout = new CancellationTokenSource(_options.Timeout, _clock);
            using var request = Request();
            using var answer = await _http.SendAsync(request, timeout.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(timeout.Token);
            if (Read((int)answer.StatusCode, body, since, out var trouble) is { } token) return new Fetched(token);
            var wait = answer.Headers.RetryAfter?.Delta ?? Pause;
            return new Fetched(null, trouble) { RetryAfter = wait < Pause ? Pause : wait > LongestPause ? LongestPause : wait };
        }
        catch (Exception gone) when (gone is HttpRequestException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            var why = gone is OperationCanceledException ? "the token endpoint did not answer in time" : $"the token endpoint can't be reached ({(gone as HttpRequestException)?.HttpRequestError ?? HttpRequestError.Unknown})";
            return new Fetched(null, why);
        }
    }

    private HttpRequestMessage Request()
    {
        var form = new List<KeyValuePair<string, string>> { new("grant_type", "client_credentials") };
        if (_options.Scopes.Count > 0) form.Add(new("scope", string.Join(' ', _options.Scopes)));
        if (_options.Audience is { } audience) form.Add(new("audience", audience));
        _options.ClientSecret.Refresh();
        var secret = _options.ClientSecret.Reveal() is { Length: > 0 } known ? known : _outside.Unknown(_options.ClientSecret);
        if (_options.SecretIn == SecretPlace.Body) form.AddRange([new("client_id", _options.ClientId), new("client_secret", secret)]);
        var request = new HttpRequestMessage(HttpMethod.Post, _options.TokenUrl) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_options.SecretIn == SecretPlace.Header) request.Headers.TryAddWithoutValidation("Authorization", SecretValue.Basic(Uri.EscapeDataString(_options.ClientId), Uri.EscapeDataString(secret)));
        return request;
    }

    /// <summary>The token of an answer (section 5.1), or what is wrong with it: never more of it than an error code (section 5.2).</summary>
    private static Token? Read(int status, byte[] body, long since, out string trouble)
    {
        trouble = $"the token endpoint answered {status}";
        if (Parse(body) is not { } answer) return null;
        if (status != 200)
        {
            if (Text(answer, "error") is { Length: <= 64 } code && IsPlain(code)) trouble += " " + code;
            return null;
        }
        trouble = "the token endpoint gave no bearer token";
        if (Text(answer, "access_token") is not { Length: > 0 } token || !IsPlain(token) || !"Bearer".Equals(Text(answer, "token_type"), StringComparison.OrdinalIgnoreCase)) return null;
        var life = answer.TryGetProperty("expires_in", out var member) && Seconds(member) is > 0 and var seconds ? TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds)) : Unsaid;
        // Between 60 and 80 % of its life, so that many gateways do not ask at once.
        var renews = life * (0.6 + (0.2 * Random.Shared.NextDouble()));
        return new Token(new Shown("Bearer " + token), since, renews, life - Margin > renews ? life - Margin : renews);
    }

    private static JsonElement? Parse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body) is { ValueKind: JsonValueKind.Object } answer ? answer : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement answer, string member) =>
        answer.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Some servers say it as text.</summary>
    private static double? Seconds(JsonElement member) => member.ValueKind switch
    {
        JsonValueKind.Number when member.TryGetDouble(out var number) => number,
        JsonValueKind.String when double.TryParse(member.GetString(), System.Globalization.CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "No token for backend {Backend}: {Trouble}")]
    private partial void LogFailed(string backend, string trouble);

    /// <param name="Since">Timestamp of the clock when it was asked for; its times count from there.</param>
    private sealed record Token(Shown Shown, long Since, TimeSpan Renews, TimeSpan Ends);

    private sealed record Fetched(Token? Token, string? Trouble = null)
    {
        public TimeSpan RetryAfter { get; init; } = Pause;
    }
}
