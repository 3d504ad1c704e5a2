using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Gateway.Pipeline.Backends;

/// <summary>
/// Which destination gets a request: the canary, if it is its turn; else the one that its caller belongs to; else the one that YARP's policy picks.
/// A canary gets nothing else, and where it can't be called the others stand in.
/// </summary>
internal sealed class DestinationChoice(ForwardAddress address)
{
    private ILoadBalancingPolicy? _policy;

    /// <param name="callable">Destinations that are well, and whose circuit lets a call pass.</param>
    /// <param name="failed">Those that this request has failed at: taken again only where there is no other.</param>
    public DestinationState? Of(Exchange exchange, IReadOnlyList<DestinationState> callable, IReadOnlyCollection<DestinationState> failed)
    {
        if (address.Canary is { } canary && failed.Count == 0 && IsForCanary(canary, exchange.Consumer?.Partner.Name, Random.Shared.NextDouble())
            && callable.FirstOrDefault(d => d.DestinationId == ForwardAddress.CanaryName) is { } first) return first;
        var regular = callable.Where(d => d.DestinationId != ForwardAddress.CanaryName).ToList();
        if (regular.Exists(d => !failed.Contains(d))) regular.RemoveAll(failed.Contains);
        if (regular.Count < 2) return regular.FirstOrDefault();
        var key = address.Affinity switch
        {
            Affinity.Consumer => exchange.Consumer?.Name,
            Affinity.Partner => exchange.Consumer?.Partner.Name,
            _ => null,
        };
        return key is null ? Policy(exchange.Http).PickDestination(exchange.Http, exchange.Http.GetRouteModel().Cluster!, Weighted(regular)) : OfCaller(key, regular);
    }

    /// <param name="chance">From 0 to 1, without 1.</param>
    public static bool IsForCanary(CanaryOptions canary, string? partner, double chance) =>
        (canary.Partners.Count == 0 || (partner is not null && canary.Partners.Contains(partner))) && chance * 100 < canary.Percent;

    /// <summary>
    /// The one with the highest score of caller and destination (rendezvous hashing, Thaler and Ravishankar 1998; with weights, Schindelhauer and Schomaker
    /// 2005): of a destination that falls away, only its own callers move.
    /// </summary>
    private DestinationState OfCaller(string caller, List<DestinationState> destinations) =>
        destinations.MaxBy(d => -WeightOf(d) / Math.Log(Unit($"{caller}\n{d.DestinationId}")))!;

    /// <summary>Between 0 and 1, neither of them.</summary>
    private static double Unit(string text) =>
        ((BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))) >> 12) + 0.5) / (1UL << 52);

    /// <summary>YARP's policies know no weights, so a destination stands in their list as often as it weighs.</summary>
    private List<DestinationState> Weighted(List<DestinationState> destinations) =>
        destinations.TrueForAll(d => WeightOf(d) == 1) ? destinations : [.. destinations.SelectMany(d => Enumerable.Repeat(d, WeightOf(d)))];

    private int WeightOf(DestinationState destination) => address.Destinations[destination.DestinationId].Weight;

    /// <summary>It is a singleton of the host's, and a Plan is compiled without a host: found with the first request.</summary>
    private ILoadBalancingPolicy Policy(HttpContext http) => _policy ??= http.RequestServices.GetServices<ILoadBalancingPolicy>().First(p => p.Name == address.Balance switch
    {
        Balance.LeastRequests => LoadBalancingPolicies.LeastRequests,
        Balance.PowerOfTwo => LoadBalancingPolicies.PowerOfTwoChoices,
        Balance.Random => LoadBalancingPolicies.Random,
        Balance.First => LoadBalancingPolicies.FirstAlphabetical,
        _ => LoadBalancingPolicies.RoundRobin,
    });
}
