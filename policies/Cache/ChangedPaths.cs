using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Memory;

namespace Gateway.Policies.Cache;

/// <summary>
/// Paths of which something was changed through this gateway: what was asked for before is not given again (RFC 9111 section 4.4). One for a
/// workspace; while nothing of it is cached, nothing is noted.
/// </summary>
public sealed class ChangedPaths(TimeProvider clock) : IDisposable
{
    /// <summary>Where <see cref="PolicyScope.Kept"/> has it.</summary>
    public const string Key = "cache/changed";

    private const int Most = 100_000;

    private readonly MemoryCache _changed = new(new MemoryCacheOptions { SizeLimit = Most });
    private DateTimeOffset _forgotten = DateTimeOffset.MinValue;
    private volatile bool _isRead;

    /// <summary>Somebody gives answers again.</summary>
    public void Read() => _isRead = true;

    /// <summary>The step of routes that change something.</summary>
    public PolicyStep Step => new(Phase.Protect, NoteAsync);

    /// <summary>Whether what was asked for at a moment may be another by now.</summary>
    internal bool IsChanged(PathString path, DateTimeOffset since) =>
        since <= _forgotten || (_changed.TryGetValue(path.Value ?? "", out DateTimeOffset at) && since <= at);

    public void Dispose() => _changed.Dispose();

    private async ValueTask NoteAsync(Exchange exchange, ExchangeDelegate next)
    {
        await next(exchange);
        if (!_isRead || exchange.Refusal is not null || (exchange.Answer?.Status ?? exchange.Http.Response.StatusCode) >= StatusCodes.Status400BadRequest) return;
        var now = clock.GetUtcNow();
        // Where there is no room to note it, all that was kept before is forgotten.
        if (_changed.Count >= Most) (_forgotten, _) = (now, Clear());
        _changed.Set(exchange.Http.Request.Path.Value ?? "", now, new MemoryCacheEntryOptions { Size = 1, Priority = CacheItemPriority.NeverRemove, AbsoluteExpirationRelativeToNow = CacheOptions.LongestLife });
    }

    private bool Clear()
    {
        _changed.Clear();
        return true;
    }
}
