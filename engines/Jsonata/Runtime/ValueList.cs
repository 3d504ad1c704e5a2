using System.Collections;
using System.Runtime.CompilerServices;

namespace Gateway.Jsonata.Runtime;

/// <summary>
/// An array made during evaluation. The marks are those JSONata's flattening rules depend on: a sequence of one
/// collapses to its item, a constructed array does not.
/// </summary>
internal sealed class ValueList : IEnumerable<Value>
{
    private Value[] _items;
    private int _count;
    private long _rangeStart;
    private bool _isRange;

    public ValueList(int capacity = 4) => _items = capacity == 0 ? [] : new Value[capacity];

    public ValueList(Value[] items)
    {
        _items = items;
        _count = items.Length;
    }

    /// <summary>Result of a path or a function, subject to collapsing and flattening.</summary>
    public bool IsSequence { get; set; }

    /// <summary>A sequence of one that stays an array, asked for by <c>[]</c>.</summary>
    public bool KeepSingleton { get; set; }

    /// <summary>Its items are rows.</summary>
    public bool IsTupleStream { get; set; }

    /// <summary>Built by an array constructor in a path: its items aren't flattened into the result.</summary>
    public bool IsConstructed { get; set; }

    /// <summary>Holds the input array as its single item, so that the root counts as one context.</summary>
    public bool IsOuterWrapper { get; set; }

    public int Count => _count;

    public ref Value this[int index] => ref Items[index];

    public ReadOnlySpan<Value> Span => Items.AsSpan(0, _count);

    private Value[] Items => _isRange ? Unroll() : _items;

    /// <summary>Consecutive integers; they take no room until one of them is looked at.</summary>
    public static ValueList Range(long start, int count) => new(0) { _isRange = true, _rangeStart = start, _count = count };

    public static ValueList Sequence(int capacity = 4) => new(capacity) { IsSequence = true };

    public static ValueList Sequence(in Value only)
    {
        var list = Sequence(1);
        list.Add(only);
        return list;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in Value value)
    {
        if (_count >= _items.Length)
        {
            Array.Resize(ref _items, Math.Max(4, Items.Length * 2));
        }
        _items[_count++] = value;
    }

    public void AddRange(in Value array)
    {
        if (array.List is { } list)
        {
            EnsureRoom(list._count);
            Array.Copy(list.Items, 0, _items, _count, list._count);
            _count += list._count;
            return;
        }
        EnsureRoom(array.Element.GetArrayLength());
        foreach (var item in array.Element.EnumerateArray())
        {
            _items[_count++] = Value.From(item);
        }
    }

    public IEnumerator<Value> GetEnumerator()
    {
        for (var i = 0; i < _count; i++)
        {
            yield return Items[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void EnsureRoom(int more)
    {
        if (_count + more > Items.Length)
        {
            Array.Resize(ref _items, Math.Max(_count + more, _items.Length * 2));
        }
    }

    private Value[] Unroll()
    {
        _items = new Value[_count];
        for (var i = 0; i < _count; i++)
        {
            _items[i] = Numeric.FromInteger(_rangeStart + i);
        }
        _isRange = false;
        return _items;
    }
}
