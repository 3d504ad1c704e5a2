using System.Text.Json;

namespace Gateway.Jsonata.Runtime;

/// <summary>Walks the items of an array value without copying it.</summary>
internal ref struct Items
{
    private readonly ReadOnlySpan<Value> _items;
    private JsonElement.ArrayEnumerator _elements;
    private readonly bool _isList;
    private int _at = -1;

    public Items(in Value array)
    {
        if (array.List is { } list)
        {
            _isList = true;
            _items = list.Span;
        }
        else
        {
            _elements = array.Element.EnumerateArray();
        }
    }

    public readonly Value Current => _isList ? _items[_at] : Value.From(_elements.Current);

    public readonly Items GetEnumerator() => this;

    public bool MoveNext() => _isList ? ++_at < _items.Length : _elements.MoveNext();
}

/// <summary>Walks the fields of an object value without copying it.</summary>
internal ref struct Fields
{
    private readonly ValueMap? _map;
    private JsonElement.ObjectEnumerator _elements;
    private int _at = -1;

    public Fields(in Value value)
    {
        _map = value.Map;
        if (_map is null && value.Kind == JsonataKind.Object)
        {
            _elements = value.Element.EnumerateObject();
        }
        else
        {
            _map ??= new ValueMap(0);
        }
    }

    public readonly string Name => _map is null ? _elements.Current.Name : _map.Names[_at];

    /// <summary>The name, as one of those already read when it is among them.</summary>
    public readonly string NameFrom(NameCache names) => _map is null ? names.Of(_elements.Current) : _map.Names[_at];

    public readonly Value Current => _map is null ? Value.From(_elements.Current.Value) : _map.Values[_at];

    public bool MoveNext() => _map is null ? _elements.MoveNext() : ++_at < _map.Count;
}
