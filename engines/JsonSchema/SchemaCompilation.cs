namespace Gateway.JsonSchema;

/// <summary>What compiling gave: a schema, or the reasons why there is none.</summary>
public sealed record SchemaCompilation(Schema? Schema, IReadOnlyList<SchemaDiagnostic> Diagnostics);

/// <summary>A finding in a schema document.</summary>
/// <param name="Uri">The document, as named by <see cref="SchemaOptions.BaseUri"/> or by the reference that loaded it.</param>
/// <param name="Pointer">Where in the document, as a URI-fragment JSON Pointer (RFC 6901 section 6), e.g.
/// <c>#/properties/id/type</c>.</param>
/// <param name="Line">1-based line of that place.</param>
/// <param name="Column">1-based column of that place, in characters.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Cure">What to do about it.</param>
public sealed record SchemaDiagnostic(string Uri, string Pointer, int Line, int Column, string Message, string Cure);
