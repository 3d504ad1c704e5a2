namespace Gateway;

/// <summary>Where something stands in a workspace: file relative to the workspace root, line and column from 1; 0 where there is none.</summary>
public readonly record struct Place(string File, int Line, int Column)
{
    public static readonly Place None = new("", 0, 0);

    public override string ToString() => Line > 0 ? $"{File}({Line},{Column})" : File;
}

public enum Severity
{
    /// <summary>The workspace runs; somebody should look.</summary>
    Warning,

    /// <summary>The workspace does not run.</summary>
    Error,
}

/// <summary>
/// One finding about a workspace. A value, not an exception: all are collected, sorted by place and shown together.
/// Codes are stable: GW1xxx reading, GW2xxx names and routes, GW3xxx contracts, GW4xxx mappings and cases, GW5xxx policies, GW6xxx backends, GW7xxx secrets.
/// </summary>
public sealed record Diagnostic(string Code, Severity Severity, Place Place, string Message, string Cure)
{
    /// <summary><c>file(line,col): error GWnnnn: message; cure</c>, the form editors and CI logs make clickable.</summary>
    public override string ToString() =>
        $"{Place}: {(Severity == Severity.Error ? "error" : "warning")} {Code}: {Message}{(Cure.Length > 0 ? "; " + Cure : "")}";

    public static IEnumerable<Diagnostic> Sort(IEnumerable<Diagnostic> diagnostics) => diagnostics
        .Distinct()
        .OrderBy(d => d.Place.File, StringComparer.Ordinal)
        .ThenBy(d => d.Place.Line)
        .ThenBy(d => d.Place.Column)
        .ThenBy(d => d.Code, StringComparer.Ordinal)
        .ThenBy(d => d.Message, StringComparer.Ordinal);
}
