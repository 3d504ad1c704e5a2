using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Gateway.Delivery.Redis;

/// <summary>
/// Limits that are counted in Redis. All of a request are one script, so one round trip, by Redis' own clock. Every five seconds the node says
/// that it lives: for as long its permits of <see cref="LimitAlgorithm.Concurrency"/> are held, and the nodes know how many they are.
/// </summary>
public sealed class RedisLimits : SharedLimits, IHostedService, IDisposable
{
    private const string Kind = "limit";

    /// <summary>Permits whose lease one call prolongs.</summary>
    private const int MostAtOnce = 500;

    private static readonly TimeSpan Rhythm = TimeSpan.FromSeconds(5);

    private readonly RedisConnection _redis;
    private readonly TimeProvider _clock;
    private readonly RedisScript _take;
    private readonly RedisScript _pulse;
    private readonly string _node = Guid.NewGuid().ToString("N")[..16];
    private readonly ConcurrentDictionary<string, LimitAsk[]> _held = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _pulses = Task.CompletedTask;
    private int _nodes = 1;
    private long _takings;

    public RedisLimits(RedisConnection redis, TimeProvider clock)
        : this(redis, clock, LimitScript.Time)
    {
    }

    /// <param name="time">How scripts learn what time it is: tests have a time of their own.</param>
    internal RedisLimits(RedisConnection redis, TimeProvider clock, string time)
    {
        (_redis, _clock) = (redis, clock);
        _take = new RedisScript(LimitScript.Take.Replace(LimitScript.Time, time, StringComparison.Ordinal));
        _pulse = new RedisScript(LimitScript.Pulse.Replace(LimitScript.Time, time, StringComparison.Ordinal));
    }

    public override bool IsDeclared => _redis.IsDeclared;

    public override int Nodes => Volatile.Read(ref _nodes);

    public override async ValueTask<SharedTaking?> TakeAsync(LimitAsk[] asks)
    {
        var holder = Array.Exists(asks, a => a.Algorithm == LimitAlgorithm.Concurrency) ? $"{_node}-{Interlocked.Increment(ref _takings)}" : null;
        var (isGiven, said) = await _redis.AskAsync((Limits: this, asks, holder), static (database, about) => about.Limits.AskAsync(database, about.asks, about.holder));
        if (!isGiven) return null;
        var taking = new SharedTaking(asks, said!, holder);
        if (holder is not null && taking.IsTaken) _held[holder] = asks;
        return taking;
    }

    public override void GiveBack(SharedTaking taking)
    {
        if (taking.Holder is not { } holder || !_held.TryRemove(holder, out var asks)) return;
        _ = GiveBackAsync(holder, asks);
    }

    /// <summary>Says that this node lives, and prolongs what it holds.</summary>
    public async Task PulseAsync()
    {
        var nodes = (RedisKey)_redis.Key("nodes", Kind);
        var held = _held.SelectMany(h => AtWork(h.Value).Select(ask => (Key: (RedisKey)_redis.Key(Kind, ask.Key), Holder: (RedisValue)h.Key))).ToList();
        foreach (var some in held.Count == 0 ? [[]] : held.Chunk(MostAtOnce))
        {
            RedisKey[] keys = [nodes, .. some.Select(s => s.Key)];
            RedisValue[] values = [_node, .. some.Select(s => s.Holder)];
            var (isGiven, count) = await _redis.AskAsync((Script: _pulse, keys, values), static async (database, about) => (int)await about.Script.RunAsync(database, about.keys, about.values));
            if (isGiven) Volatile.Write(ref _nodes, Math.Max(1, count));
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_redis.IsDeclared) _pulses = BeatAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    /// <summary>A node that ends in good order is counted no more.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _pulses;
        if (_redis.IsDeclared) await _redis.AskAsync((Key: (RedisKey)_redis.Key("nodes", Kind), Node: (RedisValue)_node), static (database, about) => database.SortedSetRemoveAsync(about.Key, about.Node));
    }

    public void Dispose() => _stopping.Dispose();

    private async Task BeatAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await PulseAsync();
            await Task.Delay(Rhythm, _clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<LimitTaken[]> AskAsync(IDatabase database, LimitAsk[] asks, string? holder)
    {
        var keys = new RedisKey[asks.Length];
        var values = new RedisValue[asks.Length * LimitScript.Arguments + 1];
        for (var (i, v) = (0, 0); i < asks.Length; i++)
        {
            ref readonly var ask = ref asks[i];
            keys[i] = _redis.Key(Kind, ask.Key);
            values[v++] = NumberOf(ask.Algorithm);
            values[v++] = ask.Limit;
            values[v++] = ask.Window.Ticks / TimeSpan.TicksPerMicrosecond;
            values[v++] = ask.Cost;
            values[v++] = ask.Reserve;
        }
        values[^1] = holder ?? "";
        var said = (long[])(await _take.RunAsync(database, keys, values))!;
        var taken = new LimitTaken[asks.Length];
        for (var (i, s) = (0, 0); i < asks.Length; i++, s += LimitScript.Answers)
            taken[i] = new LimitTaken(said[s] == 1, said[s + 1], TimeSpan.FromMicroseconds(said[s + 2]), TimeSpan.FromMicroseconds(said[s + 3]));
        return taken;
    }

    private async Task GiveBackAsync(string holder, LimitAsk[] asks)
    {
        foreach (var ask in AtWork(asks))
            await _redis.AskAsync((Key: (RedisKey)_redis.Key(Kind, ask.Key), Holder: (RedisValue)holder), static (database, about) => database.SortedSetRemoveAsync(about.Key, about.Holder));
    }

    private static IEnumerable<LimitAsk> AtWork(LimitAsk[] asks) => asks.Where(a => a.Algorithm == LimitAlgorithm.Concurrency);

    /// <summary>Where it stands in the script's list of kinds.</summary>
    private static int NumberOf(LimitAlgorithm algorithm) => algorithm switch
    {
        LimitAlgorithm.TokenBucket => 1,
        LimitAlgorithm.FixedWindow => 2,
        LimitAlgorithm.SlidingWindow => 3,
        _ => 4,
    };
}
