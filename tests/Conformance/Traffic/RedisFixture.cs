using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Conformance.Traffic;

/// <summary>One Redis for all tests of a class; null where none is installed.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    public RedisServer? Server { get; private set; }

    public async ValueTask InitializeAsync() => Server = RedisServer.Missing is null ? await RedisServer.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
    }

    /// <summary>Skips the test where there is none.</summary>
    public RedisServer Demand()
    {
        Assert.SkipWhen(Server is null, RedisServer.Missing ?? "");
        return Server!;
    }
}
