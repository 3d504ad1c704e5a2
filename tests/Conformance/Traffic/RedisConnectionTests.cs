using System.Collections.Concurrent;
using Gateway.Delivery.Redis;
using Gateway.Tests.Servers;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Conformance.Traffic;

/// <summary>What an operator is told of a connection text that can't be used.</summary>
public sealed class RedisConnectionTests : ILogger<RedisConnection>
{
    private readonly ConcurrentQueue<string> _lines = [];

    [Theory]
    [InlineData(",password=of-yesterday")]
    [InlineData("")]
    public async Task A_password_that_is_not_taken_is_told_as_that_once_and_not_shown(string more)
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync("of-today");
        await using var connection = new RedisConnection(TimeProvider.System, this);
        connection.Open(Options(redis.Connection + more));

        for (var tries = 0; tries < 1200 && !_lines.Any(IsOfCredentials); tries++)
        {
            await connection.AskAsync(0, static (database, _) => database.PingAsync());
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.True(_lines.Count(IsOfCredentials) == 1, string.Join('\n', _lines));
        Assert.DoesNotContain(_lines, line => line.Contains("of-yesterday", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_password_that_is_taken_is_not_spoken_of()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync("of-today");
        await using var connection = new RedisConnection(TimeProvider.System, this);
        connection.Open(Options(redis.Connection + ",password=of-today"));

        var answered = false;
        for (var tries = 0; tries < 600 && !answered; tries++)
        {
            answered = (await connection.AskAsync(0, static (database, _) => database.PingAsync())).IsGiven;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.True(answered);
        Assert.DoesNotContain(_lines, IsOfCredentials);
    }

    [Theory]
    [InlineData("redis://gateway:of-today@redis-1")]
    [InlineData("rediss://:of-today@redis-1:6380/0")]
    public async Task An_address_with_a_scheme_is_told_at_start_and_not_shown(string text)
    {
        await using var connection = new RedisConnection(TimeProvider.System, this);

        var told = Assert.Throws<FormatException>(() => connection.Open(Options(text)));

        Assert.Contains("state.redis.connection (secret://env/REDIS) is an address with a scheme", told.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("of-today", told.Message, StringComparison.Ordinal);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Enqueue(formatter(state, exception));

    private static RedisOptions Options(string connection) => new() { Connection = new Secret("secret://env/REDIS", connection), Timeout = TimeSpan.FromMilliseconds(250) };

    private static bool IsOfCredentials(string line) => line.Contains("does not take the user or the password", StringComparison.Ordinal);
}
