using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>
/// Where the gateway keeps what outlives a request. Read at start: a change is taken when the process is started anew. Without it, one node keeps
/// all in a file of its own and counts in its memory.
/// </summary>
public sealed record StateOptions
{
    [Description("The durable state (intents, outcomes, events, keys, quotas, audit). sqlite: a file in the data directory, for one process. postgresql: a database that all nodes share.")]
    public StateEngine Store { get; init; }

    [Description("The database, where the store is postgresql.")]
    public PostgresqlOptions? Postgresql { get; init; }

    [Description("A Redis that nodes share: limits are counted in it, and answers to repeats are found in it. Losing it loses nothing that counts.")]
    public RedisOptions? Redis { get; init; }

    [Description("Nodes find each other in the Redis, and each endpoint of webhooks is sent to by one of them. Without it, every node sends to all.")]
    public ClusterOptions? Cluster { get; init; }

    /// <summary>Whether a gateway that runs with one needs no restart for the other. A secret is the same as long as its reference is.</summary>
    public bool IsAs(StateOptions other) => Store == other.Store && AreSame(Postgresql, other.Postgresql) && AreSame(Redis, other.Redis) && Cluster == other.Cluster;

    public static bool AreSame(PostgresqlOptions? one, PostgresqlOptions? other) =>
        (one?.Connection.Reference, one?.Connections) == (other?.Connection.Reference, other?.Connections);

    public static bool AreSame(RedisOptions? one, RedisOptions? other) =>
        (one?.Connection.Reference, one?.Prefix, one?.Timeout) == (other?.Connection.Reference, other?.Prefix, other?.Timeout);
}

public enum StateEngine
{
    Sqlite,
    Postgresql,
}

public sealed record ClusterOptions
{
    [Description("The nodes of one cluster have the same; another gateway on the same Redis has another.")]
    [RegularExpression("^[a-z0-9-]{1,32}$")]
    public string Id { get; init; } = "gateway";
}

public sealed record PostgresqlOptions
{
    [Description("How to connect, in Npgsql's form: Host=db;Database=gateway;Username=gateway;Password=…;SSL Mode=VerifyFull.")]
    public required Secret Connection { get; init; }

    [Description("Most connections of this node.")]
    [Range(2, 200)]
    public int Connections { get; init; } = 20;
}

public sealed record RedisOptions
{
    [Description("How to connect, in the form of StackExchange.Redis: redis-1:6379,redis-2:6379,ssl=true,user=gateway,password=….")]
    public required Secret Connection { get; init; }

    [Description("What the names of all keys begin with: gateways that share a Redis and no limits have different ones.")]
    [RegularExpression("^[a-z0-9-]{1,32}$")]
    public string Prefix { get; init; } = "gateway";

    [Description("How long a request waits for an answer before the Redis counts as gone.")]
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:05")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(250);
}
