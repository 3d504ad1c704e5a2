namespace Gateway.Jsonata.Runtime;

/// <summary>An object made during evaluation: fields in the order they were first set.</summary>
internal sealed class ValueMap
{
    /// <summary>From here on a dictionary beats looking through the names.</summary>
    private const int Indexed = 12;

    private string[] _names;
    private Value[] _values;
    private int _count;
    private Dictionary<string, int>? _index;
    private FieldNames? _shared;

    public ValueMap(int capacity = 4)
    {
        _names = capacity == 0 ? [] : new string[capacity];
        _values = capacity == 0 ? [] : new Value[capacity];
    }

    /// <summary>An object with fixed names, which it shares with all others of its kind until it changes.</summary>
    public ValueMap(FieldNames names, Value[] values)
    {
        _shared = names;
        _names = names.Texts;
        _values = values;
        _count = values.Length;
    }

    /// <summary>An object of the first so many names and values, whose arrays it takes over, and their index if there is one.</summary>
    public ValueMap(string[] names, Value[] values, int count, Dictionary<string, int>? index = null)
    {
        _index = index;
        _names = names;
        _values = values;
        _count = count;
    }

    public int Count => _count;

    /// <summary>A constant of the expression, which all evaluations share and none may change.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>The names ready to be written, when they are fixed.</summary>
    public FieldNames? Shared => _shared;

    public ReadOnlySpan<string> Names => _names.AsSpan(0, _count);

    public ReadOnlySpan<Value> Values => _values.AsSpan(0, _count);

    public Value this[string name]
    {
        get
        {
            var at = IndexOf(name);
            return at < 0 ? default : _values[at];
        }
        set
        {
            var at = IndexOf(name);
            if (at >= 0)
            {
                _values[at] = value;
            }
            else
            {
                Append(name, value);
            }
        }
    }

    /// <summary>Adds a field whose name is known to be new.</summary>
    public void Append(string name, in Value value)
    {
        Unshare();
        if (_count == _names.Length)
        {
            var capacity = Math.Max(4, _count * 2);
            Array.Resize(ref _names, capacity);
            Array.Resize(ref _values, capacity);
        }
        _names[_count] = name;
        _values[_count] = value;
        _index?.Add(name, _count);
        _count++;
    }

    public void Remove(string name)
    {
        var at = IndexOf(name);
        if (at < 0)
        {
            return;
        }
        Unshare();
        _count--;
        Array.Copy(_names, at + 1, _names, at, _count - at);
        Array.Copy(_values, at + 1, _values, at, _count - at);
        _values[_count] = default;
        _index = null;
    }

    public int IndexOf(string name)
    {
        if (_count >= Indexed)
        {
            return (_index ??= BuildIndex()).TryGetValue(name, out var at) ? at : -1;
        }
        for (var i = 0; i < _count; i++)
        {
            if (_names[i] == name)
            {
                return i;
            }
        }
        return -1;
    }

    private void Unshare()
    {
        if (_shared is not null)
        {
            _shared = null;
            _names = [.. _names];
        }
    }

    private Dictionary<string, int> BuildIndex()
    {
        var index = new Dictionary<string, int>(_names.Length, StringComparer.Ordinal);
        for (var i = 0; i < _count; i++)
        {
            index[_names[i]] = i;
        }
        return index;
    }
}
