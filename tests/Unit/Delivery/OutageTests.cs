using Gateway.Delivery.Storage.Postgresql;
using Npgsql;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>Which errors mean that the database is away.</summary>
public sealed class OutageTests
{
    /// <summary>Under traffic, a server that is killed has it told so for statements that are being written; here by one that is written to nothing.</summary>
    [Fact]
    public async Task What_the_library_takes_for_a_mistake_of_its_callers_on_a_connection_that_is_gone_is_an_outage()
    {
        await using var gone = new NpgsqlConnection("Host=127.0.0.1;Port=1");
        await using var command = new NpgsqlCommand("SELECT 1", gone);
        var told = await Assert.ThrowsAsync<InvalidOperationException>(() => command.ExecuteScalarAsync(TestContext.Current.CancellationToken));

        Assert.Same(told, Outage.Of(told)!.InnerException);
        Assert.True(Outage.IsLost(told));
    }

    [Fact]
    public void A_mistake_of_ours_is_none()
    {
        var ours = Assert.Throws<InvalidOperationException>(() => new Queue<int>().Dequeue());

        Assert.Null(Outage.Of(ours));
        Assert.False(Outage.IsLost(ours));
    }
}
