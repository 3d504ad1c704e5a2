using System.Collections.Frozen;

namespace Gateway.Jsonata.Library;

/// <summary>A function of the language: its name, its signature and how many arguments jsonata.js says it takes.</summary>
internal readonly record struct BuiltIn(string Name, string Signature, int Arity, NativeBody Body);

/// <summary>The functions every expression can call (docs.jsonata.org).</summary>
internal static class BuiltIns
{
    private static readonly FrozenDictionary<string, NativeFunction> Functions = Load();

    public static IEnumerable<string> Names => Functions.Keys;

    public static NativeFunction? Find(string name) => Functions.GetValueOrDefault(name);

    private static NativeFunction Make(BuiltIn function) =>
        new(function.Name, Signature.Known(function.Signature), function.Arity, function.Body) { Result = function.Signature[function.Signature.LastIndexOf(':') + 1] };

    private static FrozenDictionary<string, NativeFunction> Load()
    {
        BuiltIn[][] groups =
        [
            StringFunctions.All,
            MatchFunctions.All,
            EncodingFunctions.All,
            NumberFunctions.All,
            ArrayFunctions.All,
            ObjectFunctions.All,
            HigherOrderFunctions.All,
            DateFunctions.All,
        ];
        return groups.SelectMany(group => group)
            .ToFrozenDictionary(f => f.Name, Make, StringComparer.Ordinal);
    }
}
