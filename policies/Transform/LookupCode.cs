using Gateway.Jsonata;

namespace Gateway.Policies.Transform;

/// <summary>
/// <c>$lookupCode(table, value, member)</c>: the code that stands for a value, from the tables in <c>transforms/codes</c> and, before them,
/// the caller's partner's own. The table is <c>NAME</c>, or <c>NAME/SIDE</c> with the side whose code is wanted. A value that is missing has
/// no code; one without an entry is the table's default, nothing where the table says so, or an error, which begins with the member that
/// the value is of, where it is given.
/// </summary>
internal static class LookupCode
{
    public const string Name = "lookupCode";

    /// <summary>The error of a value that no entry and no default translates: the data's fault, not the mapping's.</summary>
    public const string Unmapped = "U2001";

    private const string Wrong = "U2002";

    public static JsonataFunction In(IReadOnlyDictionary<string, CodeTable> tables) =>
        new("<sxs?:s>", (arguments, bindings) => Run(arguments[0].AsString(), arguments[1], arguments[2].AsString(), tables, bindings.Host as Partner)) { Check = arguments => Check(arguments, tables) };

    private static JsonataValue Run(string? address, JsonataValue value, string? member, IReadOnlyDictionary<string, CodeTable> tables, Partner? partner)
    {
        if (address is null || value.Kind is JsonataKind.Undefined or JsonataKind.Null) return JsonataValue.Undefined;
        if (value.Kind is not (JsonataKind.String or JsonataKind.Number or JsonataKind.Boolean))
            return JsonataValue.Failure(Wrong, $"{address}: a code is text, a number or a boolean");
        if (Problem(address, tables) is var (message, _)) return JsonataValue.Failure(Wrong, message);
        var (name, side) = Split(address);
        var table = partner?.Codes.GetValueOrDefault(name) ?? tables[name];
        side ??= table.MainSide;
        var text = value.AsString() ?? value.ToString();
        if (table.Translate(side, text) is { } code) return JsonataValue.From(code);
        if (table.IsOptional(side)) return JsonataValue.Undefined;
        return JsonataValue.Failure(Unmapped, $"{(member is null ? "" : member + ": ")}{name}: there is no {side} code for '{text}'");
    }

    /// <summary>A table that is written out is looked up while the mapping is compiled.</summary>
    private static (string Message, string Cure)? Check(IReadOnlyList<string?> arguments, IReadOnlyDictionary<string, CodeTable> tables) =>
        arguments is [{ } address, ..] ? Problem(address, tables) : null;

    private static (string Message, string Cure)? Problem(string address, IReadOnlyDictionary<string, CodeTable> tables)
    {
        var (name, side) = Split(address);
        if (!tables.TryGetValue(name, out var table))
            return ($"there is no code table '{name}'", $"declare it in transforms/codes/{name}.yaml; {Nearest.Cure(name, tables.Keys)}");
        return side is null || table.Sides.Contains(side)
            ? null
            : ($"the code table '{name}' is not read towards '{side}'", $"write one of {string.Join(", ", table.Sides.Select(s => $"{name}/{s}"))}");
    }

    private static (string Name, string? Side) Split(string address) =>
        address.LastIndexOf('/') is >= 0 and var at ? (address[..at], address[(at + 1)..]) : (address, null);
}
