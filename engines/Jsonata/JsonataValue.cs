using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Gateway.Jsonata;

/// <summary>The kinds of value an expression computes with.</summary>
public enum JsonataKind : byte
{
    /// <summary>No value: what a missing field gives. It never reaches the output.</summary>
    Undefined,
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
    Function,
}

/// <summary>
/// One value. Strings, numbers, arrays and objects of the input stay the caller's <see cref="JsonElement"/> until
/// something looks inside, so that what is only copied costs nothing and keeps its digits.
/// </summary>
public readonly struct JsonataValue
{
    /// <summary>A row of a tuple stream: a context with the variables bound along the path. Never leaves the evaluator.</summary>
    internal const JsonataKind RowKind = (JsonataKind)100;

    /// <summary>The mark a tail call leaves for the loop that runs it.</summary>
    internal const JsonataKind TailCallKind = (JsonataKind)101;

    /// <summary>Stands for an object or an array that was written while it was made.</summary>
    internal const JsonataKind WrittenKind = (JsonataKind)103;

    /// <summary>What a host function returns to fail.</summary>
    internal const JsonataKind FailureKind = (JsonataKind)102;

    /// <summary>The kind of each <see cref="JsonValueKind"/> that stays an element.</summary>
    private static ReadOnlySpan<JsonataKind> ElementKinds =>
        [JsonataKind.Undefined, JsonataKind.Object, JsonataKind.Array, JsonataKind.String, JsonataKind.Number];

    private readonly object? _reference;
    private readonly long _bits;

    /// <summary>Kind, form and scale in one word: with three fields in all a value travels in registers, with five it does not.</summary>
    private readonly ulong _tag;

    internal JsonataValue(JsonataKind kind, object? reference = null, long bits = 0, NumberForm form = NumberForm.Raw, byte scale = 0)
    {
        _reference = reference;
        _bits = bits;
        _tag = (uint)kind | ((ulong)form << 8) | ((ulong)scale << 16);
    }

    private JsonataValue(JsonataKind kind, JsonElement element)
    {
        _tag = (uint)kind;
        _reference = ElementParts.Document(ref element);
        _bits = ElementParts.Index(ref element);
    }

    public static JsonataValue Undefined => default;

    public static JsonataValue Null => new(JsonataKind.Null);

    internal static JsonataValue EmptyString => new(JsonataKind.String, "");

    public JsonataKind Kind => (JsonataKind)(byte)_tag;

    internal NumberForm Form => (NumberForm)(byte)(_tag >> 8);

    internal byte Scale => (byte)(_tag >> 16);

    internal long Bits => _bits;

    internal JsonElement Element => ElementParts.Join(Unsafe.As<JsonDocument>(_reference!), (int)_bits);

    /// <summary>Whether it still is the caller's.</summary>
    internal bool IsElement => _reference is JsonDocument;

    internal object? Reference => _reference;

    internal bool IsUndefined => Kind == JsonataKind.Undefined;

    /// <summary>A variable slot that was never bound, as opposed to one bound to undefined.</summary>
    internal bool IsUnbound => Kind == JsonataKind.Undefined && _bits == 0;

    internal static JsonataValue BoundUndefined => new(JsonataKind.Undefined, null, 1);

    internal ValueList? List => _reference as ValueList;

    internal ValueMap? Map => _reference as ValueMap;

    internal Function? Function => _reference as Function;

    internal bool IsTrue => _bits != 0;

    public static JsonataValue From(string value) => new(JsonataKind.String, value);

    public static JsonataValue From(bool value) => new(JsonataKind.Boolean, null, value ? 1 : 0);

    public static JsonataValue From(double value) => Numeric.FromDouble(value);

    public static JsonataValue From(decimal value) => Numeric.FromDecimal(value);

    /// <summary>Returned by a host function, ends the evaluation with an error of this code.</summary>
    public static JsonataValue Failure(string code, string message) => new(FailureKind, (code, message));

    /// <summary>Wraps JSON without copying: the element's document must outlive the evaluation.</summary>
    public static JsonataValue From(JsonElement value)
    {
        var kind = value.ValueKind;
        if (kind is >= JsonValueKind.Object and <= JsonValueKind.Number)
        {
            return new(ElementKinds[(int)kind], value);
        }
        return FromKeyword(kind);
    }

    private static JsonataValue FromKeyword(JsonValueKind kind) => kind switch
    {
        JsonValueKind.True => From(true),
        JsonValueKind.False => From(false),
        JsonValueKind.Null => Null,
        _ => default,
    };

    internal static JsonataValue From(ValueList list) => new(JsonataKind.Array, list);

    internal static JsonataValue From(ValueMap map) => new(JsonataKind.Object, map);

    internal static JsonataValue From(Function function) => new(JsonataKind.Function, function);

    internal static JsonataValue From(int value) => new(JsonataKind.Number, null, value, NumberForm.Inline);

    /// <summary>The text of a string; null for any other kind.</summary>
    public string? AsString() => Kind == JsonataKind.String ? Text : null;

    /// <summary>The value of a boolean; null for any other kind.</summary>
    public bool? AsBoolean() => Kind == JsonataKind.Boolean ? IsTrue : null;

    /// <summary>The value of a number that a decimal can hold exactly; null otherwise.</summary>
    public decimal? AsDecimal() => Kind == JsonataKind.Number && Numeric.TryGetDecimal(this, out var value) ? value : null;

    /// <summary>The value of a number; null for any other kind.</summary>
    public double? AsDouble() => Kind == JsonataKind.Number ? Numeric.ToDouble(this) : null;

    /// <summary>A field of an object; undefined when there is none or this is no object.</summary>
    public JsonataValue this[string name] => Kind == JsonataKind.Object ? Field(name) : default;

    /// <summary>The items of an array; nothing for any other kind.</summary>
    public IEnumerable<JsonataValue> Items()
    {
        foreach (var item in Kind == JsonataKind.Array ? this.ToList() : [])
        {
            yield return item;
        }
    }

    internal string Text => _reference as string ?? LooseText.Read(Element);

    internal int Count => _reference is ValueList list ? list.Count : Element.GetArrayLength();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal JsonataValue Field(PropertyName name)
    {
        if (_reference is ValueMap map)
        {
            return map[name.Text];
        }
        if (!Element.TryGetProperty(name.Utf8, out var found))
        {
            return default;
        }
        return From(found);
    }

    internal JsonataValue Field(string name)
    {
        if (_reference is ValueMap map)
        {
            return map[name];
        }
        return Element.TryGetProperty(name, out var found) ? From(found) : default;
    }

    /// <summary>The item at an index that is known to be within the array.</summary>
    internal JsonataValue At(int index) => _reference is ValueList list ? list[index] : From(Element[index]);

    /// <summary>The items as a list to read from; a copy only when the array still is text.</summary>
    internal ValueList ToList()
    {
        if (_reference is ValueList list)
        {
            return list;
        }
        var copy = new ValueList(Element.GetArrayLength());
        foreach (var item in Element.EnumerateArray())
        {
            copy.Add(From(item));
        }
        return copy;
    }

    public override string ToString() => Kind == JsonataKind.Undefined ? "undefined" : JsonText.Lenient(this);
}
