using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Planning;

/// <summary>The verb <c>plan</c> on changes of where state is kept.</summary>
public sealed class StatePlanTests : IDisposable
{
    private const string Shared = "{ store: postgresql, postgresql: { connection: secret://env/DB, connections: 20 }, redis: { connection: secret://env/REDIS }, cluster: { id: shop } }";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-state-plan-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("env/DB", "env/OTHER", "attention state: the database of the store is told otherwise; it needs a restart, a reload does not take it")]
    [InlineData("connections: 20", "connections: 30", "attention state: the database of the store is told otherwise; it needs a restart, a reload does not take it")]
    [InlineData("env/REDIS", "env/OTHER", "attention state: the Redis is told otherwise; it needs a restart, a reload does not take it")]
    [InlineData("id: shop", "id: market", "attention state: nodes form the cluster market; it needs a restart, a reload does not take it")]
    [InlineData(", cluster: { id: shop }", "", "attention state: nodes form no cluster any more; it needs a restart, a reload does not take it")]
    [InlineData("connections: 20", "connections: 20 ")]
    public async Task What_becomes_of_the_place_of_state_is_told(string before, string after, params string[] effects) =>
        Assert.Equal(effects, await PlanAsync(Shared, Shared.Replace(before, after, StringComparison.Ordinal)));

    [Fact]
    public async Task Another_store_knows_nothing_of_what_the_one_before_holds()
    {
        var effect = Assert.Single(await PlanAsync("{ store: sqlite, redis: { connection: secret://env/REDIS } }", Shared.Replace(", cluster: { id: shop }", "", StringComparison.Ordinal)));

        Assert.StartsWith("attention state: the store is postgresql, was sqlite; it needs a restart", effect, StringComparison.Ordinal);
        Assert.Contains("is not known any more", effect, StringComparison.Ordinal);
    }

    private async Task<string[]> PlanAsync(string before, string after)
    {
        var (then, now) = (_folder.CreateSubdirectory("before").FullName, _folder.CreateSubdirectory("after").FullName);
        await File.WriteAllTextAsync(Path.Combine(then, "policies.yaml"), $"state: {before}\n");
        await File.WriteAllTextAsync(Path.Combine(now, "policies.yaml"), $"state: {after}\n");
        using var output = new StringWriter { NewLine = "\n" };
        await PlanCommand.RunAsync(now, then, EffectClass.Breaking, new LoadOptions { ResolveSecrets = false }, output);
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).SkipLast(1)];
    }
}
