namespace Gateway.Jsonata;

/// <summary>What compiling gave: an expression, or the reasons why there is none.</summary>
public sealed record JsonataCompilation(JsonataExpression? Expression, IReadOnlyList<JsonataDiagnostic> Diagnostics);

/// <summary>A finding in the source of an expression.</summary>
/// <param name="Code">The code jsonata.js uses (S0201 …); S0600 is a name nobody binds, S0601 an expression nested too deeply, S0602 an invalid regular expression, S0603 what a function of the host says of a call.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Cure">What to do about it.</param>
public sealed record JsonataDiagnostic(string Code, int Line, int Column, string Message, string Cure);

/// <summary>How an evaluation ended.</summary>
/// <param name="HasValue">Whether a JSON value was written. False for an undefined result and for an error.</param>
/// <param name="Error">Set when evaluation failed; whatever the writer received by then is to be discarded.</param>
public readonly record struct JsonataOutcome(bool HasValue, JsonataError? Error);

/// <summary>Why an evaluation failed.</summary>
/// <param name="Code">The code jsonata.js uses (T0410, D3001 …); U1001 when steps, depth or time ran out.</param>
/// <param name="Position">Offset in the source where the failing part begins, from 0.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Token">The operator or function concerned, if known.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
public sealed record JsonataError(string Code, int Position, string Message, string? Token, int Line, int Column);
