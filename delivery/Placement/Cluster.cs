using System.Net;
using System.Threading.Channels;
using Gateway.Delivery.Flows;
using Gateway.Delivery.Webhooks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Placement;

/// <summary>
/// This node's part in the cluster of <c>state.cluster</c>. While it is in, it holds the endpoints and the shards of flows that are placed here; each node wakes all
/// shards, and the endpoints that have something due, every few seconds and whenever it has added something, so that they are active somewhere. While it is out, for
/// no Redis is there or the others have given it up, it holds all, as every node does without a cluster: nothing is done twice for that, since the store decides.
/// </summary>
/// <param name="flows">Null where none are worked on.</param>
public sealed partial class Cluster(IStore store, EndpointsHere endpoints, FlowsHere? flows, TimeProvider clock, ILoggerFactory logs) : BackgroundService
{
    private static readonly TimeSpan WakeEvery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan JoinAgain = TimeSpan.FromSeconds(3);

    /// <summary>How long a thing is held here of which nobody knows who holds it.</summary>
    private static readonly TimeSpan HeldInstead = TimeSpan.FromSeconds(15);

    private const int AtOnce = 32;

    private readonly Placed _here = new(endpoints.Held, flows?.Held);
    private readonly ILogger _log = logs.CreateLogger<Cluster>();
    private readonly Channel<string> _heard = Channel.CreateBounded<string>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite });
    private (ClusterOptions Cluster, RedisOptions Redis, IPEndPoint Address)? _declared;

    /// <summary>Says how to join. Once, at start, before hosted services are; nothing is done where the workspace declares no cluster.</summary>
    /// <param name="address">Where the other nodes reach this one.</param>
    public void Open(ClusterOptions? cluster, RedisOptions? redis, IPEndPoint address)
    {
        if (cluster is not null && redis is not null) _declared = (cluster, redis, address);
    }

    /// <summary>There is something to send to these: the nodes that hold them need not find it by themselves.</summary>
    /// <param name="keys">Those of the endpoints.</param>
    public void Hear(IReadOnlyCollection<string> keys)
    {
        endpoints.Wake();
        Pass(keys);
    }

    /// <summary>There is something to do for the flows of this shard: the node that holds it need not find it by itself.</summary>
    public void Hear(int shard)
    {
        flows?.Wake();
        Pass([Placed.KeyOf(shard)]);
    }

    private void Pass(IReadOnlyCollection<string> keys)
    {
        if (_declared is null) return;
        foreach (var key in keys.Where(k => !_here.Holds(k))) _heard.Writer.TryWrite(key);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_declared is not var (cluster, redis, address)) return;
        var told = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var silo = new Silo(cluster, redis, address, _here, logs);
                await silo.JoinAsync(stoppingToken);
                told = false;
                Joined(cluster.Id, address, IPAddress.IsLoopback(address.Address) ? "nodes of this machine alone" : "other nodes");
                _here.HoldTold();
                var why = await LiveAsync(silo, stoppingToken);
                if (stoppingToken.IsCancellationRequested) return;
                Out();
                Lost(cluster.Id, why);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed)
            {
                Out();
                if (!told) NotJoined(cluster.Id, failed.Message);
                told = true;
            }
            await Task.Delay(JoinAgain, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Out()
    {
        _here.HoldAll();
        Telemetry.Nodes.Record(0);
    }

    /// <summary>Wakes what is due and what is heard of, until the silo is dead; why it is.</summary>
    private async Task<string> LiveAsync(Silo silo, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var works = Task.WhenAll(WakeDueAsync(silo, ended.Token), WakeHeardAsync(silo, ended.Token));
        await Task.WhenAny(silo.Dead, works);
        await ended.CancelAsync();
        await works.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return silo.Dead.IsCompletedSuccessfully ? await silo.Dead : "it was stopped";
    }

    private async Task WakeDueAsync(Silo silo, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            Telemetry.Nodes.Record(silo.Nodes);
            try
            {
                var due = await store.DueEndpointsAsync(clock.GetUtcNow() + WakeEvery, stopping);
                await Parallel.ForEachAsync(due.Concat(_here.Shards), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping }, async (key, _) => await WakeAsync(silo, key));
            }
            catch (StoreUnavailableException)
            {
                // Said by who sends, which reads the same store.
            }
            await Task.Delay(WakeEvery, clock, stopping);
        }
    }

    private async Task WakeHeardAsync(Silo silo, CancellationToken stopping) => await Parallel.ForEachAsync(
        _heard.Reader.ReadAllAsync(stopping), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping }, async (key, _) => await WakeAsync(silo, key));

    private async Task WakeAsync(Silo silo, string key)
    {
        try
        {
            await silo.WakeAsync(key);
        }
        catch (Exception failed)
        {
            // Its node is dead, and that is not known yet; or nothing can be known, for the Redis is away too.
            _here.Hold(key, HeldInstead);
            HeldHere(key, failed.Message);
        }
    }

    [LoggerMessage(40, LogLevel.Information, "This node is in the cluster {Cluster} as {Address}, for {Whom}")]
    private partial void Joined(string cluster, IPEndPoint address, string whom);

    [LoggerMessage(41, LogLevel.Warning, "This node is out of the cluster {Cluster}, does what is to be done for all meanwhile, and joins again: {Why}")]
    private partial void Lost(string cluster, string why);

    [LoggerMessage(42, LogLevel.Warning, "This node can't join the cluster {Cluster}, does what is to be done for all meanwhile, and tries on: {Why}")]
    private partial void NotJoined(string cluster, string why);

    [LoggerMessage(43, LogLevel.Debug, "{Key} is held here for a while: {Why}")]
    private partial void HeldHere(string key, string why);
}
