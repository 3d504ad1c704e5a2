using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Gateway.Delivery.Placement;

/// <summary>
/// Which node a thing belongs to: of all nodes the one whose hash with the thing's key is the highest (rendezvous hashing, Thaler and Ravishankar 1998). All
/// nodes come to the same without talking about it, and when one joins or leaves only its share moves.
/// </summary>
internal sealed class Homes(IClusterMembershipService membership, ILocalSiloDetails here)
{
    public bool IsHere(string key)
    {
        var silos = membership.CurrentSnapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress).ToList();
        return silos.Count == 0 || Of(key, silos).Equals(here.SiloAddress);
    }

    /// <param name="silos">One or more.</param>
    public static SiloAddress Of(string key, IReadOnlyList<SiloAddress> silos) => silos.MaxBy(silo => Weight(key, silo.Endpoint.ToString()))!;

    /// <summary>By address and port, so a node that is started anew gets back what it had.</summary>
    internal static ulong Weight(string key, string node) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{node} {key}")));
}

/// <summary>A grain is placed where it is at home.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class AtHomeAttribute() : PlacementAttribute(new AtHome());

/// <inheritdoc cref="AtHomeAttribute"/>
[Serializable, GenerateSerializer]
internal sealed class AtHome : PlacementStrategy;

/// <inheritdoc cref="AtHomeAttribute"/>
internal sealed class AtHomeDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(Homes.Of(target.GrainIdentity.Key.ToString()!, context.GetCompatibleSilos(target)));
}
