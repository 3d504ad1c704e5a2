using System.ComponentModel;

namespace Gateway.Configuration;

/// <summary>What is changed of named values.</summary>
public sealed record ChangesDocument
{
    [Description("Values by name, in place of what the caller sent.")]
    public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>();

    [Description("Names of what the backend does not get.")]
    public IReadOnlyList<string> Remove { get; init; } = [];
}
