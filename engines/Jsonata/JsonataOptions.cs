namespace Gateway.Jsonata;

/// <summary>How numbers are computed with.</summary>
public enum NumberMode
{
    /// <summary>A number that is only copied keeps its digits; arithmetic is decimal and exact while the result fits in 28 digits, IEEE double beyond.</summary>
    Exact,

    /// <summary>IEEE double throughout, as in jsonata.js.</summary>
    Double,
}

/// <summary>
/// A function of the host, called as <c>$name(…)</c>. It must not keep the span, and fails by returning
/// <see cref="JsonataValue.Failure"/>.
/// </summary>
/// <param name="arguments">One value per parameter of the signature; missing optional ones are undefined.</param>
/// <param name="bindings">Those of the evaluation; <see cref="JsonataBindings.Host"/> is what the host gave its functions to know.</param>
public delegate JsonataValue JsonataNative(ReadOnlySpan<JsonataValue> arguments, JsonataBindings bindings);

/// <summary>A function of the host with its JSONata signature, such as <c>&lt;s-s?:s&gt;</c>; the signature is checked before every call.</summary>
public sealed record JsonataFunction(string Signature, JsonataNative Body)
{
    /// <summary>
    /// Looks at a call while it is compiled: the arguments that are written as plain strings, null in the place of all others. What it
    /// returns is reported as S0603, with its cure.
    /// </summary>
    public Func<IReadOnlyList<string?>, (string Message, string Cure)?>? Check { get; init; }
}

/// <summary>What an expression may see and how much it may spend. The limits hold for one evaluation.</summary>
public sealed record JsonataOptions
{
    public static readonly JsonataOptions Default = new();

    public NumberMode Numbers { get; init; } = NumberMode.Exact;

    /// <summary>Units of work: a visited item, a call, a created value or 16 created characters. Exceeding it is error U1001.</summary>
    public int MaxSteps { get; init; } = 1_000_000;

    /// <summary>Levels of nested evaluation, counted as jsonata.js counts them. Exceeding it is error U1001.</summary>
    public int MaxDepth { get; init; } = 500;

    /// <summary>Bytes of the written result, and characters of any one string on the way. Exceeding it is error D2015.</summary>
    public int MaxOutputBytes { get; init; } = 8_388_608;

    /// <summary>Time one evaluation may take. Exceeding it is error U1001.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Names (without $) the caller binds. When given, a reference to any other unbound name is a diagnostic.</summary>
    public IReadOnlyList<string>? Variables { get; init; }

    /// <summary>Functions of the host by name (without $). They come before built-in ones of the same name.</summary>
    public IReadOnlyDictionary<string, JsonataFunction>? Functions { get; init; }

    /// <summary>
    /// Asked once for each part whose evaluation depends on data, with the line and column it begins at, from 1; what it returns is called at
    /// every evaluation of the part. Null builds nothing in.
    /// </summary>
    public Func<int, int, Action>? Watch { get; init; }

    /// <summary>The clock that <see cref="MaxTime"/> is measured on; <c>$now()</c> comes from the bindings instead.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
