using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Gateway.Delivery.Redis;

/// <summary>A script of Redis, called by its hash. A Redis that does not know it, as after a restart, is told it by the call that finds out.</summary>
internal sealed class RedisScript
{
    private readonly string _text;
    private readonly byte[] _hash;

    public RedisScript(string text)
    {
        _text = text
            .Replace("LEASE", Microseconds(LimitScript.Lease), StringComparison.Ordinal)
            .Replace("PRESENCE", Microseconds(LimitScript.Presence), StringComparison.Ordinal);
        // Redis names scripts by it; nothing is secured by it.
#pragma warning disable CA5350
        _hash = SHA1.HashData(Encoding.UTF8.GetBytes(_text));
#pragma warning restore CA5350
    }

    public async Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await database.ScriptEvaluateAsync(_hash, keys, values);
        }
        catch (RedisServerException unknown) when (unknown.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(_text, keys, values);
        }
    }

    /// <summary>Runs it before whatever this connection is told later, even where the Redis has to be told the script first.</summary>
    public Task<RedisResult> RunInOrderAsync(IDatabase database, RedisKey[] keys, RedisValue[] values) => database.ScriptEvaluateAsync(_text, keys, values);

    private static string Microseconds(TimeSpan time) => (time.Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture);
}
