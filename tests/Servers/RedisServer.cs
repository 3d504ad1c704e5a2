namespace Gateway.Tests.Servers;

/// <summary>A Redis. Keeps what it has by appending to a file, so that a restart finds it.</summary>
public sealed class RedisServer : ServerProcess
{
    private const string Program = "redis-server";

    private RedisServer()
        : base("redis")
    {
    }

    /// <summary>Why tests that need one are skipped; null where it is there.</summary>
    public static string? Missing => Programs.Find(Program) is null ? "redis-server is not installed" : null;

    /// <summary>As <c>state.redis.connection</c> says it.</summary>
    public string Connection => $"127.0.0.1:{Port}";

    /// <summary>What clients must say; null where they need not say anything.</summary>
    public string? Password { get; private init; }

    public static async Task<RedisServer> StartAsync(string? password = null)
    {
        var server = new RedisServer { Password = password };
        await server.StartAgainAsync();
        return server;
    }

    public override Task StartAgainAsync() => RunServerAsync(
        Programs.Find(Program)!,
        ["--port", Text(Port), "--bind", "127.0.0.1", "--dir", Root, "--appendonly", "yes", "--save", "", .. Password is null ? [] : (string[])["--requirepass", Password]]);
}
