namespace Gateway;

/// <summary>A list in YAML of which one entry may be written without brackets: <c>by: consumer</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneOrMoreAttribute : Attribute;
