namespace Gateway;

/// <summary>A member that code sets, and no workspace: YAML does not know it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotWrittenAttribute : Attribute;
