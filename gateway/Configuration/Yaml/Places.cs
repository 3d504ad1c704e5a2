using System.Runtime.CompilerServices;

namespace Gateway.Configuration.Yaml;

/// <summary>Where each bound record and each of its members was written.</summary>
public sealed class Places
{
    private readonly Dictionary<(object Owner, string Member), Place> _members = new(ByReference.Instance);

    public void Set(object owner, string member, Place place) => _members[(owner, member)] = place;

    /// <summary>The member's place, else the owner's, else none. An empty member is the owner itself.</summary>
    public Place Of(object owner, string member = "") =>
        _members.TryGetValue((owner, member), out var place) || _members.TryGetValue((owner, ""), out place) ? place : Place.None;

    /// <summary>Whether a member was written, even where it could not be bound.</summary>
    public bool Has(object owner, string member) => _members.ContainsKey((owner, member));

    private sealed class ByReference : IEqualityComparer<(object Owner, string Member)>
    {
        public static readonly ByReference Instance = new();

        public bool Equals((object Owner, string Member) x, (object Owner, string Member) y) =>
            ReferenceEquals(x.Owner, y.Owner) && x.Member == y.Member;

        public int GetHashCode((object Owner, string Member) key) =>
            HashCode.Combine(RuntimeHelpers.GetHashCode(key.Owner), key.Member.GetHashCode(StringComparison.Ordinal));
    }
}
