using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Gateway.Delivery.Redis;

/// <summary>What an operator may know of the Redis.</summary>
public enum RedisState
{
    /// <summary>The workspace declares none.</summary>
    None,

    /// <summary>It answers.</summary>
    Answers,

    /// <summary>It does not. What it is for is done without it.</summary>
    Away,
}

/// <summary>
/// The one connection of this process to the Redis of <c>state.redis</c>. It is made in the background and makes itself anew; nothing waits for
/// it longer than <see cref="RedisOptions.Timeout"/>, and a Redis that does not answer is not asked by every request.
/// </summary>
public sealed partial class RedisConnection : IAsyncDisposable
{
    private readonly ILogger<RedisConnection> _log;
    private readonly Circuit _circuit;
    private readonly TimeProvider _clock;
    private readonly Meter _meter = new(Telemetry.Name);
    private readonly Counter<long> _failures;
    private RedisOptions? _options;
    private Task<ConnectionMultiplexer>? _connecting;
    private IDatabase? _database;
    private bool _isRefused;

    public RedisConnection(TimeProvider clock, ILogger<RedisConnection> log)
    {
        (_clock, _log, _circuit) = (clock, log, new Circuit(clock));
        _failures = _meter.CreateCounter<long>("gateway.redis.failures", "{failure}", "Times that the Redis was asked and did not answer in time, or not as it should.");
        _meter.CreateObservableGauge("gateway.redis.answers", Answers, null, "1 while the Redis answers, 0 while it does not; nothing where the workspace declares none.");
    }

    public RedisState State => _options is null ? RedisState.None : _circuit.IsClosed ? RedisState.Answers : RedisState.Away;

    /// <summary>Whether there is one to be asked.</summary>
    public bool IsDeclared => _options is not null;

    /// <summary>Begins to connect. Once, at start, before requests come; null where the workspace declares no Redis.</summary>
    /// <exception cref="FormatException">The connection text is not in the form of StackExchange.Redis. The message does not show it.</exception>
    public void Open(RedisOptions? options)
    {
        if (options is null) return;
        _connecting = ConnectAsync(Configuration(options));
        _options = options;
    }

    /// <summary>The name of a key: <c>{gateway}:KIND:NAME</c>. In a Redis Cluster all of one gateway are in one slot, so that a script may use several.</summary>
    public string Key(string kind, string name) => $"{{{_options?.Prefix}}}:{kind}:{name}";

    /// <summary>
    /// Asks, and waits at most as long as the options say. Whoever gets no answer goes on without; that is counted here, and told once.
    /// </summary>
    /// <param name="about">Handed to <paramref name="ask"/>, so that it needs no closure.</param>
    public async ValueTask<RedisAnswer<T>> AskAsync<TAbout, T>(TAbout about, Func<IDatabase, TAbout, Task<T>> ask)
    {
        if (_options is not { } options || !_circuit.Enter()) return default;
        try
        {
            var database = _database ??= (await Connecting(options).WaitAsync(options.Timeout, _clock)).GetDatabase();
            var answer = ask(database, about);
            if (!answer.IsCompleted) answer = Within(answer, options.Timeout);
            var value = await answer;
            if (_circuit.Succeed())
            {
                Volatile.Write(ref _isRefused, false);
                Back();
            }
            return new RedisAnswer<T>(true, value);
        }
        catch (Exception failure)
        {
            // Whatever it is: no caller is told of it.
            _failures.Add(1);
            if (IsOfCredentials(failure)) TellRefused();
            if (_circuit.Fail(options.Timeout)) Away(failure.GetType().Name, failure is RedisConnectionException connection ? connection.FailureType.ToString() : "no answer");
            return default;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        if (_connecting is null) return;
        try
        {
            await (await _connecting).DisposeAsync();
        }
        catch (Exception)
        {
            // It was never there, and nobody waits for it any more.
        }
    }

    /// <summary>A first attempt that failed is made again: the server was not there yet, or its name was not known.</summary>
    private Task<ConnectionMultiplexer> Connecting(RedisOptions options)
    {
        var connecting = _connecting!;
        return connecting.IsFaulted ? _connecting = ConnectAsync(Configuration(options)) : connecting;
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions configuration)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        // What a call fails with does not always say why there is no connection.
        connection.ConnectionFailed += (_, failed) =>
        {
            if (failed.FailureType == ConnectionFailureType.AuthenticationFailure || IsOfCredentials(failed.Exception)) TellRefused();
        };
        return connection;
    }

    private void TellRefused()
    {
        if (!Interlocked.Exchange(ref _isRefused, true)) Refused();
    }

    /// <summary>Why there is no connection stands inside of what a call fails with, where it stands anywhere; the words are those of Redis.</summary>
    private static bool IsOfCredentials(Exception? failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }) return true;
            if (cause.Message.Contains("NOAUTH", StringComparison.Ordinal) || cause.Message.Contains("WRONGPASS", StringComparison.Ordinal)) return true;
        }
        return false;
    }

    /// <summary>An answer that comes too late is nobody's, and what is wrong with it is not told either.</summary>
    private Task<T> Within<T>(Task<T> answer, TimeSpan timeout)
    {
        _ = answer.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return answer.WaitAsync(timeout, _clock);
    }

    /// <summary>What the connection text says, and how this program wants it.</summary>
    /// <exception cref="FormatException">The text is not in the form of StackExchange.Redis. The message does not show it.</exception>
    internal static ConfigurationOptions Configuration(RedisOptions options)
    {
        ConfigurationOptions configuration;
        try
        {
            configuration = ConfigurationOptions.Parse(options.Connection.Reveal());
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or OverflowException)
        {
            throw new FormatException($"state.redis.connection ({options.Connection}) is not in the form of StackExchange.Redis: redis-1:6379,ssl=true,user=NAME,password=…");
        }
        if (options.Connection.Reveal().Contains("://", StringComparison.Ordinal))
            throw new FormatException($"state.redis.connection ({options.Connection}) is an address with a scheme, and no connection text of StackExchange.Redis: redis-1:6379,ssl=true,user=NAME,password=…");
        if (configuration.EndPoints.Count == 0)
            throw new FormatException($"state.redis.connection ({options.Connection}) names no server: redis-1:6379");
        // A first connection that can't be made ends with why, the password for one; it is begun anew when the Redis is asked again.
        configuration.AbortOnConnectFail = true;
        // What can't be sent at once fails at once: a request does not wait in a queue for a connection.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ReconnectRetryPolicy = new ExponentialRetry(250, 5_000);
        configuration.AsyncTimeout = configuration.SyncTimeout = Math.Max(1_000, (int)options.Timeout.TotalMilliseconds);
        configuration.IncludeDetailInExceptions = false;
        configuration.ClientName ??= "gateway";
        return configuration;
    }

    private IEnumerable<Measurement<int>> Answers() => State switch
    {
        RedisState.None => [],
        RedisState.Answers => [new Measurement<int>(1)],
        _ => [new Measurement<int>(0)],
    };

    [LoggerMessage(1, LogLevel.Error, "The Redis of state.redis does not answer ({Error}, {Kind}): limits go on as their onStoreFailure says")]
    private partial void Away(string error, string kind);

    [LoggerMessage(3, LogLevel.Error, "The Redis of state.redis does not take the user or the password of its connection text: correct them, and start again")]
    private partial void Refused();

    [LoggerMessage(2, LogLevel.Information, "The Redis of state.redis answers again")]
    private partial void Back();
}

/// <summary>What was answered; <see cref="IsGiven"/> is false where nothing was.</summary>
public readonly record struct RedisAnswer<T>(bool IsGiven, T? Value);
