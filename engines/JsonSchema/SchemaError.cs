namespace Gateway.JsonSchema;

/// <summary>One reason why an instance is not valid.</summary>
/// <param name="InstancePointer">The offending place as a URI-fragment JSON Pointer (RFC 6901 section 6), e.g.
/// <c>#/orderLines/0/quantity</c>. For a missing member it is the object that misses it; for an unknown member it is that
/// member.</param>
/// <param name="Keyword">The schema keyword that failed.</param>
/// <param name="KeywordLocation">Where that keyword stands: the schema document's URI (empty for the root document without one)
/// and a pointer.</param>
/// <param name="Message">Plain English, without the value: <c>must be greater than 0</c>.</param>
/// <param name="Sensitive">The schema marks this place with <c>x-sensitive: true</c>, or one around it; the pointer then ends there, since even names
/// of members may be what must not be told.</param>
public readonly record struct SchemaError(string InstancePointer, string Keyword, string KeywordLocation, string Message, bool Sensitive);
