namespace Gateway.Jsonata.Syntax;

/// <summary>The names of one scope and the slots they have at run time. A scope without names has no frame.</summary>
internal sealed class Scope(Scope? parent)
{
    private readonly List<string> _names = [];

    public Scope? Parent { get; } = parent;

    /// <summary>How many of the names, from the first, are parameters and thus always bound.</summary>
    public int Parameters { get; set; }

    /// <summary>Whether it is the scope of a row, which exists even while it has no names.</summary>
    public bool IsRow { get; init; }

    public int Count => _names.Count;

    public bool HasFrame => IsRow || _names.Count > 0;

    public IReadOnlyList<string> Names => _names;

    /// <summary>The slot of a name, -1 when it has none here.</summary>
    public int Find(string name) => _names.LastIndexOf(name);

    public string NameOf(int slot) => _names[slot];

    public int Declare(string name)
    {
        var slot = Find(name);
        if (slot < 0)
        {
            slot = _names.Count;
            _names.Add(name);
        }
        return slot;
    }

    /// <summary>Declares a parameter; of two with one name the later hides the earlier.</summary>
    public void DeclareParameter(string name)
    {
        _names.Add(name);
        Parameters = _names.Count;
    }

    public void DeclareAll(Scope other)
    {
        foreach (var name in other._names)
        {
            Declare(name);
        }
    }
}
