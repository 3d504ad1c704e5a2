using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Memory;

namespace Gateway.Policies.Cache;

/// <summary>
/// Answers in memory, of bounded size, by what was asked; where a backend says that headers of the request matter (<c>Vary</c>, RFC 9111 section
/// 4.1), by those too. Of many who ask for the same at once, one asks the backend.
/// </summary>
internal sealed class AnswerCache(int megabytes, ChangedPaths changed) : IDisposable
{
    /// <summary>Callers choose how long what they ask for is: longer keys stand for themselves by their hash.</summary>
    private const int LongestKey = 256;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = megabytes * 1024L * 1024 });
    private readonly ConcurrentDictionary<string, Flight> _flights = new(StringComparer.Ordinal);

    public KeptAnswer? Find(string key, HttpRequest request) =>
        _kept.TryGetValue(Whole(key, request), out KeptAnswer? known) && !changed.IsChanged(request.Path, known!.AskedAt) ? known : null;

    /// <param name="vary">Headers of the request that matter.</param>
    public void Keep(string key, HttpRequest request, IReadOnlyList<string> vary, KeptAnswer answer)
    {
        // No longer than anybody could be given it; whether it is fresh is judged by the gateway's clock.
        var life = answer.Lifetime.Fresh + answer.Lifetime.StaleIfError;
        if (vary.Count > 0) _kept.Set(VaryOf(key), vary, new MemoryCacheEntryOptions { Size = 256 + SizeOf(VaryOf(key)) + vary.Sum(SizeOf), AbsoluteExpirationRelativeToNow = life });
        else _kept.Remove(VaryOf(key));
        var whole = Whole(key, request);
        _kept.Set(whole, answer, new MemoryCacheEntryOptions { Size = answer.Size + SizeOf(whole), AbsoluteExpirationRelativeToNow = life });
    }

    /// <summary>The flight of who asks the backend for it; true where that is now the caller, who must <see cref="Flight.Land"/> it.</summary>
    public bool Lead(string key, HttpRequest request, out Flight flight)
    {
        var own = new Flight(_flights, Whole(key, request));
        flight = _flights.GetOrAdd(own.Key, own);
        return ReferenceEquals(flight, own);
    }

    public void Dispose() => _kept.Dispose();

    private string Whole(string key, HttpRequest request) => _kept.TryGetValue(VaryOf(key), out IReadOnlyList<string>? vary)
        ? Bounded(string.Concat(vary!.Select(name => $"\n{name}: {request.Headers[name]}").Prepend(key)))
        : Bounded(key);

    private static string VaryOf(string key) => Bounded("vary\n" + key);

    private static string Bounded(string key) => key.Length <= LongestKey ? key : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static long SizeOf(string text) => text.Length * sizeof(char);
}

/// <summary>One request to a backend that others wait for.</summary>
internal sealed class Flight(ConcurrentDictionary<string, Flight> flights, string key)
{
    private readonly TaskCompletionSource<Landing> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Key { get; } = key;

    public Task<Landing> Landed => _landed.Task;

    public void Land(Landing landing)
    {
        flights.TryRemove(KeyValuePair.Create(Key, this));
        _landed.TrySetResult(landing);
    }
}

/// <summary>What came of a flight.</summary>
/// <param name="Ended">What those who waited do.</param>
/// <param name="Refusal">Why the backend gave nothing.</param>
internal sealed record Landing(Landed Ended, Refusal? Refusal = null);

internal enum Landed
{
    /// <summary>There is an answer for who asked as the first did; who asked otherwise (<c>Vary</c>) asks again. Also where the first has hung up.</summary>
    LookAgain,

    /// <summary>What came may not be kept: it is nobody's but the first's, and each asks for himself.</summary>
    NotKept,

    /// <summary>The backend failed, and would fail for all.</summary>
    Failed,
}
