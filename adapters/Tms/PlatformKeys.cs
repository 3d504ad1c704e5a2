using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Tms;

/// <summary>
/// The keys that the platform signs its webhooks with: the JWK Set (RFC 7517) that it publishes at <c>GET /jwks</c> beside its API. It is asked for them when
/// they are an hour old or a webhook names a key that is not among them, but no more often than every half minute, whoever knocks; one request at a time,
/// for which all wait. Keys that can't be renewed hold on.
/// </summary>
/// <param name="ask">Asks for the set; ends by itself.</param>
internal sealed class PlatformKeys(Func<Task<RestReply>> ask, TimeProvider clock)
{
    private const int LeastBits = 2048, MostBits = 8192;
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly Lock _one = new();
    private Task<Known>? _asking;
    private Known? _known;

    /// <summary>Where no answer came in that time, it is none.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(5);

    /// <summary>The key of an id; null where the platform has none of that id. Trouble where nobody can say: the set can't be had.</summary>
    public async ValueTask<(RSAParameters? Key, string? Trouble)> FindAsync(string id, CancellationToken cancellation)
    {
        var known = await Current(id).WaitAsync(cancellation);
        return known.Keys?.TryGetValue(id, out var key) == true ? (key, null) : (null, known.Trouble);
    }

    private Task<Known> Current(string id)
    {
        lock (_one)
        {
            if (_asking is { IsCompleted: false }) return _asking;
            var age = _known is { } known ? clock.GetElapsedTime(known.Asked) : TimeSpan.MaxValue;
            if (age < Pause || (age < Fresh && _known?.Keys?.ContainsKey(id) == true)) return Task.FromResult(_known!);
            return _asking = Task.Run(AskAsync);
        }
    }

    private async Task<Known> AskAsync()
    {
        var reply = await ask();
        var keys = reply.Done ? KeysOf(reply.Value) : null;
        var trouble = keys is not null ? null : $"the keys of its webhooks can't be had: {reply.Reason ?? "the answer is no set of keys"}";
        lock (_one) return _known = new Known(keys ?? _known?.Keys, trouble, clock.GetTimestamp());
    }

    /// <summary>RSA keys for signatures, by their ids. The set has others beside them; null where it is no set.</summary>
    private static Dictionary<string, RSAParameters>? KeysOf(JsonElement set)
    {
        if (set.Member("keys") is not { ValueKind: JsonValueKind.Array } keys) return null;
        var found = new Dictionary<string, RSAParameters>(StringComparer.Ordinal);
        foreach (var key in keys.EnumerateArray())
        {
            if (key.Text("kty") != "RSA" || key.Text("use") is not (null or "sig") || key.Text("alg") is not (null or "RS256") || key.Text("kid") is not { } id) continue;
            if (NumberOf(key, "n") is not { } modulus || modulus.Length * 8 is < LeastBits or > MostBits || NumberOf(key, "e") is not { Length: <= 8 } exponent) continue;
            found[id] = new RSAParameters { Modulus = modulus, Exponent = exponent };
        }
        return found;
    }

    /// <summary>A number as RFC 7518 section 6.3.1 writes it, without zeros before it.</summary>
    private static byte[]? NumberOf(JsonElement key, string name)
    {
        if (key.Text(name) is not { } text || !Base64Url.IsValid(text)) return null;
        var bytes = Base64Url.DecodeFromChars(text).AsSpan().TrimStart((byte)0);
        return bytes.Length > 0 ? bytes.ToArray() : null;
    }

    /// <param name="Keys">Null where they were never had.</param>
    /// <param name="Trouble">Why the last look failed.</param>
    /// <param name="Asked">Timestamp of the clock.</param>
    private sealed record Known(Dictionary<string, RSAParameters>? Keys, string? Trouble, long Asked);
}
