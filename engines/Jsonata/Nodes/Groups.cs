using System.Runtime.InteropServices;

namespace Gateway.Jsonata.Nodes;

/// <summary>What is to become one field: which expression gives its value, and of which members.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Pair">The expression.</param>
/// <param name="First">The first member; most groups have no other.</param>
internal record struct Group(string Name, int Pair, Value First)
{
    /// <summary>All members, once there are several.</summary>
    public ValueList? Others { get; set; }
}

/// <summary>The groups an object is being made of, in the order their names came up.</summary>
/// <param name="position">Where the constructor stands.</param>
/// <param name="expected">How many there may be.</param>
internal sealed class Groups(int position, int expected)
{
    /// <summary>Room that is made at once; more grows with the groups.</summary>
    private const int MaxRoom = 1024;

    private readonly Dictionary<string, int> _index = new(Math.Min(expected, MaxRoom), StringComparer.Ordinal);
    private readonly List<Group> _groups = new(Math.Min(expected, MaxRoom));

    public int Count => _groups.Count;

    public Group this[int index] => _groups[index];

    public void Add(string name, int pair, in Value member)
    {
        ref var at = ref CollectionsMarshal.GetValueRefOrAddDefault(_index, name, out var isKnown);
        if (!isKnown)
        {
            at = _groups.Count;
            _groups.Add(new Group(name, pair, member));
            return;
        }
        ref var group = ref CollectionsMarshal.AsSpan(_groups)[at];
        if (group.Pair != pair)
        {
            throw new JsonataFailure("D1009", $"two expressions give the field name '{name}'", position);
        }
        group.Others ??= new ValueList(4) { group.First };
        group.Others.Add(member);
    }

    /// <summary>The object of these values, one for each group; those that are undefined are left out.</summary>
    public Value ToObject(Value[] values)
    {
        var names = new string[values.Length];
        var count = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!values[i].IsUndefined)
            {
                names[count] = _groups[i].Name;
                values[count++] = values[i];
            }
        }
        return Value.From(new ValueMap(names, values, count, count == _index.Count ? _index : null));
    }
}
