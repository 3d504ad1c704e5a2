using System.Globalization;
using Gateway.Delivery.Redis;
using Gateway.Policies.RateLimit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Gateway.Tests.Conformance.Traffic;

/// <summary>A place where one limit is counted, and its clock.</summary>
internal abstract class LimitBench : IAsyncDisposable
{
    /// <summary>A whole minute, so that windows begin with it.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The shortest time that it knows.</summary>
    public abstract TimeSpan Moment { get; }

    public abstract Task<LimitTaken> TakeAsync(int cost = 1, int reserve = 0);

    /// <summary>Gives back what was taken first.</summary>
    public abstract Task GiveBackAsync();

    public abstract Task AdvanceAsync(TimeSpan time);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>This node's own count.</summary>
internal sealed class BenchHere(LimitAlgorithm algorithm, int limit, TimeSpan window) : LimitBench
{
    private readonly FakeTimeProvider _clock = new(Start);
    private Counter? _counter;

    public override TimeSpan Moment => TimeSpan.FromTicks(1);

    private Counter Counter => _counter ??= algorithm switch
    {
        LimitAlgorithm.TokenBucket => new TokenBucket(limit, window, _clock),
        LimitAlgorithm.SlidingWindow => new SlidingWindow(limit, window, _clock),
        LimitAlgorithm.FixedWindow => new FixedWindow(limit, window, _clock),
        _ => new AtWork(limit, _clock),
    };

    public override Task<LimitTaken> TakeAsync(int cost = 1, int reserve = 0) => Task.FromResult(Counter.Take(cost, reserve));

    public override Task GiveBackAsync()
    {
        Counter.GiveBack(1);
        return Task.CompletedTask;
    }

    public override Task AdvanceAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }
}

/// <summary>The count of all nodes in a Redis, whose script reads a clock of the test's.</summary>
internal sealed class BenchInRedis : LimitBench
{
    private readonly RedisConnection _connection = new(TimeProvider.System, NullLogger<RedisConnection>.Instance);
    private readonly Queue<SharedTaking> _held = new();
    private readonly string _clockKey = $"clock-{Guid.NewGuid():N}";
    private readonly ConnectionMultiplexer _aside;
    private DateTimeOffset _now = Start;

    private BenchInRedis(ConnectionMultiplexer aside, string connection)
    {
        _aside = aside;
        _connection.Open(new RedisOptions { Connection = new Secret("secret://env/REDIS", connection), Prefix = $"t{Guid.NewGuid():N}"[..20], Timeout = TimeSpan.FromSeconds(5) });
        Limits = new RedisLimits(_connection, TimeProvider.System, Time);
    }

    public RedisConnection Connection => _connection;

    /// <summary>How its scripts learn what time it is.</summary>
    public string Time => $"local now = tonumber(redis.call('GET', '{_clockKey}'))\n";

    public RedisLimits Limits { get; }

    public required LimitAsk Asked { get; init; }

    public override TimeSpan Moment => TimeSpan.FromMicroseconds(1);

    public static async Task<BenchInRedis> StartAsync(string connection, LimitAlgorithm algorithm, int limit, TimeSpan window)
    {
        var bench = new BenchInRedis(await ConnectionMultiplexer.ConnectAsync(connection), connection) { Asked = new LimitAsk("bench", algorithm, limit, window, 1, 0) };
        await bench.AdvanceAsync(TimeSpan.Zero);
        return bench;
    }

    /// <summary>Whether a key is of this bench, and of no other on the same Redis.</summary>
    public bool Owns(string key) => key.StartsWith(_connection.Key("limit", ""), StringComparison.Ordinal);

    public override async Task<LimitTaken> TakeAsync(int cost = 1, int reserve = 0)
    {
        var taking = await Limits.TakeAsync([Asked with { Cost = cost, Reserve = reserve }]) ?? throw new InvalidOperationException("Redis did not answer");
        if (taking.IsTaken) _held.Enqueue(taking);
        return taking.Taken[0];
    }

    public override async Task GiveBackAsync()
    {
        var before = await CountAsync();
        Limits.GiveBack(_held.Dequeue());
        for (var tries = 0; await CountAsync() == before && tries < 500; tries++) await Task.Delay(10);
    }

    public override async Task AdvanceAsync(TimeSpan time)
    {
        _now += time;
        var microseconds = (_now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        await _aside.GetDatabase().StringSetAsync(_clockKey, microseconds.ToString(CultureInfo.InvariantCulture));
    }

    public override async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _aside.DisposeAsync();
    }

    private Task<long> CountAsync() => _aside.GetDatabase().SortedSetLengthAsync(_connection.Key("limit", Asked.Key));
}
