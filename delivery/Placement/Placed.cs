using System.Globalization;

namespace Gateway.Delivery.Placement;

/// <summary>
/// What is placed over the nodes of a cluster, each thing by the key of its grain: endpoints of webhooks by their own (<see cref="Subscription.Key"/>, which has a
/// slash), and shards of flows (<see cref="FlowInstance.Shard"/>) as <c>flows:17</c>.
/// </summary>
/// <param name="flows">Null where none are worked on.</param>
internal sealed class Placed(Holding<string> endpoints, Holding<int>? flows)
{
    private const string Prefix = "flows:";

    /// <summary>Keys of all shards of flows, or none where no flows are worked on.</summary>
    public IReadOnlyList<string> Shards { get; } = flows is null ? [] : [.. Enumerable.Range(0, FlowInstance.Shards).Select(KeyOf)];

    /// <summary>The key of a shard's grain.</summary>
    public static string KeyOf(int shard) => Prefix + shard.ToString(CultureInfo.InvariantCulture);

    public bool Holds(string key) => ShardOf(key) is { } shard ? flows?.Holds(shard) == true : endpoints.Holds(key);

    /// <inheritdoc cref="Holding{TKey}.Hold"/>
    public void Hold(string key, TimeSpan? atMost = null)
    {
        if (ShardOf(key) is { } shard) flows?.Hold(shard, atMost);
        else endpoints.Hold(key, atMost);
    }

    /// <inheritdoc cref="Holding{TKey}.LetGo"/>
    public void LetGo(string key)
    {
        if (ShardOf(key) is { } shard) flows?.LetGo(shard);
        else endpoints.LetGo(key);
    }

    /// <inheritdoc cref="Holding{TKey}.HoldAll"/>
    public void HoldAll()
    {
        endpoints.HoldAll();
        flows?.HoldAll();
    }

    /// <inheritdoc cref="Holding{TKey}.HoldTold"/>
    public void HoldTold()
    {
        endpoints.HoldTold();
        flows?.HoldTold();
    }

    private static int? ShardOf(string key) => key.StartsWith(Prefix, StringComparison.Ordinal) ? int.Parse(key.AsSpan(Prefix.Length), CultureInfo.InvariantCulture) : null;
}
