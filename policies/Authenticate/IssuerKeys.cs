using System.Text.Json;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// The discovery document of one issuer and the keys it leads to. They are read on the first token, every <see cref="Freshness"/> after that, so
/// that a withdrawn key ends, and when a token comes whose key is not among them: the request that brought it waits, so a new key works from its
/// first token on. For the sake of such tokens they are read at most once in <see cref="Pause"/>, however many key ids somebody makes up.
/// While the issuer is down, the keys that are known stay in force. The framework's own would not wait, nor go by the gateway's clock.
/// </summary>
internal sealed class IssuerKeys : BaseConfigurationManager, IConfigurationManager<OpenIdConnectConfiguration>
{
    internal static readonly TimeSpan Freshness = TimeSpan.FromMinutes(15);

    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>How long an issuer that could not be read at all is left alone.</summary>
    internal static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly Lock _starting = new();
    private readonly HttpDocumentRetriever _documents;
    private readonly TimeProvider _clock;
    private volatile OpenIdConnectConfiguration? _current;
    private volatile Task<OpenIdConnectConfiguration?>? _reading;
    private volatile Task? _awaited;
    private long _tried;
    private long? _asked;

    public IssuerKeys(Uri issuer, HttpClient connections, TimeProvider clock)
    {
        _clock = clock;
        _documents = new HttpDocumentRetriever(connections) { RequireHttps = issuer.Scheme == Uri.UriSchemeHttps };
        MetadataAddress = issuer.OriginalString.TrimEnd('/') + "/.well-known/openid-configuration";
        // The framework would take keys that the issuer has withdrawn for another hour.
        UseLastKnownGoodConfiguration = false;
    }

    /// <summary>What is in force, another object after every reading; null while nothing could be read. Asking also looks for new keys when it is time.</summary>
    public OpenIdConnectConfiguration? Current
    {
        get
        {
            var current = _current;
            if (current is not null && _clock.GetElapsedTime(Volatile.Read(ref _tried)) >= Freshness) _ = ReadAsync();
            return current;
        }
    }

    /// <summary>
    /// What is in force, read if it never was; null when the issuer can't be asked, or tells nothing that can be used. That is remembered for
    /// <see cref="Rest"/>, so that a flood of tokens is no flood of questions.
    /// </summary>
    public async ValueTask<OpenIdConnectConfiguration?> GetAsync(CancellationToken cancellation)
    {
        if (Current is { } current) return current;
        if (_reading is { IsCompleted: true } && _clock.GetElapsedTime(Volatile.Read(ref _tried)) < Rest) return null;
        return await ReadAsync().WaitAsync(cancellation);
    }

    /// <summary>A token's key is unknown.</summary>
    public override void RequestRefresh()
    {
        lock (_starting)
        {
            if (_asked is { } asked && _clock.GetElapsedTime(asked) < Pause) return;
            _asked = _clock.GetTimestamp();
        }
        _awaited = ReadAsync();
    }

    public override async Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel) => await GetConfigurationAsync(cancel);

    /// <summary>What is in force once the reading that <see cref="RequestRefresh"/> began has ended.</summary>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        if (_awaited is { IsCompleted: false } reading) await reading.WaitAsync(cancel);
        return await GetAsync(cancel) ?? throw new InvalidOperationException("The issuer's keys could not be read.");
    }

    private Task<OpenIdConnectConfiguration?> ReadAsync()
    {
        lock (_starting) return _reading is { IsCompleted: false } running ? running : _reading = FetchAsync();
    }

    private async Task<OpenIdConnectConfiguration?> FetchAsync()
    {
        Volatile.Write(ref _tried, _clock.GetTimestamp());
        try
        {
            _current = await OpenIdConnectConfigurationRetriever.GetAsync(MetadataAddress, _documents, CancellationToken.None);
        }
        catch (Exception unreadable) when (unreadable is IOException or HttpRequestException or OperationCanceledException or InvalidOperationException or ArgumentException or JsonException)
        {
            // What was known stays in force; it is tried again when somebody asks.
        }
        return _current;
    }
}
