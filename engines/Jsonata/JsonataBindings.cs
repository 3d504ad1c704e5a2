using System.Text.Json;
using Gateway.Jsonata.Library;

namespace Gateway.Jsonata;

/// <summary>The variables and the clock of one evaluation. Not for concurrent use while it is being filled.</summary>
/// <param name="now">What <c>$now()</c> and <c>$millis()</c> say, all through the evaluation.</param>
public sealed class JsonataBindings(DateTimeOffset now)
{
    private string[] _names = [];
    private Value[] _values = [];
    private int _count;

    public DateTimeOffset Now { get; } = now;

    /// <summary>What functions of the host may know of the evaluation that calls them. The language does not see it.</summary>
    public object? Host { get; init; }

    /// <summary>Whether a bound name hides a built-in function; calls then take the slower road of looking names up.</summary>
    internal bool HidesBuiltIns { get; private set; }

    public void Set(string name, JsonElement value) => Put(name, Value.From(value));

    /// <summary>Binds a string; null binds JSON null.</summary>
    public void Set(string name, string? value) => Put(name, value is null ? Value.Null : Value.From(value));

    public void Set(string name, double value) => Put(name, Value.From(value));

    public void Set(string name, decimal value) => Put(name, Value.From(value));

    public void Set(string name, bool value) => Put(name, Value.From(value));

    internal bool TryGet(string name, out Value value)
    {
        for (var i = _count - 1; i >= 0; i--)
        {
            if (_names[i] == name)
            {
                value = _values[i];
                return true;
            }
        }
        value = default;
        return false;
    }

    private void Put(string name, Value value)
    {
        name = name.StartsWith('$') ? name[1..] : name;
        HidesBuiltIns |= BuiltIns.Find(name) is not null;
        var at = Array.IndexOf(_names, name, 0, _count);
        if (at < 0)
        {
            at = _count++;
            if (at == _names.Length)
            {
                Array.Resize(ref _names, Math.Max(8, at * 2));
                Array.Resize(ref _values, _names.Length);
            }
        }
        _names[at] = name;
        _values[at] = value;
    }
}
